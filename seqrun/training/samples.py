"""Samples on the device: whole tensors, from which each step gathers its batch inside the graph."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from seqrun.components.padding import PADDING, real_steps
from seqrun.machine import device

if TYPE_CHECKING:
    import tensorflow as tf

    from seqrun.components.splits import Windows
    from seqrun.components.targets import SeriesTarget
    from seqrun.training.widths import Buckets

# Where many steps of a window have a forecast, all horizons of a series are stored as rows of a table, which gathers
# faster, if it has no more bytes than these.
LARGEST_TABLE = 2**26

Batch = tuple["tf.Tensor", "tf.Tensor", "tf.Tensor | None"]  # inputs, targets, weights


class AnySamples(Protocol):
    """Samples as the training loop reads them, however they are stored."""

    @property
    def buckets(self) -> Buckets | None:
        """The widths of batches; None: batches are as wide as the samples are stored."""

    def __len__(self) -> int: ...

    @property
    def tensors(self) -> tuple[tf.Tensor | None, ...]:
        """The tensors that `batch` gathers from."""

    @staticmethod
    def batch(tensors: tuple[tf.Tensor | None, ...], index: tf.Tensor) -> Batch:
        """Return the samples of these numbers (batch,); runs inside a graph."""

    def measured(self, numbers: np.ndarray) -> Any:
        """Return what metrics compare the outputs of these samples with, as the task's `measure` takes it."""


@dataclass(frozen=True)
class Samples:
    """Samples that are stored whole; `weights` scale the loss of each sample, or of each step."""

    inputs: np.ndarray  # (samples, ...)
    targets: np.ndarray  # (samples, ...)
    weights: np.ndarray | None = None  # (samples,), or (samples, time) with targets of every step
    buckets: Buckets | None = None

    def __len__(self) -> int:
        return len(self.targets)

    @cached_property
    def tensors(self) -> tuple[tf.Tensor | None, ...]:
        """The tensors that `batch` gathers from."""
        return _tensors(_seen(self.inputs), self.targets, self.weights)

    @staticmethod
    def batch(tensors: tuple[tf.Tensor | None, ...], index: tf.Tensor) -> Batch:
        """Return the samples of these numbers (batch,); runs inside a graph."""
        import tensorflow as tf

        inputs, targets, weights = tensors
        picked = None if weights is None else tf.gather(weights, index)
        return tf.gather(inputs, index), tf.gather(targets, index), picked

    def measured(self, numbers: np.ndarray) -> np.ndarray:
        """Return the targets of these samples."""
        return self.targets[numbers]


@dataclass(frozen=True)
class WindowSamples:
    """Windows that are cut from series when a batch needs them.

    Inputs are (batch, time, features), targets (batch, horizon, targets) in the network's units or, where the network
    forecasts at several input steps (the target's `steps`), (batch, steps, horizon, targets); metrics see the forecast
    of the last step. An iterated network learns, and is measured while it learns, one value ahead.

    If the file lacks values, targets have weights: 0 for these, elsewhere one and the same number, by which the mean of
    the weighted errors of the split is the mean over the values that are there.
    """

    buckets: ClassVar[None] = None

    windows: Windows
    target: SeriesTarget

    def __len__(self) -> int:
        return len(self.windows)

    @cached_property
    def tensors(self) -> tuple[tf.Tensor | None, ...]:
        """The tensors that `batch` gathers from."""
        cut, rows = self.windows, self._target_rows
        values = self._scaled()
        weights = None if cut.observed is None else self._weights(cut.observed)
        if rows.ndim == 2:  # (steps, horizon)
            horizon = rows.shape[1]
            if values.nbytes * horizon <= LARGEST_TABLE and (np.diff(rows) == 1).all():
                values, rows = _all_horizons(values, horizon), rows[:, 0]
                weights = None if weights is None else _all_horizons(weights, horizon)
        numbers = (array.astype(np.int32) for array in (cut.starts, cut.input_rows, rows))
        between = None if cut.between is None else _seen(cut.between)
        return _tensors(_seen(cut.features), between, cut.between_end, values, weights, *numbers)

    @property
    def _target_rows(self) -> np.ndarray:
        """The rows of what is learned, from a window's start: (horizon,) or (steps, horizon)."""
        steps = self.target.steps
        return self._horizon_rows if steps is None else self.windows.target_rows[list(steps)]

    @property
    def _horizon_rows(self) -> np.ndarray:
        return self.windows.horizon_rows[: self.target.output_shape[-2]]

    def _scaled(self) -> np.ndarray:
        """Return the values of all rows in the network's units, (rows, targets) float32."""
        units = self.target.units_of(self.windows.series)
        return units.scaled(self.windows.values[:, None])[:, 0].astype(np.float32)

    def _weights(self, observed: np.ndarray) -> np.ndarray:
        """Return the weight of each value, (rows, targets) float32."""
        starts, (rows, times) = self.windows.starts, np.unique(self._target_rows, return_counts=True)
        there = sum(int(times[number] * observed[starts + row].sum()) for number, row in enumerate(rows))
        every = len(starts) * self._target_rows.size * observed.shape[1]
        return observed * np.float32(every / max(1, there))

    @staticmethod
    def batch(tensors: tuple[Any, ...], index: tf.Tensor) -> Batch:
        """Return the windows of these numbers (batch,); runs inside a graph."""
        import tensorflow as tf

        features, between, between_end, values, weights, starts, input_rows, target_rows = tensors
        start = tf.gather(starts, index)
        rows = start[:, None] + input_rows  # (batch, time)
        inputs = tf.gather(features, rows)  # (batch, time, features)
        if between is not None:
            reached = tf.gather(between_end, rows) <= rows[:, -1:, None]
            inputs = tf.where(reached, tf.gather(between, rows), inputs)
        ahead = tf.reshape(start, [-1] + [1] * target_rows.shape.rank) + target_rows
        return inputs, tf.gather(values, ahead), None if weights is None else tf.gather(weights, ahead)

    def measured(self, numbers: np.ndarray) -> Windows:
        """Return these windows, with as many rows to forecast as the network has outputs."""
        return replace(self.windows.taken(numbers), target_rows=self._horizon_rows)


def _all_horizons(values: np.ndarray, horizon: int) -> np.ndarray:
    """Return for each row the values in it and in those after it, (rows - horizon + 1, horizon, targets)."""
    return np.moveaxis(sliding_window_view(values, horizon, axis=0), -1, 1)


@dataclass(frozen=True)
class ReconstructionSamples:
    """Samples of numbers whose targets are their inputs, stored once; past a sample's end the targets are 0.

    If samples are padded, steps have weights (batch, time): 0 past a sample's end, elsewhere one and the same number,
    by which the mean of the weighted steps of the split is the mean of its real steps.
    """

    buckets: ClassVar[None] = None

    inputs: np.ndarray  # (samples, time, features), PADDING past a sample's end

    def __len__(self) -> int:
        return len(self.inputs)

    @cached_property
    def lengths(self) -> np.ndarray:
        """The number of steps of each sample, (samples,)."""
        return real_steps(self.inputs).sum(axis=1)

    @cached_property
    def tensors(self) -> tuple[tf.Tensor | None, ...]:
        """The tensors that `batch` gathers from."""
        time, mean_length = self.inputs.shape[1], self.lengths.mean()
        return _tensors(_seen(self.inputs), None if mean_length == time else np.float32(time / mean_length))

    @staticmethod
    def batch(tensors: tuple[tf.Tensor | None, ...], index: tf.Tensor) -> Batch:
        """Return the samples of these numbers (batch,); runs inside a graph."""
        import tensorflow as tf

        inputs, weight = tensors
        picked = tf.gather(inputs, index)
        if weight is None:
            return picked, picked, None
        real = tf.reduce_any(picked != PADDING, axis=-1)  # (batch, time)
        return picked, tf.where(real[..., None], picked, 0.0), tf.cast(real, tf.float32) * weight

    def measured(self, numbers: np.ndarray) -> np.ndarray:
        """Return the count of numbers in each of these samples, (samples,), by which its summed errors are divided."""
        return self.lengths[numbers] * self.inputs.shape[2]


def _seen(inputs: np.ndarray) -> np.ndarray:
    """Return inputs as a network sees them: values in float32, token ids as they are."""
    return inputs.astype(np.float32, copy=False) if inputs.dtype.kind == "f" else inputs


def on_device(array: np.ndarray | np.float32) -> tf.Tensor:
    """Return an array as a tensor that lives where the network is computed.

    On a GPU whole numbers are int64: TensorFlow keeps tensors of int32 on the host, from where each step would send
    them all anew. On a CPU they stay as they are, half as large.
    """
    import tensorflow as tf

    whole = array.dtype.kind in "iu"
    return tf.convert_to_tensor(array.astype(np.int64) if whole and device.on_gpu() else array)


def _tensors(*arrays: np.ndarray | np.float32 | None) -> tuple[tf.Tensor | None, ...]:
    return tuple(None if array is None else on_device(array) for array in arrays)
