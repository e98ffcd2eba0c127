"""Sequences of numbers of any length; samples that cannot be used are reported by their position."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.datasets.samples.faults import Faults
from seqrun.machine.memory import require
from seqrun.readable import counted

NUMBERS = "biuf"  # the kinds of numpy's dtypes that hold real numbers


@dataclass(frozen=True)
class RaggedValues:
    """Samples of (time, features) numbers, one after another in one array."""

    values: np.ndarray  # (sum of lengths, features) floats
    lengths: np.ndarray  # (samples,) int64

    @classmethod
    def of_array(cls, array: np.ndarray, lengths: np.ndarray | None = None) -> RaggedValues:
        """Return the samples of an array (samples, time, features) with these `lengths`, (samples,).

        Without `lengths`, the steps at a sample's end that are NaN in every feature are not part of it.
        """
        floats = array.astype(np.result_type(array.dtype, np.float32), copy=False)
        if lengths is None:
            there = ~np.isnan(floats).all(axis=2)  # (samples, time)
            lengths = np.where(there.any(axis=1), there.shape[1] - np.argmax(there[:, ::-1], axis=1), 0)
        real = np.arange(array.shape[1]) < lengths[:, None]  # (samples, time)
        return cls(floats[real], lengths.astype(np.int64))

    @classmethod
    def of_samples(cls, samples: Sequence[object], features: int | None = None) -> tuple[RaggedValues, Faults]:
        """Return the samples of arrays (time, features), or (time,) of one feature, and what is wrong with some.

        Those have no step. All have as many features as most of them, or as `features` says.
        """
        arrays = [_as_array(sample) for sample in samples]
        arrays = [array[:, None] if array.ndim == 1 else array for array in arrays]
        width = _usual_width(arrays) if features is None else features
        faults = {n: fault for n, array in enumerate(arrays) if (fault := _shape_fault(array, width, features))}
        floats = np.result_type(np.float32, *{array.dtype for n, array in enumerate(arrays) if n not in faults})
        nothing = np.empty((0, width), np.float32)
        used = [nothing if n in faults else array[: _length(array)] for n, array in enumerate(arrays)]
        values = np.concatenate([nothing, *used]).astype(floats, copy=False)
        return cls(values, np.array([len(array) for array in used], np.int64)), faults

    def faults(self) -> Faults:
        """Return what is wrong with samples: one without a step, or with a missing or infinite number."""
        wrong = self.first_wrong(~np.isfinite(self.values).all(axis=1), "a value is missing (NaN) or infinite")
        return {**dict.fromkeys(np.flatnonzero(self.lengths == 0).tolist(), "no step"), **wrong}

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def joined(cls, parts: Sequence[RaggedValues]) -> RaggedValues:
        """Return the samples of all parts, one part after another; all have the same features."""
        return cls(np.concatenate([part.values for part in parts]), np.concatenate([part.lengths for part in parts]))

    @property
    def starts(self) -> np.ndarray:
        """The position in `values` of each sample's first step: (samples,)."""
        return np.cumsum(self.lengths) - self.lengths

    def keys(self) -> Iterator[bytes]:
        """Yield bytes for each sample, which are equal for equal samples."""
        for start, length in zip(self.starts.tolist(), self.lengths.tolist(), strict=True):
            yield self.values[start : start + length].tobytes()

    def rows_of(self, positions: np.ndarray) -> np.ndarray:
        """Return where in `values` the steps of the samples at these positions stand, one sample after another."""
        lengths = self.lengths[positions]
        first = np.repeat(self.starts[positions] - (np.cumsum(lengths) - lengths), lengths)
        return first + np.arange(lengths.sum())

    def taken(self, positions: np.ndarray) -> RaggedValues:
        """Return only the samples at these positions, in this order."""
        return RaggedValues(self.values[self.rows_of(positions)], self.lengths[positions])

    def cut(self, time: int) -> RaggedValues:
        """Return the first `time` steps of each sample."""
        step = np.arange(len(self.values)) - np.repeat(self.starts, self.lengths)  # of each row of `values`
        return RaggedValues(self.values[step < time], np.minimum(self.lengths, time))

    def padded(self, time: int, fill: float) -> np.ndarray:
        """Return the samples as (samples, time, features), filled up at the end; none may be longer than `time`."""
        cells = len(self.lengths) * time * (1 + self.values.shape[1] * self.values.dtype.itemsize)
        require(cells, f"{len(self.lengths):,} samples padded to {time:,} steps", "lower dataset.max_len")
        real = np.arange(time) < self.lengths[:, None]  # (samples, time)
        padded = np.full((*real.shape, self.values.shape[1]), fill, self.values.dtype)
        padded[real] = self.values
        return padded

    def first_wrong(self, wrong: np.ndarray, reason: str) -> Faults:
        """Return the `reason` for all samples with a step that is `wrong`, (sum of lengths,), with their first one."""
        if not wrong.any():
            return {}
        rows = np.flatnonzero(wrong)
        samples = np.searchsorted(np.cumsum(self.lengths), rows, side="right")
        first: dict[int, int] = {}  # wrong step of each sample
        for sample, row in zip(samples.tolist(), rows.tolist(), strict=True):
            first.setdefault(sample, row - self.starts[sample])
        return {sample: f"{reason} (step {step})" for sample, step in first.items()}


def _as_array(sample: object) -> np.ndarray:
    """Return the sample as an array; if it does not consist of numbers, an array of objects."""
    try:
        array = np.asarray(sample)
        return np.asarray(array.tolist()) if array.dtype == object else array  # numbers may stand there as objects
    except ValueError:  # its steps differ in length
        return np.empty((), object)


def _usual_width(arrays: Sequence[np.ndarray]) -> int:
    """Return how many features most samples have; of equally many, the first ones count."""
    widths = Counter(each.shape[1] for each in arrays if each.ndim == 2 and each.size and each.dtype.kind in NUMBERS)
    return widths.most_common(1)[0][0] if widths else 1


def _shape_fault(array: np.ndarray, width: int, wanted: int | None) -> str | None:
    """Return what is wrong with the dtype or shape of a sample, which has `width` features, or None.

    It is what is `wanted`, or what others have.
    """
    if array.ndim == 0:
        return "no array of numbers"
    if array.ndim != 2:
        return f"its shape is {array.shape}, which is not (time, features)"
    if not array.size:
        return "no step"
    if array.dtype.kind not in NUMBERS:
        return f"no numbers, but {array.dtype}"
    if array.shape[1] != width:
        others = f"others have {width}" if wanted is None else f"there must be {width}"
        return f"{counted(array.shape[1], 'feature')}, where {others}"
    return None


def _length(sample: np.ndarray) -> int:
    """Return the length of a sample (time, features): up to the last step that is not NaN in every feature."""
    if sample.dtype.kind != "f":
        return len(sample)
    there = np.flatnonzero(~np.isnan(sample).all(axis=1))
    return int(there[-1]) + 1 if len(there) else 0
