"""Best first, whichever way the metric is better; what has no figure comes last."""

import pytest

from seqrun.comparing.comparison import compare
from seqrun.errors import UsageError
from seqrun.rundir.reading import read_run

RUNS = {  # name: (test auc, test loss, skill, parameters)
    "a": (0.7, 0.1, 0.3, 30),
    "b": (0.9, 0.3, 0.1, 20),
    "c": (0.8, 0.2, 0.2, 10),
}


@pytest.fixture
def order(make_run):
    for units, (name, (auc, loss, skill, parameters)) in enumerate(RUNS.items()):
        history = [{"epoch": epoch + 1, "loss": 1.0, "seconds": 10.0 * units} for epoch in range(units + 1)]
        make_run(
            name=name,
            test={"auc": auc, "loss": loss, "odd": auc},
            skill=skill,
            history=history,
            settings={"architecture.units": units},
            parameters={"total": parameters, "trainable": parameters, "non_trainable": 0},
        )
    make_run(name="none", status="failed", settings={"architecture.units": 99}, parameters=None)
    runs = [read_run(path) for path in make_run.runs_dir.iterdir()]
    return lambda sort=None, metrics=(): "".join(row.name for row in compare(runs, metrics, sort).rows)


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        (None, "bca"),
        ("auc", "bca"),
        ("test.auc", "bca"),
        ("-auc", "acb"),
        ("loss", "acb"),
        ("-loss", "bca"),
        ("skill", "acb"),
        ("-skill", "bca"),
        ("parameters", "cba"),
        ("-parameters", "abc"),
        ("seconds", "abc"),
        ("-epochs", "cba"),
    ],
)
def test_rows_are_sorted_best_first_and_what_has_no_figure_is_last(order, sort, expected):
    assert order(sort) == f"{expected}none"


def test_rows_can_be_sorted_by_name_and_time(order):
    assert order("name") == order("started") == "abcnone"
    assert order("-name") == "nonecba"


def test_the_first_metric_asked_for_decides(order):
    assert order(metrics=["loss", "auc"]) == "acbnone"


def test_a_metric_without_a_better_end_leaves_the_runs_in_time_order(order):
    assert order(metrics=["odd"]) == "abcnone"
    with pytest.raises(UsageError, match=r"cannot sort by test\.odd"):
        order("odd")


@pytest.mark.parametrize(
    ("given", "near"), [("second", "seconds"), ("parameter", "parameters"), ("acu", "auc"), ("-skil", "skill")]
)
def test_an_unknown_column_is_an_error_that_names_all_there_are(order, given, near):
    with pytest.raises(UsageError, match=rf"unknown '{given.removeprefix('-')}' \(did you mean {near}\?\)") as error:
        order(given)
    for name in ("name", "started", "parameters", "epochs", "seconds", "time", "skill", "test.auc", "test.loss"):
        assert f" {name}" in str(error.value)


def test_the_time_has_the_names_that_one_tries_first(order):
    assert order("time") == order("training") == order("seconds")
