"""What a run scored: final figures of finished runs, the best epoch so far of the others."""

import math

import pytest

from seqrun.comparing.comparison import compare
from seqrun.comparing.values import best_epoch_of, values
from seqrun.errors import UsageError
from seqrun.rundir.reading import read_run

HISTORY = [
    {"epoch": 1, "loss": 0.6, "val_loss": 0.5, "val_auc": 0.90, "auc": 0.1, "learning_rate": 0.1, "seconds": 1.0},
    {"epoch": 2, "loss": 0.4, "val_loss": 0.3, "val_auc": 0.80, "auc": 0.2, "learning_rate": 0.1, "seconds": 1.0},
    {"epoch": 3, "loss": 0.2, "val_loss": 0.4, "val_auc": 0.85, "auc": 0.3, "learning_rate": 0.1, "seconds": 1.0},
    {
        "epoch": 4,
        "loss": 0.1,
        "val_loss": math.nan,
        "val_auc": math.nan,
        "auc": 0.4,
        "learning_rate": 0.1,
        "seconds": 1,
    },
]


@pytest.mark.parametrize(
    ("stopping", "best"),
    [
        ({"monitor": "val_loss", "mode": "auto"}, 2),
        ({"monitor": "val_auc", "mode": "auto"}, 1),
        ({"monitor": "val_auc", "mode": "min"}, 2),
        ({"monitor": "loss", "mode": "auto"}, 4),
        (None, 2),
    ],
)
@pytest.mark.parametrize("status", ["running", "failed", "interrupted", "diverged"])
def test_an_unfinished_run_is_judged_by_what_it_watches(make_run, stopping, best, status):
    path = make_run(status=status, history=HISTORY, settings={"trainer.early_stopping": stopping})
    row = HISTORY[best - 1]
    expected = {"train.loss": row["loss"], "train.auc": row["auc"]}
    if best < 4:  # nan is no figure
        expected |= {"validation.loss": row["val_loss"], "validation.auc": row["val_auc"]}
    assert values(read_run(path)) == expected
    assert best_epoch_of(read_run(path)) == best


def test_a_resumed_run_does_not_show_what_it_scored_before(make_run):
    path = make_run(status="interrupted", history=HISTORY)
    (path / "metrics.json").write_text('{"test": {"auc": 0.5}}')
    assert "test.auc" not in values(read_run(path))


def test_a_finished_run_has_its_final_figures(make_run):
    path = make_run(test={"auc": 0.9, "f1": None}, validation={"auc": 0.8}, history=HISTORY)
    assert values(read_run(path)) == {"test.auc": 0.9, "validation.auc": 0.8}


def test_unfinished_runs_are_marked_and_have_no_test_figures(make_run):
    make_run(test={"auc": 0.9}, validation={"auc": 0.7})
    make_run(status="running", history=HISTORY, settings={"architecture.units": 64})
    found = compare([read_run(path) for path in make_run.runs_dir.iterdir()])
    assert found.metrics == ["test.auc", "validation.auc"]
    finished, running = found.rows
    assert (running.so_far, running.status) == (True, "running")
    assert running.metrics["test.auc"] is None
    assert running.metrics["validation.auc"].mean == 0.8
    assert (running.epochs.mean, running.seconds.mean) == (4, 4.0)
    assert not finished.so_far


@pytest.mark.parametrize(
    ("scores", "shown"),
    [
        ({"accuracy": 0.8, "auc": 0.9, "f1": 0.5, "loss": 0.1}, ["test.auc", "test.accuracy"]),
        ({"rmse": 2.0, "mae": 1.0, "loss": 0.1}, ["test.mae", "test.rmse"]),
        ({"reconstruction_mse": 2.0, "loss": 0.1}, ["test.reconstruction_mse"]),
        ({"loss": 0.1, "odd": 1.0}, ["test.loss"]),
        ({}, []),
    ],
)
def test_the_metrics_shown_are_those_the_task_has(make_run, scores, shown):
    assert compare([read_run(make_run(test=scores))]).metrics == shown


def test_a_bare_metric_is_of_the_test_split_and_an_unknown_one_names_those_there_are(make_run):
    run = read_run(make_run(test={"auc": 0.9}, validation={"loss": 0.3}))
    assert compare([run], ["auc", "validation.loss"]).metrics == ["test.auc", "validation.loss"]
    with pytest.raises(
        UsageError, match=r"'test.acu' \(did you mean test.auc\?\); there are test.auc, validation.loss"
    ):
        compare([run], ["acu"])


def test_a_metric_of_a_baseline_can_be_asked_for(make_run):
    path = make_run(test={"accuracy": 0.9})
    (path / "metrics.json").write_text('{"test": {}, "baselines": {"majority": {"accuracy": 0.5}}}')
    (row,) = compare([read_run(path)], ["baselines.majority.accuracy"]).rows
    assert row.metrics["baselines.majority.accuracy"].mean == 0.5
