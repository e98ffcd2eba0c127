"""`seqrun show` as a user runs it."""

import json

import pytest
from click.testing import CliRunner

from seqrun.cli import main

EXAMPLE = {"text": "a fine [bold] film \x1b[2J", "target": "pos", "prediction": "neg", "probability": 0.876, "row": 17}


def show(*arguments, code=0):
    result = CliRunner().invoke(main, ["show", *map(str, arguments)])
    assert result.exit_code == code, result.output
    return result


@pytest.fixture
def run(make_run):
    """A finished run with everything that a run can have."""
    history = [
        {
            "epoch": epoch,
            "loss": 1 / epoch,
            "val_loss": 0.5 + abs(epoch - 23) / 100,
            "learning_rate": 1e-3,
            "seconds": 61.0,
        }
        for epoch in range(1, 41)
    ]
    path = make_run(
        history=history,
        durations={"data": 1.5, "fit": 2440.0},
        seconds=2441.5,
        argv=["seqrun", "train", "configs/imdb_lstm.yaml"],
        device="CPU",
        git={"commit": "0123abcd", "dirty": True},
        packages={"keras": "3.15.1"},
        cpu={"model": "Some CPU", "count": 2},
        warnings=["the network loses to tfidf_logistic"],
        settings={"notes": "first try", "architecture.layers": [{"name": "dense", "units": 5}]},
    )
    metrics = {
        "best_epoch": 23,
        "train": {"loss": 0.1, "auc": 0.99},
        "validation": {"loss": 0.2, "auc": 0.95},
        "test": {"loss": 0.3, "auc": 0.93, "threshold": 0.41},
        "baselines": {"majority": {"accuracy": 0.5}, "tfidf_logistic": {"accuracy": 0.88, "auc": 0.945}},
        "skill": -0.125,
    }
    (path / "metrics.json").write_text(json.dumps(metrics))
    (path / "artifacts").mkdir()
    (path / "artifacts" / "examples.json").write_text(json.dumps([EXAMPLE]))
    return path


def test_everything_about_the_run_is_there(run):
    text = show(run).stdout
    lines = {line.partition("   ")[0].strip(): line.partition("   ")[2].strip() for line in text.splitlines()}
    assert lines["status"] == "finished"
    assert lines["epochs"] == "40, the best is 23"
    assert lines["took"] == "40:42 (data 1.5 s, fit 40:40)"
    assert lines["training"] == "40:40 (all epochs, validation included)"
    assert lines["skill"].startswith("-0.1250")
    assert lines["parameters"] == "652,577 (652,513 trainable, 64 not)"
    assert lines["command"] == "seqrun train configs/imdb_lstm.yaml"
    assert lines["started"] == "2026-11-22 04:15:00 UTC"
    assert lines["source 1"] == "path: /data/imdb.npz"
    assert lines["sha256 1"] == "ab" * 32
    assert lines["rows"] == "train 20,000, validation 5,000, test 25,000"
    assert lines["architecture.layers.0.units"] == "5"
    assert lines["dataset.limit"] == "null"
    assert (lines["git.commit"], lines["packages.keras"], lines["cpu.count"]) == ("0123abcd", "3.15.1", "2")
    assert "the network loses to tfidf_logistic" in text
    assert "artifacts/" in text and "history.csv" in text


def test_the_splits_and_baselines_stand_side_by_side(run):
    lines = [line.split() for line in show(run).stdout.splitlines()]
    head = next(number for number, line in enumerate(lines) if line[:1] == ["metric"])
    assert lines[head] == ["metric", "train", "validation", "test", "majority", "tfidf_logistic"]
    table = {line[0]: line[1:] for line in lines[head + 2 : head + 6]}
    assert table["auc"] == ["0.9900", "0.9500", "0.9300", "—", "0.9450"]
    assert table["threshold"] == ["—", "—", "0.4100", "—", "—"]
    assert table["accuracy"] == ["—", "—", "—", "0.5000", "0.8800"]


def test_a_long_history_keeps_its_first_best_and_last_epoch(run):
    lines = [line.split() for line in show(run).stdout.splitlines()]
    head = next(number for number, line in enumerate(lines) if line[:1] == ["epoch"])
    end = lines.index([], head)
    rows = {line[0]: line for line in lines[head + 2 : end]}
    assert {"1", "23", "40"} <= set(rows)
    assert len(rows) <= 14
    assert [number for number, row in rows.items() if row[-1] == "*"] == ["23"]


def test_examples_are_shown_with_their_predictions_and_cannot_move_the_cursor(run):
    text = show(run).stdout
    line = next(line for line in text.splitlines() if "fine" in line)
    assert line.split()[:4] == ["17", "pos", "neg", "(87.6%)"]
    assert "[bold]" in line
    assert "\x1b" not in text


def test_the_classes_are_counted_by_split(make_run):
    names = [f"class {number}" for number in range(33)]
    counts = {split: dict.fromkeys(names, count) for split, count in (("train", 1200), ("validation", 5), ("test", 0))}
    text = show(make_run(data={"name": "text", "rows": {"train": 1}, "counts": {"of": "class", **counts}})).stdout
    lines = [line.split("  ") for line in text.splitlines()]
    cells = [[cell.strip() for cell in line if cell.strip()] for line in lines]
    assert ["class", "train", "validation", "test"] in cells
    assert ["class 29", "1,200", "5", "0"] in cells and ["and 3 more"] in cells
    assert "counts" not in text


def test_without_examples_nothing_is_said_of_them(run):
    (run / "artifacts" / "examples.json").unlink()
    assert "predicted" not in show(run).stdout


@pytest.mark.parametrize("status", ["running", "failed", "interrupted", "diverged"])
def test_a_run_that_has_not_finished_shows_what_there_is(make_run, status):
    history = [{"epoch": 1, "loss": 0.5, "val_loss": 0.25, "learning_rate": 1e-3, "seconds": 1.0}]
    path = make_run(status=status, history=history, error="the reason")
    lines = [line.split() for line in show(path).stdout.splitlines()]
    assert ["status", status] in lines
    assert ["error", "the", "reason"] in lines
    assert ["loss", "0.5000", "0.2500"] in lines
    assert ["metric", "train", "so", "far", "validation", "so", "far"] in lines


def test_a_run_that_failed_at_once_can_be_shown(make_run):
    path = make_run(status="failed", data=None, parameters=None)
    assert "failed" in show(path).stdout


def test_json_holds_everything_recorded(run):
    found = json.loads(show(run, "--json").stdout)
    assert found["status"] == "finished"
    assert found["run"] == json.loads((run / "run.json").read_text())
    assert found["metrics"] == json.loads((run / "metrics.json").read_text())
    assert [row["epoch"] for row in found["history"]] == list(range(1, 41))
    assert found["examples"] == [EXAMPLE]


def test_a_file_of_the_run_stands_for_the_run(run):
    assert show(run / "history.csv").stdout == show(run).stdout


def test_several_runs_are_refused_by_name(run):
    told = show(run, "runs/b", "runs/c", code=2).stderr
    assert f"give one run, not 3 ({run}, runs/b, runs/c)" in told
    assert "seqrun compare" in told


def test_what_a_finished_run_has_lost_is_remarked(run, make_run):
    assert "missing" not in show(run).stdout
    (run / "metrics.json").unlink()
    (run / "history.csv").unlink()
    lines = [line.strip() for line in show(run).stdout.splitlines()]
    assert {"metrics.json is missing", "history.csv is missing"} <= set(lines)
    assert "missing" not in show(make_run(status="failed", seed=3)).stdout


def test_a_long_example_is_cut_where_nothing_wraps_it(run):
    text = "word " * 200
    (run / "artifacts" / "examples.json").write_text(json.dumps([{**EXAMPLE, "text": text}]))
    (line,) = [line for line in show(run).stdout.splitlines() if "word word" in line]
    assert line.endswith("…")
    assert len(line) < 140
    assert json.loads(show(run, "--json").stdout)["examples"][0]["text"] == text


@pytest.fixture
def forecast(make_run):
    """A run that forecasts six steps, with a backtest."""
    history = [{"epoch": 1, "loss": 0.5, "val_loss": 0.4, "mae": 3.0, "val_mae": 3.5, "mse": 9.9, "seconds": 1.0}]
    watched = {
        "trainer.name": "forecaster",
        "trainer.early_stopping": {"monitor": "val_mae", "patience": 2, "mode": "auto"},
    }
    path = make_run(name="load", history=history, settings=watched)

    def fold(number, mae):
        rules = {"last_value": {"mae": 9.0}, "ridge": {"mae": 2.25 * number}, "seasonal_naive": {"mae": None}}
        windows = {"train": 1000 * number, "test": 300}
        return {"fold": number, "windows": windows, "metrics": {"mae": mae}, "baselines": rules}

    by_step = {
        "test": {"mae": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]},
        "baselines": {"ridge": {"mae": [1.5, 2.5, 3.5, 4.5, 5.5, None]}},
    }
    metrics = {
        "best_epoch": 1,
        "train": {"mae": 3.0},
        "validation": {"mae": 3.5},
        "test": {"mae": 3.5, "rmse": 4.0, "interval_level": 0.9, "coverage": 0.875, "interval_width": 12.5},
        "baselines": {"ridge": {"mae": 4.0, "rmse": 5.0}},
        "skill": 0.125,
        "by_step": by_step,
        "backtest": [fold(1, 2.0), fold(2, 3.0)],
        "backtest_shares": ["scaler", "epochs", "learning rates"],
    }
    (path / "metrics.json").write_text(json.dumps(metrics))
    return path


def test_a_forecast_shows_its_errors_by_step_and_its_backtest(forecast):
    lines = [line.split() for line in show(forecast).stdout.splitlines()]
    steps = lines.index(["mae", "at", "step", "network", "ridge"])
    assert lines[steps + 2 : steps + 5] == [
        ["1", "of", "6", "1.0000", "1.5000"],
        ["3", "of", "6", "3.0000", "3.5000"],
        ["6", "of", "6", "6.0000", "—"],
    ]
    folds = next(number for number, line in enumerate(lines) if line[:1] == ["backtest"])
    assert lines[folds + 2] == ["fold", "1", "1,000", "windows", "300", "windows", "2.0000", "2.2500", "(ridge)"]
    assert lines[folds + 3] == ["fold", "2", "2,000", "windows", "300", "windows", "3.0000", "4.5000", "(ridge)"]
    assert ["coverage", "—", "—", "0.8750", "—"] in lines
    assert ["epoch", "loss", "val_loss", "mae", "val_mae", "seconds"] in lines


def test_a_forecast_of_one_step_without_a_backtest_has_no_such_tables(forecast):
    metrics = json.loads((forecast / "metrics.json").read_text())
    metrics["by_step"] = {"test": {"mae": [1.0]}, "baselines": {}}
    del metrics["backtest"], metrics["backtest_shares"]
    (forecast / "metrics.json").write_text(json.dumps(metrics))
    text = show(forecast).stdout
    assert "at step" not in text and "backtest" not in text


def test_a_tagger_shows_the_scores_of_each_tag_and_span_and_tagged_sentences(run):
    record = json.loads((run / "run.json").read_text())
    record["config"]["trainer"]["name"] = "tagger"
    (run / "run.json").write_text(json.dumps(record))
    metrics = json.loads((run / "metrics.json").read_text())
    metrics["tags"] = {
        "B-X": {"precision": None, "recall": 0.0, "f1": 0.0, "support": 7},
        "O": {"precision": 0.5, "recall": 0.75, "f1": 0.6, "support": 1200},
    }
    metrics["spans"] = {"": {"precision": 0.25, "recall": 1.0, "f1": 0.4, "support": 6}}
    (run / "metrics.json").write_text(json.dumps(metrics))
    example = {"row": 3, "tokens": ["a", "[UNK]"], "targets": ["O", "B-X"], "predictions": ["O", "O"]}
    (run / "artifacts" / "examples.json").write_text(json.dumps([example]))
    lines = [line.split() for line in show(run).stdout.splitlines()]
    tags = lines.index(["tag", "precision", "recall", "f1", "support"])
    assert lines[tags + 2] == ["O", "0.5000", "0.7500", "0.6000", "1,200"]
    assert lines[tags + 3] == ["B-X", "—", "0.0000", "0.0000", "7"]
    spans = lines.index(["span", "precision", "recall", "f1", "support"])
    assert lines[spans + 2] == ["all", "0.2500", "1.0000", "0.4000", "6"]
    assert ["3", "a/O", "[UNK]/B-X≠O"] in lines


def test_what_is_no_run_is_a_usage_error(tmp_path):
    assert "has no run.json" in show(tmp_path, code=2).stderr
    assert "no such run directory" in show(tmp_path / "nowhere", code=2).stderr


def test_it_answers_at_once_and_loads_nothing_heavy(run, answers_at_once):
    answers_at_once("show", run)


def test_an_autoencoder_tells_its_parts_and_from_which_error_on_a_sample_is_anomalous(make_run):
    counts = {"total": 30, "trainable": 28, "non_trainable": 2}
    parts = {"encoder": {**counts, "total": 12}, "decoder": {**counts, "total": 18}}
    facts = {"recurrent_layers": {"encoder/lstm_1": "fused"}, "step_compiled": True}
    facts |= {"device": "GPU:0 (H200)", "deterministic": True}
    run = make_run(parameters={**counts, **parts}, settings={"trainer.name": "autoencoder"}, **facts)
    anomaly = {"threshold": 0.0425, "false_alarm_rate": 0.05, "test_rate": 0.0499}
    (run / "metrics.json").write_text(json.dumps({"best_epoch": 1, "test": {"loss": 0.1}, "anomaly": anomaly}))
    shown = show(run).stdout
    assert "30 (28 trainable, 2 not); encoder 12; decoder 18" in shown
    assert "encoder/lstm_1: fused" in shown
    assert "compiled as a whole" in shown
    assert "GPU:0 (H200), deterministic" in shown
    assert "errors above 0.0425: at most 0.05 of ordinary samples, 0.0499 of the test's" in shown
