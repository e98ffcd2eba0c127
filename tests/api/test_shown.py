"""How a run, a comparison and a training look in a notebook."""

from __future__ import annotations

from html.parser import HTMLParser

import pandas as pd
import pytest

import seqrun
from seqrun.console.notebook import NotebookView
from seqrun.errors import UsageError
from seqrun.events.events import Epoch, Finished, Started, Warned

ODD = "<script>alert('x')</script> & more"


class Texts(HTMLParser):
    """The texts of all cells and lines, and the tags that were used."""

    def __init__(self, html: str):
        super().__init__()
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)

    def handle_data(self, data):
        self.texts.append(data)


def test_a_run_shows_its_metrics_with_every_text_escaped(make_run):
    run = seqrun.load(make_run(test={"auc": 0.9312, "loss": 0.2}, skill=0.5, warnings=[ODD]))
    shown = Texts(run._repr_html_())
    assert {"auc", "0.9312", "test", f"⚠ {ODD}"} <= {*shown.texts}
    assert "script" not in shown.tags and "table" in shown.tags


def test_a_comparison_is_a_table_of_the_rows_and_shows_means_with_deviations(make_run):
    paths = [make_run(seed=1, test={"auc": 0.9}), make_run(seed=2, test={"auc": 0.8})]
    paths += [make_run(name=ODD, settings={"architecture.units": 64}, test={"auc": 0.95})]
    table = seqrun.compare(paths, metrics=["auc"])
    assert [*table["name"]] == [ODD, "imdb_lstm"]
    assert [*table["test.auc"]] == pytest.approx([0.95, 0.85])
    assert [*table["test.auc_sd"]] == pytest.approx([float("nan"), 0.1 / 2**0.5], nan_ok=True)
    assert [*table["n"]] == [1, 2] and [*table["architecture.units"]] == [64, 32]
    shown = Texts(table._repr_html_())
    assert {"imdb_lstm", "0.8500 ± 0.0707 (2)", "0.9500", "64"} <= {*shown.texts} and "script" not in shown.tags
    table["own"] = ODD  # what is added is shown, too
    assert ODD in Texts(table._repr_html_()).texts


def test_what_is_taken_from_a_comparison_is_a_plain_table(make_run):
    table = seqrun.compare(seqrun.load(make_run(test={"auc": 0.9})))
    assert isinstance(table, pd.DataFrame)
    assert type(table[["name"]]) is pd.DataFrame and type(table.sort_values("name")) is pd.DataFrame


def test_a_comparison_skips_what_is_no_run_with_a_warning(make_run, tmp_path):
    make_run(test={"auc": 0.9})
    (tmp_path / "runs" / "other").mkdir()
    with pytest.warns(UserWarning, match="skipped .*other: no run"):
        table = seqrun.compare((tmp_path / "runs").iterdir())
    assert len(table) == 1
    with pytest.raises(UsageError, match="no such run directory"):
        seqrun.compare("nowhere", runs_dir=tmp_path / "runs")


def test_the_view_shows_the_last_epochs_the_best_one_and_how_it_ended():
    pytest.importorskip("IPython")
    view = NotebookView()
    view(Started("runs/x", ODD, 30, 10, 100, 5, "CPU", "val_loss"))
    view(Warned("careful"))
    for number in range(1, 21):
        row = {"epoch": number, "loss": 1 / number, "val_loss": 2 / number}
        row |= {"learning_rate": 0.1, "seconds": 0.5, "samples_per_second": 9}
        view(Epoch(row, number, 2 / number))
    running = Texts(view._as_html())
    assert {ODD, "⚠ careful", "20", "9"} <= {*running.texts} and "8" not in running.texts
    assert any(text.startswith("epoch 20/30") for text in running.texts)
    view._finished = Finished("runs/x", "failed", error="the disk is full")
    assert Texts(view._as_html()).texts[-1] == "error: the disk is full"
