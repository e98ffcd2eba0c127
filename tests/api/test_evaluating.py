"""Runs measured again from Python, against what training recorded and what is counted by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE

import seqrun
from seqrun.errors import DataError, InputError

pytestmark = pytest.mark.usefixtures("undrawn_plots")
DATA = SMOKE / "data"


def test_the_test_split_gives_what_training_gave(family_run):
    run = seqrun.load(family_run("text"))
    found = run.evaluate()
    recorded = run.metrics["test"]
    assert found.metrics == pytest.approx({name: recorded[name] for name in found.metrics}, abs=1e-6)
    assert (found.name, found.path) == ("test", run.path / "evaluations" / "test")
    assert [*found.predictions["target"]] == [*run.predictions["target"]]
    assert "in training" in found._repr_html_()


def test_a_table_is_measured_as_its_file_is(family_run):
    run = seqrun.load(family_run("text"))
    frame = pd.read_csv(DATA / "reviews.csv")
    found, of_file = run.evaluate(frame), run.evaluate(DATA / "reviews.csv")
    assert found.metrics == of_file.metrics and found.path is None and of_file.name == "reviews"
    rows = found.predictions
    assert [*rows["target"]] == [*frame["rating"]]
    assert found.metrics["accuracy"] == pytest.approx((rows["target"] == rows["predicted"]).mean())
    expected = pd.crosstab(rows["target"], rows["predicted"]).reindex(columns=["bad", "fair", "good"], fill_value=0)
    np.testing.assert_array_equal(found.confusion, expected)
    assert [*found.by_class["support"]] == [*frame["rating"].value_counts().sort_index()]


def test_texts_with_labels_beside_them_are_measured_as_their_table_is(family_run):
    run, frame = seqrun.load(family_run("text")), pd.read_csv(DATA / "reviews.csv")[:20]
    expected = run.evaluate(frame)
    for texts, labels in (([*frame["review"]], [*frame["rating"]]), (frame["review"], frame["rating"].to_numpy())):
        found = run.evaluate(texts, labels=labels)
        assert found.metrics == expected.metrics and found.path is None
    assert [*found.predictions["target"]] == [*frame["rating"]]


def test_arrays_with_labels_beside_them_are_measured_as_their_file_is(family_run, tmp_path):
    run = seqrun.load(family_run("sequences"))
    values = np.linspace(0, 1, 6 * 16 * 2).reshape(6, 16, 2)
    labels = np.array(run.predictions["target"][:6])
    np.savez(tmp_path / "new.npz", v=values, l=labels)
    found = run.evaluate(values, labels=labels)
    assert found.metrics == run.evaluate(tmp_path / "new.npz", column="v", label="l").metrics
    assert [*found.predictions["target"]] == [*labels]


def test_an_autoencoder_needs_no_labels(family_run):
    run, pictures = seqrun.load(family_run("mnist_conv_autoencoder")), np.arange(3 * 784).reshape(3, 28, 28) % 256
    rebuilt = run.predict(pictures, arrays=True)["predictions"]
    expected = np.mean((rebuilt - pictures / 255) ** 2)
    assert run.evaluate(pictures).metrics["reconstruction_mse"] == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(("config", "file", "target"), [("regressor", "wines", "price"), ("series", "series", "load")])
def test_numbers_are_measured_in_original_units(family_run, config, file, target):
    found = seqrun.load(family_run(config)).evaluate(pd.read_csv(DATA / f"{file}.csv"))
    errors = found.predictions[f"target_{target}"] - found.predictions[target]
    assert found.metrics["mae"] == pytest.approx(errors.abs().mean(), rel=1e-6)


def test_series_that_the_run_cannot_know_have_no_mase(family_run):
    frame = pd.DataFrame({"value": np.sin(np.arange(60) / 5)})
    with pytest.warns(UserWarning, match="have no names.* there is no mase"):
        found = seqrun.load(family_run("waves_rnn")).evaluate(frame)
    assert np.isnan(found.metrics["mase"]) and np.isfinite(found.metrics["mae"])


def test_tags_are_no_table(family_run):
    with pytest.raises(InputError, match=r"^the DataFrame: tags are read from a file in CoNLL form"):
        seqrun.load(family_run("tagger")).evaluate(pd.DataFrame({"token": ["a"], "tag": ["O"]}))


@pytest.mark.parametrize(
    ("data", "options", "error", "words"),
    [
        (None, {"split": "tets"}, InputError, "split 'tets': there are train, validation, test"),
        (["a text"], {}, InputError, "give labels, one for each text; or a DataFrame, or a file"),
        (["a text"], {"labels": []}, InputError, "labels: there are 0, and 1 samples"),
        (["a text"], {"labels": ["good"], "label": "x"}, InputError, "label 'x': the texts and labels have no names"),
        (["a text"], {"labels": ["god"]}, DataError, r"^the texts: 1 row[\s\S]*'god' is none of the run's classes"),
        (pd.DataFrame({"review": ["a"]}), {"labels": ["good"]}, InputError, "labels: are for texts and arrays"),
        (Path("nowhere.csv"), {}, InputError, r"data 'nowhere\.csv': there is no such file"),
        (pd.DataFrame({"review": ["a"]}), {}, DataError, "^the DataFrame: no column 'rating'"),
        (pd.DataFrame({"review": ["a"]}), {"name": "mine"}, InputError, "name 'mine': an evaluation on the Data"),
        (pd.DataFrame({"review": ["a"]}), {"split": "test"}, InputError, "give either split or data"),
        (None, {"delimiter": ";"}, InputError, "delimiter says how to read data"),
        (None, {"delimter": ";"}, TypeError, r"no parameter 'delimter' \(did you mean delimiter\?\)"),
    ],
)
def test_what_cannot_be_measured_is_told_in_words_of_the_call(family_run, data, options, error, words):
    with pytest.raises(error, match=words):
        seqrun.load(family_run("text")).evaluate(data, **options)
