"""What the page of `seqrun report` says of runs, and that nothing in it is run or loaded."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from commands import run_command

from seqrun.rundir.history import to_csv

NASTY = "</script><script>alert(1)</script><img src=x onerror=alert(2)> \" ' & {{ 7 * 7 }} \u202e\x1b[31m"
HISTORY = [
    {"epoch": 1, "loss": 0.9, "val_loss": 0.8, "auc": 0.5, "val_auc": 0.55},
    {"epoch": 2, "loss": 0.5, "val_loss": 0.6, "auc": 0.7, "val_auc": 0.75},
    {"epoch": 3, "loss": 0.3, "val_loss": 0.7, "auc": 0.9, "val_auc": 0.70},
]
PLOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=")


def rows(table) -> list[list[str]]:
    """The cells' texts, without what only a screen reader says, and white space as one blank."""

    def words(cell) -> str:
        return " ".join("".join(each if isinstance(each, str) else spoken(each) for each in cell.children).split())

    def spoken(element) -> str:
        return "" if "unseen" in (element.attributes.get("class") or "") else element.text

    return [[words(cell) for cell in row.children if not isinstance(cell, str)] for row in table.all("tr")]


# --- the table ------------------------------------------------------------------------------------------------------


def test_the_table_has_the_figures_of_compare(make_run, page_of):
    runs = [make_run(seed=seed, test={"auc": 0.8 + seed / 100}, skill=0.5) for seed in range(3)]
    runs += [make_run(name="other", settings={"architecture.units": 64}, test={"auc": 0.75}, skill=-0.1)]
    (table,) = page_of(*runs).all("table", class_="rows")
    of_compare = csv.DictReader(io.StringIO(run_command("compare", *runs, "--format", "csv").stdout))
    header, *lines = rows(table)
    assert header[:5] == ["run", "test.auc", "verdict", "difference [95%]", "skill"]
    judged = json.loads(run_command("compare", *runs, "--json").stdout)
    assert [line[2].split()[0] for line in lines] == [row["verdict"].split()[0] for row in judged]
    for line, row in zip(lines, of_compare, strict=True):
        assert line[0].startswith(row["name"])
        assert float(line[1].split()[0]) == pytest.approx(float(row["test.auc"]), abs=5e-5)
    cell = table.all("tbody")[0].all("td", class_="best")[0]
    assert float(cell.attributes["data-order"]) == pytest.approx(0.81) and "best of the column" in cell.text


def test_unlike_runs_have_tables_of_their_own(make_run, page_of):
    texts = make_run(test={"auc": 0.9}, settings={"architecture.units": 8})
    more = make_run(test={"auc": 0.8}, settings={"architecture.units": 16})
    series = make_run(name="load", test={"mae": 2.0}, settings={"dataset.name": "series", "trainer.name": "forecaster"})
    page = page_of(texts, more, series)
    first, second = (rows(table)[0] for table in page.all("table", class_="rows"))
    assert {"test.auc", "units"} <= {*first} and "test.mae" not in first
    assert second == ["run", "test.mae", "parameters", "epochs", "training"]
    assert [heading.text for heading in page.all("h2")] == ["imdb · classifier", "series · forecaster", "Runs"]


def test_what_has_not_finished_is_shown_as_such(make_run, page_of):
    make_run(test={"auc": 0.9})
    make_run(name="broken", status="failed", error="ValueError: no room", settings={"architecture.units": 1})
    make_run(name="going", status="running", settings={"architecture.units": 2}, history=HISTORY)
    page = page_of(*make_run.runs_dir.iterdir())
    (table,) = page.all("table", class_="rows")
    assert {line[1] for line in rows(table)[1:]} == {"finished", "failed", "running"}
    shown = {
        each.all("h3")[0].text.partition("_")[2]: each.text for each in page.all("details") if "id" in each.attributes
    }
    assert "ValueError: no room" in shown["broken"]


def test_what_is_damaged_is_skipped_with_its_reason(make_run, page_of, tmp_path):
    good, bad = make_run(test={"auc": 0.9}), make_run(test={"auc": 0.8}, name="bad")
    (bad / "metrics.json").write_text('{"test": {"auc": ')
    page = page_of(good, bad)
    (note,) = [each.text for each in page.all("li") if each.text.startswith("Skipped")]
    assert "metrics.json" in note and "damaged" in note
    assert len(page.all("details", class_="run")) == len([good]) + 1  # and its card


def test_metrics_that_no_run_has_are_an_error(make_run, tmp_path):
    found = run_command("report", make_run(test={"auc": 0.9}), "--metric", "auk", "-o", tmp_path / "r.html", code=2)
    assert "auk" in found.output and "did you mean" in found.output
    assert not (tmp_path / "r.html").exists()


def test_a_metric_of_one_family_is_asked_for(make_run, page_of):
    texts = make_run(test={"auc": 0.9, "f1": 0.8})
    series = make_run(test={"mae": 2.0}, settings={"dataset.name": "series", "trainer.name": "forecaster"})
    first, second = (rows(table)[0] for table in page_of(texts, series, "--metric", "f1").all("table", class_="rows"))
    assert first[1] == "test.f1" and second[1] == "test.mae"


# --- curves ---------------------------------------------------------------------------------------------------------


def test_curves_are_the_history(make_run, page_of):
    run = make_run(history=HISTORY, test={"auc": 0.9})
    page = page_of(run)
    drawn = {}
    for chart, metric in zip(page.all("div", class_="chart"), ("loss", "auc"), strict=True):
        for figure in chart.all("figure"):
            (drawing,) = figure.all("svg")
            at = {name: float(drawing.attributes[f"data-{name}"]) for name in ("low", "high", "top", "bottom")}
            (path,) = (each for each in drawing.all("g", class_="curve")[0].all("path"))
            heights = [float(pair.split(",")[1]) for pair in path.attributes["d"][1:].split(" ")]
            name = metric if figure.all("figcaption")[0].text.startswith("training") else f"val_{metric}"
            share = (at["bottom"] - np.array(heights)) / (at["bottom"] - at["top"])
            drawn[name] = at["low"] + share * (at["high"] - at["low"])
    assert set(drawn) == {"loss", "val_loss", "auc", "val_auc"}
    for name, values in drawn.items():
        np.testing.assert_allclose(values, [row[name] for row in HISTORY], atol=2e-4)


def test_a_curve_tells_its_best_epoch_in_words(make_run, page_of):
    page = page_of(make_run(history=HISTORY, test={"auc": 0.9}))
    told = [each.all("title")[0].text for each in page.all("g", class_="curve")]
    assert any(text.endswith("val_loss 0.7000 at epoch 3, its last, 0.8000 at epoch 1, its best") for text in told)


def test_losses_of_unlike_sizes_are_drawn_logarithmically(make_run, page_of):
    history = [{"epoch": n, "loss": 10.0 ** (4 - n), "val_loss": 10.0 ** (4 - n)} for n in range(1, 6)]
    page = page_of(make_run(history=history, test={"auc": 0.9}))
    assert "logarithmic" in page.all("figcaption")[0].text
    points = page.all("g", class_="curve")[0].all("path")[0].attributes["d"][1:].split(" ")
    steps = np.diff([float(point.split(",")[1]) for point in points])
    np.testing.assert_allclose(steps, steps[0], atol=0.02)  # equal factors are equal steps


# --- runs -----------------------------------------------------------------------------------------------------------


def test_mistakes_come_first_and_are_marked(make_run, page_of, with_examples):
    def example(row, target, prediction, probability):
        found = {"row": row, "target": target, "prediction": prediction, "probability": probability}
        return {**found, "text": f"text {row}"}

    samples = [
        example(1, "a", "a", 0.9),
        example(2, "a", "b", 0.6),
        example(3, "b", "b", 0.8),
        example(4, "b", "a", 0.7),
    ]
    page = page_of(with_examples(make_run(test={"auc": 0.9}), samples))
    (table,) = [each for each in page.all("table") if rows(each)[0] == ["test row", "is", "predicted", "text"]]
    assert [row[0] for row in rows(table)[1:]] == ["4 wrong", "2 wrong", "1", "3"]


def test_the_worst_forecasts_are_drawn(page_of, forecaster):
    rng = np.random.default_rng(0)
    targets, predictions = rng.normal(size=(2, 20, 6, 1))
    page = page_of(forecaster(targets, predictions))
    (sketches,) = page.all("div", class_="sketches")
    errors = np.abs(targets - predictions).mean(axis=(1, 2))
    worst = np.argsort(-errors)[:3]
    told = [caption.text for caption in sketches.all("figcaption")]
    assert told == [f"forecast from row {100 + number}: mae {errors[number]:.4f}" for number in worst]


def test_the_worst_reconstructions_are_drawn_pixel_by_pixel(make_run, page_of):
    image = pytest.importorskip("PIL.Image")
    targets = np.linspace(0, 1, 5 * 6 * 7).reshape(5, 6, 7).astype(np.float32)
    errors = np.array([0.1, 0.5, 0.2, 0.4, 0.3], np.float32)
    settings = {"dataset.name": "mnist", "trainer.name": "autoencoder"}
    run = make_run(settings=settings, test={"reconstruction_mse": 0.1})
    np.savez(run / "predictions.npz", targets=targets, predictions=targets[::-1], errors=errors, index=np.arange(5))
    (sketches,) = page_of(run).all("div", class_="sketches")
    pictures = [each.attributes for each in sketches.all("img")]
    assert [each["alt"].split(":")[1].split()[1] for each in pictures[::2]] == ["1", "3", "4", "2"]
    sample, made = (
        np.asarray(image.open(io.BytesIO(base64.b64decode(each["src"].partition(",")[2])))) for each in pictures[:2]
    )
    low, high = min(targets[1].min(), targets[3].min()), max(targets[1].max(), targets[3].max())
    np.testing.assert_array_equal(sample, np.round(255 * (targets[1] - low) / (high - low)))
    np.testing.assert_array_equal(made, np.round(255 * (targets[3] - low) / (high - low)))


def test_damaged_predictions_and_examples_are_told_and_the_run_is_shown(page_of, forecaster, with_examples):
    run = with_examples(forecaster(np.zeros((3, 4, 1)), np.ones((3, 4, 1))), [])
    (run / "predictions.npz").write_bytes((run / "predictions.npz").read_bytes()[:200])
    (run / "artifacts" / "examples.json").write_text("[{")
    page = page_of(run)
    notes = [each.text for each in page.all("details", class_="run")[-1].all("li")]
    assert any("predictions.npz: nothing of it is drawn" in note for note in notes)
    assert any("examples.json" in note for note in notes)


def test_plots_stand_in_the_page_with_words(make_run, page_of):
    run = make_run(test={"auc": 0.9})
    (run / "plots").mkdir()
    (run / "plots" / "confusion_matrix.png").write_bytes(PLOT)
    (run / "plots" / "text.png").write_text("<svg onload=alert(1)>")
    page = page_of(run)
    (picture,) = page.all("img")
    assert base64.b64decode(picture.attributes["src"].removeprefix("data:image/png;base64,")) == PLOT
    assert picture.attributes["alt"] == f"Plot of {run.name}: confusion matrix"
    assert any("text.png is not shown: it is no PNG file" in each.text for each in page.all("li"))
    assert page_of(run, "--no-plots").all("img") == []


def test_what_differs_in_the_config_is_marked_and_the_rest_stands_once(make_run, page_of):
    runs = [make_run(test={"auc": 0.9}, settings={"architecture.units": units}) for units in (8, 16)]
    page = page_of(*runs)
    marked = [each.text.split() for each in page.all("dt", class_="differs")]
    assert marked == [["architecture.units", "differs"]] * 2
    assert [each.text.strip() for each in page.all("dt")].count("dataset.num_words") == 1


# --- what others wrote ----------------------------------------------------------------------------------------------


@pytest.fixture
def nasty(make_run, with_examples) -> Path:
    example = {"row": 1, "target": NASTY, "prediction": NASTY, "probability": 0.5, "text": NASTY}
    run = make_run(
        test={"auc": 0.9, NASTY: 0.1},
        history=HISTORY,
        settings={"notes": NASTY, "architecture.name": NASTY, "dataset.path": NASTY, "tags": [NASTY]},
        warnings=[NASTY],
        device=NASTY,
        argv=[NASTY],
    )
    record = json.loads((run / "run.json").read_text())
    (run / "run.json").write_text(json.dumps({**record, "name": NASTY}))
    return with_examples(run, [example])


def test_nothing_of_a_run_is_markup(nasty, page_of):
    page = page_of(nasty, "--title", NASTY)
    allowed = {"script": 1, "img": 0, "style": 1, "meta": 6, "link": 1}
    assert {tag: len(page.all(tag)) for tag in allowed} == allowed
    named = [name for each in page.all() for name in each.attributes]
    assert not [name for name in named if name.startswith("on") or name == "style"]
    assert "\u202e" not in page.text and "\x1b" not in page.text and "49" not in page.all("h1")[0].text


def test_the_pages_own_policy_lets_nothing_else_run_or_load(nasty, page_of):
    page = page_of(nasty)
    (policy,) = [each.attributes["content"] for each in page.all("meta", **{"http-equiv": "Content-Security-Policy"})]
    for tag in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(page.all(tag)[0].text.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}';" in policy
    assert policy.startswith("default-src 'none';")
    links = [each.attributes.get(name) for each in page.all() for name in ("href", "src") if name in each.attributes]
    assert all(link.startswith(("#", "data:")) for link in links)


def test_every_link_within_the_page_leads_somewhere(make_run, page_of):
    runs = [make_run(seed=seed, test={"auc": 0.8}, warnings=["look"]) for seed in range(3)]
    page = page_of(*runs)
    ids = [each.attributes["id"] for each in page.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids))
    assert {each.attributes["href"][1:] for each in page.all("a")} <= set(ids)


def test_thirty_runs_are_less_than_half_a_megabyte_beside_pictures(make_run, tmp_path):
    long = [{"epoch": n, "loss": 1 / n, "val_loss": 2 / n, "auc": 0.5, "val_auc": 0.5} for n in range(1, 101)]
    for number in range(30):
        run = make_run(test={"auc": 0.9}, settings={"architecture.units": number}, warnings=[f"note {number}"])
        (run / "history.csv").write_text(to_csv(long))
        (run / "plots").mkdir()
        (run / "plots" / "loss.png").write_bytes(PLOT)
    run_command("report", *make_run.runs_dir.iterdir(), "-o", tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert text.count("data:image/png") == 30
    assert len(re.sub(r"data:image/png;base64,[\w+/=]*", "", text).encode()) < 500_000


def without_pictures(page: Path) -> int:
    return len(re.sub(r"data:image/png;base64,[\w+/=]*", "", page.read_text("utf-8")).encode())


def test_more_runs_than_fit_are_told(make_run, page_of, monkeypatch, tmp_path):
    runs = [make_run(test={"auc": 0.9}, settings={"architecture.units": units}) for units in (8, 16, 32)]
    page_of(*runs)
    text = (tmp_path / "report.html").read_text("utf-8")
    section = text.index("</details>", start := text.index('<details class="run" id="run-1"')) - start
    monkeypatch.setattr("seqrun.comparing.report.page.MOST_TEXT", len(text.encode()) - section)
    monkeypatch.setattr("seqrun.comparing.report.page.FEWEST_TEXT", 1)
    page = page_of(*runs)
    assert len([each for each in page.all("details") if "id" in each.attributes]) == 1
    assert any("2 runs with no section of their own" in each.text for each in page.all("li"))
    assert len(rows(page.all("table", class_="rows")[0])) == 4  # all are in the table


def test_a_page_is_as_small_as_it_may_be_with_runs_of_all_families(make_run, page_of, monkeypatch, tmp_path):
    names = ("text", "imdb", "sequences", "tokens")
    for name in names:
        for units in (8, 16, 32, 64):
            make_run(test={"auc": 0.9}, settings={"architecture.units": units, "dataset.name": name})
    page_of(*make_run.runs_dir.iterdir())
    whole = (tmp_path / "report.html").stat().st_size
    monkeypatch.setattr("seqrun.comparing.report.page.MOST_TEXT", most := int(0.8 * whole))
    monkeypatch.setattr("seqrun.comparing.report.page.FEWEST_TEXT", 1)
    page = page_of(*make_run.runs_dir.iterdir())
    assert 0.9 * most < (tmp_path / "report.html").stat().st_size < most + 1000  # beside what it says of this
    sections = [each.text for each in page.all("details") if "id" in each.attributes]
    assert 4 <= len(sections) < 16
    assert all(any(f"{name} · classifier" in text for text in sections) for name in names)


@pytest.mark.parametrize("kind", ["rows", "seeds", "families", "warnings", "skipped"])
def test_a_page_of_very_many_runs_is_no_larger_than_one_may_be(make_run, page_of, monkeypatch, tmp_path, kind):
    history = [{"epoch": n, "loss": 1 / n, "val_loss": 2 / n, "auc": 0.5, "val_auc": 0.5} for n in range(1, 31)]
    text = to_csv(history)
    for number in range(60):
        settings = {"architecture.units": 8 if kind == "seeds" else number}
        settings |= {"dataset.name": f"data{number}"} if kind == "families" else {}
        warnings = [f"note {number}: {'x' * 2000}"] if kind == "warnings" else []
        run = make_run(test={"auc": 0.9}, seed=number, settings=settings, warnings=warnings)
        (run / "history.csv").write_text(text)
        if kind == "skipped" and number:
            (run / "run.json").write_text("?")
    monkeypatch.setattr("seqrun.comparing.report.page.MOST_TEXT", most := 100_000)
    monkeypatch.setattr("seqrun.comparing.report.page.FEWEST_TEXT", 20_000)
    page = page_of(*make_run.runs_dir.iterdir())
    assert without_pictures(tmp_path / "report.html") < most + 2_000  # beside what it says of this
    assert any("id" in each.attributes for each in page.all("details", class_="run"))  # some have a section
    told = " ".join(each.text for each in page.all("li"))
    left_out = {"rows": "left out of the tables", "families": "families left out", "skipped": "and 39 more"}
    assert left_out.get(kind, "with no section of their own") in told
    shown = len(rows(page.all("table", class_="rows")[0]))
    assert kind != "rows" or f"{61 - shown} rows left out of the tables" in told


def test_rows_of_one_name_are_told_apart_in_the_legend(make_run, page_of):
    history = [{"epoch": 1, "loss": 1.0, "val_loss": 1.0}]
    for units in (8, 16):
        make_run(name="same", history=history, test={"auc": 0.9}, settings={"architecture.units": units})
    make_run(name="other", history=history, test={"auc": 0.9}, settings={"architecture.units": 32})
    (legend,) = page_of(*make_run.runs_dir.iterdir()).all("ul", class_="legend")
    told = {each.text.strip() for each in legend.all("li")}
    assert told == {"other", *(path.name for path in make_run.runs_dir.iterdir() if "same" in path.name)}


def test_plots_that_are_too_much_for_a_page_are_told(make_run, page_of, monkeypatch):
    monkeypatch.setattr("seqrun.comparing.report.page.MOST_PICTURES", 1)
    for units in (8, 16):
        run = make_run(test={"auc": units / 100}, settings={"architecture.units": units})
        (run / "plots").mkdir()
        (run / "plots" / "loss.png").write_bytes(PLOT)
    page = page_of(*make_run.runs_dir.iterdir())
    assert len(page.all("img")) == 1
    assert any("1 run with no plots" in each.text for each in page.all("li"))


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_page_is_made_without_tensorflow_and_plugins(make_run, tmp_path):
    run = make_run(test={"auc": 0.9}, history=HISTORY, settings={"plugins": [str(tmp_path / "own.py")]})
    (tmp_path / "own.py").write_text("raise SystemExit('a plugin was loaded')")
    slow = ("tensorflow", "keras", "pandas", "sklearn", "matplotlib", "scipy", "pyarrow")
    code = (
        "import sys\nfrom seqrun.cli import main\n"
        "try: main()\nexcept SystemExit as exit: assert not exit.code, exit.code\n"
        f"print(*[name for name in {slow} if name in sys.modules], file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "report", str(run)]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("<!doctype html>") and ended.stderr.splitlines()[-1] == ""


def test_a_file_of_no_known_kind_asks_for_the_format(make_run, tmp_path):
    found = run_command("report", make_run(test={"auc": 0.9}), "-o", tmp_path / "report.pdf", code=2)
    assert "--format html or --format md" in found.output
