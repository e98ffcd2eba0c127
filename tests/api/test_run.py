"""What a run says of itself, against what its directory holds."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE, arrays_of, run_command

import seqrun
from seqrun.errors import UsageError


def test_metrics_history_config_and_warnings_are_those_of_the_files(family_run):
    path = family_run("text")
    run, record = seqrun.load(path), json.loads((path / "run.json").read_text())
    assert run.metrics == json.loads((path / "metrics.json").read_text())
    pd.testing.assert_frame_equal(run.history, pd.read_csv(path / "history.csv"), check_dtype=False)
    assert (run.config, run.warnings, run.status) == (record["config"], record["warnings"], "finished")
    assert (run.name, run.path) == (path.name, path.resolve())


def test_a_classifiers_predictions_are_named(family_run):
    path = family_run("text")
    found, kept = seqrun.load(path).predictions, arrays_of(path / "predictions.npz")
    reviews = pd.read_csv(SMOKE / "data" / "reviews.csv")
    assert [*found["target"]] == [*reviews["rating"].iloc[kept["index"]]]
    names = ["bad", "fair", "good"]
    assert [*found["predicted"]] == [names[number] for number in kept["predictions"].argmax(axis=1)]
    np.testing.assert_array_equal(found[[f"probability_{name}" for name in names]], kept["predictions"])


def test_a_forecasters_predictions_have_a_row_a_step(family_run):
    path = family_run("series")
    found, kept = seqrun.load(path).predictions, arrays_of(path / "predictions.npz")
    load = pd.read_csv(SMOKE / "data" / "series.csv")["load"].to_numpy()
    np.testing.assert_array_equal(found["target_load"], load[found["row"] + found["step"]])
    samples = len(kept["index"])
    np.testing.assert_array_equal(found["load"].to_numpy().reshape(samples, 12), kept["predictions"][..., 0])
    assert (found["load_lower"] < found["load"]).all() and (found["load"] < found["load_upper"]).all()


def test_a_taggers_predictions_have_a_row_a_step(family_run):
    path = family_run("tagger")
    found = seqrun.load(path).predictions
    counts = json.loads((path / "run.json").read_text())["data"]["counts"]["test"]
    assert found["target"].value_counts().to_dict() == {tag: count for tag, count in counts.items() if count}
    assert (found["tag"] == found["target"]).mean() == pytest.approx(seqrun.load(path).metrics["test"]["accuracy"])


def test_labels_numbers_and_reconstructions_have_a_row_a_sample(family_run):
    labels = seqrun.load(family_run("multilabel")).predictions
    topics = pd.read_csv(SMOKE / "data" / "topics.csv")["topics"].iloc[labels["row"]]
    for found, written in zip(labels["target"], topics.fillna(""), strict=True):
        assert {*found.split("; ")} == {*written.split("; ")}
    numbers = seqrun.load(family_run("regressor")).predictions
    prices = pd.read_csv(SMOKE / "data" / "wines.csv")["price"].iloc[numbers["row"]]
    np.testing.assert_array_equal(numbers["target_price"], prices)
    run = seqrun.load(family_run("mnist_conv_autoencoder"))
    assert run.predictions["error"].mean() == pytest.approx(run.metrics["test"]["reconstruction_mse"], rel=1e-5)


def test_the_model_is_one_of_keras_with_the_runs_weights(family_run):
    import keras

    run = seqrun.load(family_run("sequences"))
    model = run.model()
    assert isinstance(model, keras.Model) and model.count_params() == run.record["parameters"]["total"]
    values = np.random.default_rng(0).normal(size=(2, 16, 2))
    before = run.predict(values)
    model.set_weights([0 * weights for weights in model.get_weights()])  # the caller's own
    pd.testing.assert_frame_equal(run.predict(values), before)


def test_tags_are_those_that_were_given_last(make_run):
    run = seqrun.load(make_run(settings={"tags": ["draft"]}))
    assert run.tags == ["draft"]
    run_command("tag", run.path, "+good", "-draft")
    assert run.tags == ["good"]


def test_a_run_without_results_says_so(make_run):
    run = seqrun.load(make_run(status="interrupted", history=[{"epoch": 1, "loss": 0.5}]))
    assert (run.metrics, run.status, len(run.history), dict(run.plots)) == ({}, "interrupted", 1, {})
    with pytest.raises(UsageError, match=r"is interrupted: it has no predictions\.npz"):
        _ = run.predictions
    with pytest.raises(UsageError, match="no plot is called 'loss'; it has none"):
        run.plots["loss"]
