"""Samples of numbers from npz files: one array of all, or one for each split."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.datasets.files.npz import read_array
from seqrun.datasets.samples.arrays import array_faults, array_names, halves_of
from seqrun.datasets.samples.ragged import NUMBERS, RaggedValues, Where
from seqrun.datasets.samples.raw import LabelEach, RawSequences, step_labels, told_of
from seqrun.errors import DataError
from seqrun.readable import counted


@dataclass(frozen=True)
class Arrays:
    """The names of an npz file's arrays, without the ending that says which split they belong to (_train, _test)."""

    values: str
    lengths: str | None = None
    labels: str | None = None
    label_each: LabelEach = "sample"
    group: str | None = None

    def wanted(self) -> dict[str, str]:
        """Return the given names, under the keys by which a config names them."""
        names = {"values": self.values, "lengths": self.lengths, "labels": self.labels, "splits": self.group}
        return {key: name for key, name in names.items() if name is not None}


def read_npz(path: Path, arrays: Arrays, features: Sequence[str] | None) -> RawSequences:
    """Return the samples of the file; DataError names the place (x_train[3]) of each that cannot be used."""
    with told_of(path):
        try:
            ends, halves = _read(path, arrays)
        except DataError:
            raise
        except Exception as error:  # there is no end to what a broken zip or pickle can raise
            raise DataError(f"cannot be read as npz: {error}") from error
        return _joined(ends, halves, arrays, features)


def _read(path: Path, arrays: Arrays) -> tuple[Sequence[str], list[_Half]]:
    """Return the endings of the arrays' names (\"\", or _train, ...), and the samples behind each ending."""
    with zipfile.ZipFile(path) as archive:
        names = array_names(archive)
        for fault in array_faults(names, arrays.wanted()).values():
            raise DataError(fault)
        ends = halves_of(names, arrays.values)
        return ends, [_half(lambda name: read_array(archive, name), arrays, end) for end in ends]


@dataclass(frozen=True)
class _Half:
    values: RaggedValues
    labels: np.ndarray | None  # as RawSequences has them
    groups: np.ndarray | None = None


def _half(read: Callable[[str], np.ndarray], arrays: Arrays, end: str) -> _Half:
    name = f"{arrays.values}{end}"
    array = read(name)
    lengths = None if arrays.lengths is None else read(f"{arrays.lengths}{end}")
    values = _values(array, name, lengths, f"{arrays.lengths}{end}")
    groups = (
        None if arrays.group is None else _groups(read(f"{arrays.group}{end}"), f"{arrays.group}{end}", name, values)
    )
    if arrays.labels is None:
        return _Half(values, None, groups)
    labels, name_of_labels = read(f"{arrays.labels}{end}"), f"{arrays.labels}{end}"
    if arrays.label_each == "step":
        time = int(values.lengths.max()) if array.ndim == 1 else array.shape[1]
        return _Half(values, step_labels(labels, values.lengths, time, place_in(name), name_of_labels), groups)
    if labels.shape[:1] != (len(values),) or labels.ndim > 2:
        shape, wanted = f"{labels.shape} {labels.dtype}", f"({len(values)},), or ({len(values)}, columns)"
        raise DataError(f"{name_of_labels} is {shape}; the labels of {name} are {wanted}")
    return _Half(values, labels.astype(object).reshape(len(values), -1), groups)


def _groups(array: np.ndarray, name: str, of: str, values: RaggedValues) -> np.ndarray:
    """Return the array of groups, (samples,) objects; DataError if it has another shape."""
    if array.shape != (len(values),):
        raise DataError(f"{name} is {array.shape} {array.dtype}; the groups of {of} must be ({len(values)},)")
    return array.astype(object)


def place_in(name: str) -> Where:
    """Return what names a sample of that array in a message: x_train[3]."""
    return lambda position: f"{name}[{position}]"


def _values(array: np.ndarray, name: str, lengths: np.ndarray | None, lengths_name: str) -> RaggedValues:
    """Return the samples of an array (samples, time, features), (samples, time), or of objects (time, features)."""
    if not array.size:
        raise DataError(f"{name} is {array.shape}: it holds no number")
    if array.dtype == object:
        if lengths is not None:
            raise DataError(f"{name} holds an array a sample, so dataset.lengths has no meaning")
        return RaggedValues.of_samples(list(array), place_in(name))
    if array.dtype.kind not in NUMBERS or array.ndim not in (2, 3):
        shapes = "(samples, time, features), (samples, time), or one array a sample"
        raise DataError(f"{name} is {array.shape} {array.dtype}; it must be numbers, {shapes}")
    if lengths is not None:
        _check_lengths(lengths, array.shape, name, lengths_name)
    return RaggedValues.of_array(array[..., None] if array.ndim == 2 else array, place_in(name), lengths)


def _check_lengths(lengths: np.ndarray, shape: tuple[int, ...], name: str, lengths_name: str) -> None:
    if lengths.dtype.kind not in "iu" or lengths.shape != shape[:1]:
        given = f"{lengths.shape} {lengths.dtype}"
        raise DataError(f"{lengths_name} is {given}; the lengths of {name} are ({shape[0]},) whole numbers")
    wrong = np.flatnonzero((lengths < 1) | (lengths > shape[1]))
    if len(wrong):
        first = f"{lengths_name}[{wrong[0]}] is {lengths[wrong[0]]}"
        raise DataError(f"{len(wrong):,} lengths are not from 1 to the {shape[1]} steps of {name}; {first}")


def _joined(
    ends: Sequence[str], halves: Sequence[_Half], arrays: Arrays, features: Sequence[str] | None
) -> RawSequences:
    """Return the samples of all endings in one, those of train first, then validation, then test."""
    counts = {f"{arrays.values}{end}": half.values.values.shape[1] for end, half in zip(ends, halves, strict=True)}
    width = next(iter(counts.values()))
    for name, count in counts.items():
        if count != (len(features) if features else width):
            others = f"dataset.features names {len(features)}" if features else f"{next(iter(counts))} has {width}"
            raise DataError(f"{name} has {counted(count, 'feature')}, but {others}")
    labels = [half.labels for half in halves if half.labels is not None]
    groups = [half.groups for half in halves if half.groups is not None]
    if len({array.shape[1:] for array in labels}) > 1:
        widths = ", ".join(f"{arrays.labels}{end} {array.shape[1]}" for end, array in zip(ends, labels, strict=True))
        raise DataError(f"arrays of unequal numbers of columns: {widths}")
    starts = np.cumsum([0, *(len(half.values) for half in halves)]).tolist()

    def where(position: int) -> str:
        half = int(np.searchsorted(starts, position, side="right")) - 1
        return f"{arrays.values}{ends[half]}[{position - starts[half]}]"

    return RawSequences(
        values=RaggedValues.joined([half.values for half in halves]),
        features=tuple(features) if features else tuple(f"feature_{n}" for n in range(1, width + 1)),
        labels=np.concatenate(labels) if labels else None,
        index=np.concatenate([np.arange(len(half.values)) for half in halves]),
        where=where,
        validation_from=starts[1] if len(halves) == 3 else None,
        test_from=starts[-2] if len(halves) > 1 else None,
        groups=np.concatenate(groups) if groups else None,
    )
