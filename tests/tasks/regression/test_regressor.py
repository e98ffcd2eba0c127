"""`trainer: regressor` from a config to a run, what the run holds, shows and predicts; scikit-learn and NumPy judge."""

import csv
import json
import math
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE, arrays_of, moved, run_command, train
from sklearn import metrics as sk

from seqrun.components.locations import Locations
from seqrun.config.experiment import load_experiment

pytestmark = pytest.mark.usefixtures("undrawn_plots")
WINES, SWINGS = SMOKE / "data" / "wines.csv", SMOKE / "data" / "swings.npz"


def metrics_of(run: Path) -> dict:
    return json.loads((run / "metrics.json").read_text())


@pytest.fixture(scope="module")
def wines(family_run, tmp_path_factory) -> Path:
    """A run with one number a text that has moved, and whose data are deleted."""
    return moved(family_run("regressor"), tmp_path_factory.mktemp("wines"))


@pytest.fixture(scope="module")
def swings(family_run) -> Path:
    """A run with two numbers a sample."""
    return family_run("regressor_sequences")


ORACLES = {"mae": sk.mean_absolute_error, "rmse": sk.root_mean_squared_error, "r2": sk.r2_score}


# --- what a run holds -------------------------------------------------------------------------------------------------


def test_targets_are_kept_as_they_stand_in_the_file(wines, swings):
    prices = pd.read_csv(WINES)["price"].to_numpy()
    kept = arrays_of(wines / "predictions.npz")
    assert kept["targets"].dtype == kept["predictions"].dtype == np.float64
    np.testing.assert_array_equal(kept["targets"], prices[kept["index"], None])
    kept = arrays_of(swings / "predictions.npz")
    np.testing.assert_array_equal(kept["targets"], arrays_of(SWINGS)["y"][kept["index"]])


@pytest.mark.parametrize("name", ["wines", "swings"])
def test_test_metrics_are_scikit_learns_of_what_is_kept(name, request):
    run = request.getfixturevalue(name)
    kept, test = arrays_of(run / "predictions.npz"), metrics_of(run)["test"]
    for metric, oracle in ORACLES.items():
        assert test[metric] == pytest.approx(oracle(kept["targets"], kept["predictions"]))


def test_each_of_several_targets_has_its_own_metrics(swings, wines):
    kept, found = arrays_of(swings / "predictions.npz"), metrics_of(swings)["by_target"]
    inside = (kept["lower"] <= kept["targets"]) & (kept["targets"] <= kept["upper"])
    for number, name in enumerate(("y_1", "y_2")):
        pair = kept["targets"][:, number], kept["predictions"][:, number]
        for metric, oracle in ORACLES.items():
            assert found["test"][name][metric] == pytest.approx(oracle(*pair))
        assert found["test"][name]["coverage"] == pytest.approx(inside[:, number].mean())
    for name, overall in metrics_of(swings)["baselines"].items():
        each = found["baselines"][name]
        assert overall["mae"] == pytest.approx((each["y_1"]["mae"] + each["y_2"]["mae"]) / 2)
    assert "by_target" not in metrics_of(wines)


def test_history_is_in_original_units(wines):
    history = list(csv.DictReader((wines / "history.csv").open()))
    assert {"mae", "val_mae", "rmse", "val_rmse", "r2", "val_r2"} <= history[0].keys()
    best = history[metrics_of(wines)["best_epoch"] - 1]
    assert float(best["val_mae"]) == pytest.approx(metrics_of(wines)["validation"]["mae"])
    deviation = json.loads((wines / "artifacts" / "spec.json").read_text())["target"]["scale"][0]
    assert float(best["val_loss"]) == pytest.approx((float(best["val_rmse"]) / deviation) ** 2, rel=1e-4)


def test_intervals_are_as_wide_as_the_validation_errors_ask_and_their_coverage_is_measured(swings, tmp_path):
    """Of n validation errors the one of rank ceil((n + 1) 0.9), by NumPy, of what `seqrun predict` says of them."""
    splits = load_experiment(SMOKE / "regressor_sequences.yaml").dataset.load(Locations(None, lambda event: None))
    run_command("predict", swings, "--input", SWINGS, "--column", "x", "-o", tmp_path / "all.npz")
    predicted = arrays_of(tmp_path / "all.npz")["predictions"][splits.validation.index]
    errors = np.sort(np.abs(predicted - splits.validation.targets), axis=0)
    half_widths = errors[math.ceil((len(errors) + 1) * 0.9) - 1]
    kept, test = arrays_of(swings / "predictions.npz"), metrics_of(swings)["test"]
    np.testing.assert_allclose(kept["upper"] - kept["predictions"], np.tile(half_widths, (len(kept["index"]), 1)), 1e-4)
    np.testing.assert_allclose(kept["predictions"] - kept["lower"], np.tile(half_widths, (len(kept["index"]), 1)), 1e-4)
    inside = (kept["lower"] <= kept["targets"]) & (kept["targets"] <= kept["upper"])
    assert test["interval_level"] == 0.9
    assert test["coverage"] == pytest.approx(inside.mean())
    assert test["interval_width"] == pytest.approx(2 * half_widths.mean(), rel=1e-4)


def test_the_network_beats_the_baselines_of_the_smoke_data(wines, swings):
    for run in (wines, swings):
        found = metrics_of(run)
        best = min(each["mae"] for each in found["baselines"].values())
        assert set(found["baselines"]) == {"mean", "ridge"}
        assert found["skill"] == pytest.approx(1 - found["test"]["mae"] / best)
        assert found["skill"] > 0


def test_a_run_has_its_plots_and_artifacts(wines):
    plots = {path.stem for path in (wines / "plots").iterdir()}
    assert plots == {"loss", "metrics", "learning_rate", "predicted_against_true", "residuals"}
    spec = json.loads((wines / "artifacts" / "spec.json").read_text())
    assert (spec["target"]["kind"], spec["target"]["names"]) == ("numbers", ["price"])


def test_without_intervals_nothing_tells_of_any(tmp_path):
    run = train(SMOKE / "regressor.yaml", tmp_path, "trainer.epochs=1", "trainer.intervals=false")
    assert not {"lower", "upper"} & arrays_of(run / "predictions.npz").keys()
    assert "coverage" not in metrics_of(run)["test"]
    table = run_command("predict", run, "--text", "wodo tudi").stdout
    assert "lower" not in table


@pytest.fixture(scope="module")
def otherwise(tmp_path_factory) -> Callable[[str], Path]:
    """otherwise("mae"): a run of two epochs with another loss."""
    folder = tmp_path_factory.mktemp("losses")
    return cache(lambda loss: train(SMOKE / "regressor.yaml", folder, "trainer.epochs=2", f"trainer.loss={loss}"))


@pytest.mark.parametrize("loss", ["mae", "huber", "log_cosh"])
def test_other_losses_train_too(otherwise, loss):
    losses = [float(row["loss"]) for row in csv.DictReader((otherwise(loss) / "history.csv").open())]
    assert losses[1] < losses[0]


def test_batches_of_similar_length_and_a_refit_work(tmp_path):
    settings = ("trainer.batching=bucketed", "trainer.refit=true", "trainer.batch_size=8", "dataset.padding=post")
    run = train(SMOKE / "regressor.yaml", tmp_path, *settings)
    assert metrics_of(run)["test"]["r2"] > 0.5


# --- warnings ---------------------------------------------------------------------------------------------------------


def write_config(folder: Path, rows, **dataset) -> Path:
    with (folder / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("text", "a", "b"), *rows])
    config = {
        "name": "small",
        "dataset": {"name": "text", "path": "t.csv", "text": "text", "num_words": 20, "max_len": 4, **dataset},
        "architecture": {"name": "bag_of_words", "embedding_dim": 2},
        "trainer": {"name": "regressor", "epochs": 1},
    }
    (folder / "t.yaml").write_text(json.dumps(config))
    return folder / "t.yaml"


def test_too_few_validation_samples_give_intervals_without_bounds_and_a_warning(tmp_path):
    config = write_config(tmp_path, [(f"word{n % 5}", n, n) for n in range(40)], targets=["a", "b"])
    run = train(config, tmp_path / "runs")
    (warning,) = [text for text in json.loads((run / "run.json").read_text())["warnings"] if "intervals" in text]
    assert "trainer.intervals.level 0.9 wants at least 9 validation samples, and there are 4" in warning
    assert np.isinf(arrays_of(run / "predictions.npz")["upper"]).all()
    assert "without bounds" in run_command("show", run).stdout
    assert "inf" in run_command("predict", run, "--text", "word1").stdout


def test_a_target_that_is_the_same_in_training_is_warned_of(tmp_path):
    config = write_config(tmp_path, [(f"word{n % 5}", n, 7.5) for n in range(40)], targets=["a", "b"])
    run = train(config, tmp_path / "runs")
    warnings = json.loads((run / "run.json").read_text())["warnings"]
    assert "b is 7.5 in every training sample: there is nothing to learn of it" in warnings
    assert metrics_of(run)["by_target"]["test"]["b"]["r2"] is None


def test_bad_rows_stop_a_run_with_their_lines_or_are_left_out(tmp_path):
    rows = [(f"word{n % 5}", "" if n == 7 else n, n) for n in range(40)]
    config = write_config(tmp_path, rows, target="a")
    result = run_command("train", config, "--runs-dir", tmp_path / "runs", code=4)
    assert "line 9: a: no number" in result.stderr
    run = train(config, tmp_path / "runs", "dataset.bad_rows=skip")
    assert sum(json.loads((run / "run.json").read_text())["data"]["rows"].values()) == 39


# --- predict ----------------------------------------------------------------------------------------------------------


def test_the_runs_own_texts_get_its_own_predictions(wines, tmp_path):
    run_command("predict", wines, "--input", WINES, "-o", tmp_path / "all.csv")
    table, kept = pd.read_csv(tmp_path / "all.csv"), arrays_of(wines / "predictions.npz")
    assert list(table) == ["row", "description", "price_", "price", "price_lower", "price_upper"]
    assert list(table["price_"]) == list(pd.read_csv(WINES)["price"])  # as the file has it
    rows = table.iloc[kept["index"]]
    for column, name in (("price", "predictions"), ("price_lower", "lower"), ("price_upper", "upper")):
        np.testing.assert_allclose(rows[column], kept[name][:, 0], rtol=1e-5)


def test_samples_of_numbers_get_their_predictions_in_every_format(swings, tmp_path):
    for name in ("all.npz", "all.jsonl", "all.csv", "all.npy"):
        run_command("predict", swings, "--input", SWINGS, "--column", "x", "-o", tmp_path / name)
    kept, found = arrays_of(swings / "predictions.npz"), arrays_of(tmp_path / "all.npz")
    np.testing.assert_allclose(found["predictions"][kept["index"]], kept["predictions"], rtol=1e-5)
    np.testing.assert_allclose(found["lower"][kept["index"]], kept["lower"], rtol=1e-4, atol=1e-5)
    assert found["targets"].tolist() == ["y_1", "y_2"]
    np.testing.assert_array_equal(np.load(tmp_path / "all.npy"), found["predictions"])
    lines = [json.loads(line) for line in (tmp_path / "all.jsonl").read_text().splitlines()]
    np.testing.assert_allclose([[row["y_1"], row["y_2"]] for row in lines], found["predictions"], rtol=1e-8)
    assert list(pd.read_csv(tmp_path / "all.csv")) == [
        "row", "y_1", "y_1_lower", "y_1_upper", "y_2", "y_2_lower", "y_2_upper"
    ]  # fmt: skip


def test_what_such_runs_cannot_be_asked_is_told(wines):
    result = run_command("predict", wines, "--text", "wodo", "--threshold", "0.3", code=2)
    assert "--threshold is for runs that classify" in result.stderr
    assert "predicts numbers" in result.stderr


# --- show, compare, list ----------------------------------------------------------------------------------------------


def test_show_tells_of_targets_intervals_and_texts(wines, swings):
    shown = run_command("show", swings).stdout
    assert "intervals" in shown
    assert "of the test targets" in shown
    assert "target" in shown and "ridge's mae" in shown and "y_2" in shown
    assert "price (predicted)" in run_command("show", wines).stdout


def test_compare_sets_two_runs_side_by_side(wines, otherwise):
    rows = json.loads(run_command("compare", wines, otherwise("mae"), "--format", "json").stdout)
    assert len(rows) == 2
    assert "mae" in json.dumps(rows)


def test_the_trainer_is_listed():
    assert "regressor" in run_command("list", "trainers").stdout
    listed = run_command("list", "trainers", "regressor").stdout
    assert "intervals" in listed
    assert "huber" in listed
