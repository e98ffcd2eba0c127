"""Sequences of numbers of any length; samples that cannot be used are reported by their position."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqrun.errors import DataError
from seqrun.readable import counted, listed

Where = Callable[[int], str]  # how a message names a sample, by its position
NUMBERS = "biuf"  # the kinds of numpy's dtypes that hold real numbers


@dataclass(frozen=True)
class RaggedValues:
    """Samples of (time, features) numbers, one after another in one array."""

    values: np.ndarray  # (sum of lengths, features) floats
    lengths: np.ndarray  # (samples,) int64

    @classmethod
    def of_array(cls, array: np.ndarray, where: Where, lengths: np.ndarray | None = None) -> RaggedValues:
        """Return the samples of an array (samples, time, features) with these `lengths`, (samples,).

        Without `lengths`, the steps at a sample's end that are NaN in every feature are not part of it. Raises
        DataError for a sample without a step, or with a missing or infinite number.
        """
        floats = array.astype(np.result_type(array.dtype, np.float32), copy=False)
        if lengths is None:
            there = ~np.isnan(floats).all(axis=2)  # (samples, time)
            lengths = np.where(there.any(axis=1), there.shape[1] - np.argmax(there[:, ::-1], axis=1), 0)
        real = np.arange(array.shape[1]) < lengths[:, None]  # (samples, time)
        return cls.of_steps(floats[real], lengths.astype(np.int64), where)

    @classmethod
    def of_samples(cls, samples: Sequence[np.ndarray], where: Where) -> RaggedValues:
        """Return the samples of arrays (time, features), or (time,) of one feature; otherwise as `of_array`."""
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
        """Return the samples of `values` (sum of lengths, features), `lengths` (samples,); errors as in `of_array`."""
        ragged = cls(values, lengths)
        if not lengths.all():
            raise unusable({where(sample): "no step" for sample in np.flatnonzero(lengths == 0).tolist()})
        ragged.refused(~np.isfinite(values).all(axis=1), "a value is missing (NaN) or infinite", where)
        return ragged

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

    def taken(self, positions: np.ndarray) -> RaggedValues:
        """Return only the samples at these positions, in this order."""
        lengths = self.lengths[positions]
        first = np.repeat(self.starts[positions] - (np.cumsum(lengths) - lengths), lengths)
        return RaggedValues(self.values[first + np.arange(lengths.sum())], lengths)

    def cut(self, time: int) -> RaggedValues:
        """Return the first `time` steps of each sample."""
        step = np.arange(len(self.values)) - np.repeat(self.starts, self.lengths)  # of each row of `values`
        return RaggedValues(self.values[step < time], np.minimum(self.lengths, time))

    def padded(self, time: int, fill: float) -> np.ndarray:
        """Return the samples as (samples, time, features), filled up at the end; none may be longer than `time`."""
        real = np.arange(time) < self.lengths[:, None]  # (samples, time)
        padded = np.full((*real.shape, self.values.shape[1]), fill, self.values.dtype)
        padded[real] = self.values
        return padded

    def refused(self, wrong: np.ndarray, reason: str, where: Where) -> None:
        """Raise DataError if any step is `wrong`, (sum of lengths,) booleans, naming each sample's first wrong step."""
        if not wrong.any():
            return
        rows = np.flatnonzero(wrong)
        samples = np.searchsorted(np.cumsum(self.lengths), rows, side="right")
        first: dict[int, int] = {}  # wrong step of each sample
        for sample, row in zip(samples.tolist(), rows.tolist(), strict=True):
            first.setdefault(sample, row - self.starts[sample])
        raise unusable({where(sample): f"{reason} (step {step})" for sample, step in first.items()})


def _as_array(sample: object) -> np.ndarray:
    """Return the sample as an array; if it does not consist of numbers, an array of objects."""
    try:
        array = np.asarray(sample)
        return np.asarray(array.tolist()) if array.dtype == object else array  # numbers may stand there as objects
    except ValueError:  # its steps differ in length
        return np.empty((), object)


def _shape_faults(arrays: Sequence[np.ndarray]) -> dict[int, str]:
    """Return what is wrong with the dtype or shape of samples, by their positions."""
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
    """Return the length of a sample (time, features): up to the last step that is not NaN in every feature."""
    if sample.dtype.kind != "f":
        return len(sample)
    there = np.flatnonzero(~np.isnan(sample).all(axis=1))
    return int(there[-1]) + 1 if len(there) else 0


def unusable(faults: Mapping[str, str]) -> DataError:
    """Return the error for samples that cannot be used; `faults` gives the reasons by the samples' places."""
    lines = [f"{place}: {fault}" for place, fault in faults.items()]
    return DataError(f"{counted(len(lines), 'sample')} cannot be used:{listed(lines)}")
