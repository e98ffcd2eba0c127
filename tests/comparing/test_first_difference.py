"""Where two runs part: the first epoch, array and figure."""

from __future__ import annotations

import h5py
import numpy as np
import pytest

from seqrun.comparing.first_difference import differing_array, differing_figures, first_epoch, parting
from seqrun.errors import UsageError
from seqrun.rundir.reading import read_run

ROWS = [{"epoch": number, "loss": 1 / number, "val_loss": 2 / number, "seconds": number / 7} for number in (1, 2, 3)]


def changed(epoch: int, **figures: float) -> list[dict]:
    return [{**row, **figures} if row["epoch"] == epoch else row for row in ROWS]


def test_the_first_epoch_that_differs_is_found_with_its_columns():
    found = first_epoch(ROWS, changed(2, val_loss=np.nextafter(1.0, 2)))
    assert (found.epoch, found.columns) == (2, {"val_loss": (1.0, np.nextafter(1.0, 2))})
    assert str(found) == "epoch 2: val_loss 1.0 and 1.0000000000000002"


def test_times_do_not_count():
    assert first_epoch(ROWS, changed(1, seconds=9.0)) is None


def test_nan_is_nan():
    assert first_epoch(changed(3, loss=np.nan), changed(3, loss=float("nan"))) is None
    assert first_epoch(changed(3, loss=np.nan), ROWS).epoch == 3


def test_a_history_that_goes_on_differs_where_the_other_ends():
    assert str(first_epoch(ROWS[:2], ROWS)) == "epoch 3, which only the second run has"
    assert str(first_epoch(ROWS, ROWS[:1])) == "epoch 2, which only the first run has"


def test_the_first_number_of_an_array_that_differs_is_found():
    one = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    other = one.copy()
    other[2, 3], other[3, 1] = one[2, 3] + 1, one[3, 1] - 4
    found = differing_array("kernel", one, other)
    assert (found.place, found.differing, found.size) == ((2, 3), 2, 20)
    assert found.values == (one[2, 3].item(), other[2, 3].item())
    assert found.largest == pytest.approx(4, rel=1e-6)
    assert differing_array("kernel", one, one.copy()) is None


@pytest.mark.parametrize(("one", "other", "same"), [(np.nan, np.nan, True), (np.nan, 1.0, False), (0.0, -0.0, True)])
def test_arrays_are_equal_as_numbers_are_and_nan_equals_nan(one, other, same):
    found = differing_array("x", np.array([1.0, one]), np.array([1.0, other]))
    assert (found is None) == same and (same or found.largest is None)


def test_arrays_of_two_shapes_are_told_by_these():
    assert "(2,) and (3,)" in str(differing_array("x", np.zeros(2), np.zeros(3)))


def test_figures_have_dotted_names():
    one = {"best_epoch": 1, "test": {"auc": 0.5, "loss": None}, "by_step": [1.0, 2.0]}
    other = {"best_epoch": 1, "test": {"auc": 0.6, "loss": None, "f1": 0.1}, "by_step": [1.0, 3.0]}
    found = {each.name: each.values for each in differing_figures(one, other)}
    assert found == {"test.auc": (0.5, 0.6), "by_step.1": (2.0, 3.0)}


@pytest.fixture
def kept(make_run):
    """kept(weights, predictions, ...): a run that keeps these arrays."""

    def kept(weights: dict, predictions: dict, history: list[dict] = ROWS, test: dict | None = None, **record):
        run = make_run(history=history, test=test or {"auc": 0.5}, **record)
        with h5py.File(run / "model.weights.h5", "w") as file:
            for name, array in weights.items():
                file[name] = array
        np.savez(run / "predictions.npz", **predictions)
        return read_run(run)

    return kept


WEIGHTS = {"layers/dense/vars/0": np.eye(3, dtype=np.float32), "layers/gru/vars/1": np.ones(4, np.float32)}
PREDICTIONS = {"targets": np.arange(3), "predictions": np.linspace(0, 1, 3)}


def test_runs_with_the_same_content_are_identical(kept):
    found = parting(kept(WEIGHTS, PREDICTIONS), kept(WEIGHTS, PREDICTIONS, changed(2, seconds=5.0)))
    assert found.identical and found.same == ["history", "weights", "predictions", "metrics"]
    assert not found.lines()


def test_what_differs_is_told_by_the_first_of_each(kept):
    weights = {**WEIGHTS, "layers/gru/vars/1": np.array([1, 1, 1, 2], np.float32)}
    predictions = {**PREDICTIONS, "predictions": np.array([0, 0.5, 0.75])}
    hashes = (["a", "b", "c"], ["a", "x", "y"])
    one = kept(WEIGHTS, PREDICTIONS, epochs_sha256=hashes[0])
    other = kept(weights, predictions, changed(3, loss=9.0), {"auc": 0.6}, epochs_sha256=hashes[1])
    found = parting(one, other)
    assert not found.identical and (found.epoch.epoch, found.state) == (3, 2)
    lines = found.lines()
    assert lines["weights"] == "layers/gru/vars/1[3]: 1.0 and 2.0; 1 of 4 numbers differ; at most 1 apart"
    assert lines["predictions"].startswith("predictions[2]: 1.0 and 0.75;")
    assert lines["metrics"] == "test.auc: 0.5 and 0.6"


def test_what_another_version_records_beside_is_told_and_is_no_difference(kept):
    rows = [{**row, "auc": 0.5} for row in ROWS]
    one, other = kept(WEIGHTS, PREDICTIONS), kept(WEIGHTS, PREDICTIONS, rows, {"auc": 0.5, "f1": 0.1})
    for found in (parting(one, other), parting(other, one)):
        assert found.identical and found.of_one == ("test.f1",)


def test_an_array_that_one_run_alone_has_differs(kept):
    one, other = kept(WEIGHTS, PREDICTIONS), kept({"layers/dense/vars/0": np.eye(3, dtype=np.float32)}, PREDICTIONS)
    (array,) = parting(one, other).weights
    assert (array.name, array.reason) == ("layers/gru/vars/1", f"only {one.path.name} has it")
    (other.path / "predictions.npz").unlink()
    assert "predictions.npz: only" in parting(one, other).lines()["predictions"]


@pytest.mark.parametrize("name", ["model.weights.h5", "predictions.npz"])
def test_a_damaged_file_is_told(kept, name):
    one, other = kept(WEIGHTS, PREDICTIONS), kept(WEIGHTS, PREDICTIONS)
    (other.path / name).write_bytes(b"no arrays")
    with pytest.raises(UsageError, match=name):
        parting(one, other)
