"""Batches of windows: what the network sees and learns, against loops over the rows."""

import keras
import numpy as np
import pytest

from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.training.losses import each_number_loss
from seqrun.training.samples import LARGEST_TABLE, WindowSamples

ROWS, LOOKBACK, HORIZON = 60, 5, 3


def made(values, *, target=None, sequence=False, **fields):
    """Windows of these values (rows, targets), which are their features too, and their samples."""
    ahead = np.arange(1, LOOKBACK + 1)[:, None] + np.arange(HORIZON) if sequence else LOOKBACK + np.arange(HORIZON)
    starts = np.arange(len(values) - LOOKBACK - HORIZON + 1)
    rows = np.arange(LOOKBACK)
    features = fields.pop("features", values)
    windows = Windows(features, values, starts, rows, ahead, ((0, len(values)),), **fields)
    steps = tuple(range(LOOKBACK)) if sequence else None
    return windows, WindowSamples(windows, target or SeriesTarget(("x",) * values.shape[1], HORIZON, steps))


def batch(samples, numbers):
    return samples.batch(samples.tensors, np.array(numbers))


def test_the_network_sees_float32_whatever_is_kept():
    values = 1.6e9 + np.random.default_rng(0).normal(size=(ROWS, 1))
    _, samples = made(values)
    inputs, targets, weights = batch(samples, [3])
    assert (inputs.dtype, targets.dtype, weights) == ("float32", "float32", None)
    np.testing.assert_array_equal(inputs[0], values[3:8].astype(np.float32))
    np.testing.assert_array_equal(targets[0], values[8:11].astype(np.float32))


def test_targets_are_scaled_by_the_units_of_their_series():
    values = np.random.default_rng(0).normal(size=(ROWS, 1))
    values[:30] += 2e9
    series = np.repeat(np.arange(2, dtype=np.int32), 30)
    target = SeriesTarget(("x",), HORIZON, offset=((2e9,), (0.0,)), scale=((2.0,), (0.5,)), series=("big", "small"))
    _, samples = made(values, target=target, series=series)
    _, targets, _ = batch(samples, [0, 40])
    np.testing.assert_array_equal(targets[0], ((values[5:8] - 2e9) / 2).astype(np.float32))
    np.testing.assert_array_equal(targets[1], (values[45:48] / 0.5).astype(np.float32))


def test_a_line_to_a_later_value_is_seen_by_the_windows_that_have_it():
    random = np.random.default_rng(0)
    carried, between = (random.normal(size=(ROWS, 2)).astype(np.float32) for _ in range(2))
    ends = np.arange(ROWS, dtype=np.int32)[:, None] + random.integers(0, 4, size=(ROWS, 2)).astype(np.int32)
    windows, samples = made(carried, between=between, between_end=ends)
    inputs, _, _ = batch(samples, range(len(windows)))
    for sample, start in enumerate(windows.starts):
        for step in range(LOOKBACK):
            for feature in (0, 1):
                row = start + step
                line = ends[row, feature] <= start + LOOKBACK - 1
                assert inputs[sample, step, feature] == (between if line else carried)[row, feature]
    np.testing.assert_array_equal(inputs, windows.inputs())


@pytest.mark.parametrize("largest_table", [0, LARGEST_TABLE])
@pytest.mark.parametrize("sequence", [False, True])
@pytest.mark.parametrize("loss", ["mse", "mae", "huber", "log_cosh"])
def test_the_loss_of_a_split_is_the_mean_over_the_values_that_the_file_has(monkeypatch, loss, sequence, largest_table):
    monkeypatch.setattr("seqrun.training.samples.LARGEST_TABLE", largest_table)
    random = np.random.default_rng(0)
    values, observed = random.normal(size=(ROWS, 2)), random.random((ROWS, 2)) < 0.6
    windows, samples = made(values, sequence=sequence, observed=observed)
    _, targets, weights = batch(samples, range(len(windows)))
    outputs = random.normal(size=targets.shape).astype(np.float32)
    measured = each_number_loss(loss)(targets, keras.ops.convert_to_tensor(outputs), sample_weight=weights)
    rows = windows.starts.reshape(-1, *[1] * windows.target_rows.ndim) + windows.target_rows
    known = observed[rows]
    names = {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "huber": "Huber", "log_cosh": "LogCosh"}
    there = np.asarray(targets)[known], outputs[known]
    assert float(measured) == pytest.approx(float(getattr(keras.losses, names[loss])()(*there)), rel=1e-5)


def test_without_weights_the_loss_is_kerass_own():
    y, f = np.random.default_rng(0).normal(size=(2, 7, 3, 2)).astype(np.float32)
    assert float(each_number_loss("mse")(y, f)) == float(keras.losses.MeanSquaredError()(y, f))
