"""Sequences of numbers of any length, with every sample that is not whole reported by its place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.errors import DataError
from seqrun.readable import counted, listed

Where = Callable[[int], str]  # how a message names a sample, by its position
NUMBERS = "biuf"  # the kinds of numpy's dtypes that hold real numbers


@dataclass(frozen=True)
class RaggedValues:
    """Samples of (time, features) numbers, one after the other in one array."""

    values: np.ndarray  # (sum of lengths, features) floats
    lengths: np.ndarray  # (samples,) int64

    @classmethod
    def of_array(cls, array: np.ndarray, where: Where, lengths: np.ndarray | None = None) -> RaggedValues:
        """Of (samples, time, features); without `lengths`, the steps that are NaN to a sample's end are none of it.

        Raises DataError for a sample without a step, or with a number missing or infinite among its steps.
        """
        floats = array.astype(np.result_type(array.dtype, np.float32), copy=False)
        if lengths is None:
            there = ~np.isnan(floats).all(axis=2)  # (samples, time)
            lengths = np.where(there.any(axis=1), there.shape[1] - np.argmax(there[:, ::-1], axis=1), 0)
        real = np.arange(array.shape[1]) < lengths[:, None]  # (samples, time)
        return cls.of_steps(floats[real], lengths.astype(np.int64), where)

    @classmethod
    def of_samples(cls, samples: Sequence[np.ndarray], where: Where) -> RaggedValues:
        """Of arrays (time, features), or (time,) of one feature; NaN tails and errors as in `of_array`."""
        arrays = [_as_array(sample) for sample in samples]
        arrays = [array[:, None] if array.ndim == 1 else array for array in arrays]
        faults = _shape_faults(arrays)
        if faults:
            raise unusable({where(position): fault for position, fault in faults.items()})
        lengths = np.array([_length(array) for array in arrays], np.int64)
        floats = np.result_type(np.float32, *{array.dtype for array in arrays})
        values = np.concatenate([array[:length] for array, length in zip(arrays, lengths, strict=True)])
        return cls.of_steps(values.astype(floats, copy=False), lengths, where)

    @classmethod
    def of_steps(cls, values: np.ndarray, lengths: np.ndarray, where: Where) -> RaggedValues:
        """Of `values` (sum of lengths, features) and `lengths` (samples,); errors as in `of_array`."""
        ragged = cls(values, lengths)
        if not lengths.all():
            raise unusable({where(sample): "no step" for sample in np.flatnonzero(lengths == 0).tolist()})
        ragged.refused(~np.isfinite(values).all(axis=1), "a value is missing (NaN) or infinite", where)
        return ragged

    def __len__(self) -> int:
        return len(self.lengths)

    @classmethod
    def joined(cls, parts: Sequence[RaggedValues]) -> RaggedValues:
        """Return the samples of all parts, which have the same features, one after the other."""
        return cls(np.concatenate([part.values for part in parts]), np.concatenate([part.lengths for part in parts]))

    @property
    def starts(self) -> np.ndarray:
        """(samples,) where each sample's first step is in `values`."""
        return np.cumsum(self.lengths) - self.lengths

    def taken(self, positions: np.ndarray) -> RaggedValues:
        """Return these samples alone, in this order."""
        lengths = self.lengths[positions]
        first = np.repeat(self.starts[positions] - (np.cumsum(lengths) - lengths), lengths)
        return RaggedValues(self.values[first + np.arange(lengths.sum())], lengths)

    def cut(self, time: int) -> RaggedValues:
        """Return the first `time` steps of each sample."""
        step = np.arange(len(self.values)) - np.repeat(self.starts, self.lengths)  # of each row of `values`
        return RaggedValues(self.values[step < time], np.minimum(self.lengths, time))

    def padded(self, time: int, fill: float) -> np.ndarray:
        """(samples, time, features): each sample, of `time` steps at most, filled up at its end."""
        real = np.arange(time) < self.lengths[:, None]  # (samples, time)
        padded = np.full((*real.shape, self.values.shape[1]), fill, self.values.dtype)
        padded[real] = self.values
        return padded

    def refused(self, wrong: np.ndarray, reason: str, where: Where) -> None:
        """Raise DataError if any of the steps `wrong` (sum of lengths,), each sample named with the first of them."""
        if not wrong.any():
            return
        rows = np.flatnonzero(wrong)
        samples = np.searchsorted(np.cumsum(self.lengths), rows, side="right")
        first: dict[int, int] = {}  # wrong step of each sample
        for sample, row in zip(samples.tolist(), rows.tolist(), strict=True):
            first.setdefault(sample, row - self.starts[sample])
        raise unusable({where(sample): f"{reason} (step {step})" for sample, step in first.items()})


def _as_array(sample: object) -> np.ndarray:
    """Return the sample as an array, of objects where it is none of numbers."""
    try:
        array = np.asarray(sample)
        return np.asarray(array.tolist()) if array.dtype == object else array  # numbers may stand there as objects
    except ValueError:  # its steps differ in length
        return np.empty((), object)


def _shape_faults(arrays: Sequence[np.ndarray]) -> dict[int, str]:
    """Return what is wrong with each sample's dtype or shape, by its position."""
    usual = next((array.shape[1] for array in arrays if array.ndim == 2 and array.size), None)
    return {
        position: fault
        for position, array in enumerate(arrays)
        if (fault := _shape_fault(array, usual if usual is not None else 1))
    }


def _shape_fault(array: np.ndarray, features: int) -> str | None:
    if array.ndim == 0:
        return "no array of numbers"
    if array.ndim != 2:
        return f"its shape is {array.shape}, which is not (time, features)"
    if not array.size:
        return "no step"
    if array.dtype.kind not in NUMBERS:
        return f"no numbers, but {array.dtype}"
    if array.shape[1] != features:
        return f"{counted(array.shape[1], 'feature')}, where others have {features}"
    return None


def _length(sample: np.ndarray) -> int:
    """Return the steps of one sample (time, features) up to the last that is not NaN in every feature."""
    if sample.dtype.kind != "f":
        return len(sample)
    there = np.flatnonzero(~np.isnan(sample).all(axis=1))
    return int(there[-1]) + 1 if len(there) else 0


def unusable(faults: Mapping[str, str]) -> DataError:
    """Return what samples with `faults`, by their places, are refused with."""
    lines = [f"{place}: {fault}" for place, fault in faults.items()]
    return DataError(f"{counted(len(lines), 'sample')} cannot be used:{listed(lines)}")
