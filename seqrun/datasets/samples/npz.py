"""Samples of numbers from npz files: one array of all, or one for each split."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.datasets.files.npz import read_array
from seqrun.datasets.samples.arrays import array_faults, array_names, halves_of
from seqrun.datasets.samples.faults import Faults
from seqrun.datasets.samples.labels import step_labels
from seqrun.datasets.samples.ragged import NUMBERS, RaggedValues
from seqrun.datasets.samples.raw import LabelEach, RawSequences, told_of
from seqrun.datasets.samples.text import as_text
from seqrun.errors import DataError
from seqrun.machine.opener import open_file
from seqrun.readable import counted


@dataclass(frozen=True)
class Arrays:
    """The names of an npz file's arrays, without the ending that says which split they belong to (_train, _test)."""

    values: str
    lengths: str | None = None
    labels: str | None = None
    label_each: LabelEach = "sample"
    group: str | None = None
    encoding: str = "utf-8"  # of text that is stored as bytes

    def wanted(self) -> dict[str, str]:
        """Return the given names, under the keys by which a config names them."""
        names = {"values": self.values, "lengths": self.lengths, "labels": self.labels, "splits": self.group}
        return {key: name for key, name in names.items() if name is not None}


def read_npz(path: Path, arrays: Arrays, features: Sequence[str] | None) -> RawSequences:
    """Return the samples of the file, with what is wrong with them; DataError for arrays that are no samples."""
    with told_of(path):
        try:
            ends, halves = _read(path, arrays, len(features) if features else None)
        except DataError:
            raise
        except Exception as error:  # there is no end to what a broken zip or pickle can raise
            raise DataError(f"cannot be read as npz: {error}") from error
        return _joined(ends, halves, arrays, features)


def of_array(path: Path, array: np.ndarray, features: Sequence[str] | None) -> RawSequences:
    """Return the samples of an array that stands alone in a file, with what is wrong with them, as `read_npz`."""
    alone = Arrays(path.name)
    with told_of(path):
        return _joined(
            [""], [_half(lambda name: array, alone, "", len(features) if features else None)], alone, features
        )


def _read(path: Path, arrays: Arrays, width: int | None) -> tuple[Sequence[str], list[_Half]]:
    """Return the endings of the arrays' names (\"\", or _train, ...), and the samples behind each ending."""
    with open_file(path) as file, zipfile.ZipFile(file) as archive:
        names = array_names(archive)
        for fault in array_faults(names, arrays.wanted()).values():
            raise DataError(fault)
        ends = halves_of(names, arrays.values)
        halves: list[_Half] = []
        for end in ends:
            halves.append(_half(lambda name: read_array(archive, name), arrays, end, width))
            width = halves[0].values.values.shape[1]
        return ends, halves


@dataclass(frozen=True)
class _Half:
    values: RaggedValues
    labels: np.ndarray | None  # as RawSequences has them
    groups: np.ndarray | None
    faults: Faults


def _half(read: Callable[[str], np.ndarray], arrays: Arrays, end: str, width: int | None) -> _Half:
    name = f"{arrays.values}{end}"
    array = read(name)
    lengths = None if arrays.lengths is None else (f"{arrays.lengths}{end}", read(f"{arrays.lengths}{end}"))
    values, faults = _values(array, name, lengths, width)
    groups, labels = None, None
    if arrays.group is not None:
        group = f"{arrays.group}{end}"
        groups = _groups(as_text(read(group), arrays.encoding), group, name, len(values))
    if arrays.labels is not None:
        name_of_labels = f"{arrays.labels}{end}"
        labels = as_text(read(name_of_labels), arrays.encoding)
        if arrays.label_each == "step":
            time = array.shape[1] if array.ndim > 1 else max([int(values.lengths.max()), *labels.shape[1:2]])
            labels, unlike = step_labels(labels, values.lengths, time, name_of_labels)
            faults = {**unlike, **faults}
        else:
            labels = _of_samples(labels, name_of_labels, name, len(values))
    return _Half(values, labels, groups, faults)


def _of_samples(labels: np.ndarray, name: str, of: str, count: int) -> np.ndarray:
    """Return the labels of samples, (samples, columns) objects; DataError if the array has another shape."""
    if labels.shape[:1] != (count,) or labels.ndim > 2:
        shape, wanted = f"{labels.shape} {labels.dtype}", f"({count},), or ({count}, columns)"
        raise DataError(f"{name} is {shape}; the labels of {of} are {wanted}")
    return labels.astype(object).reshape(count, -1)


def _groups(array: np.ndarray, name: str, of: str, count: int) -> np.ndarray:
    """Return the array of groups, (samples,) objects; DataError if it has another shape."""
    if array.shape != (count,):
        raise DataError(f"{name} is {array.shape} {array.dtype}; the groups of {of} must be ({count},)")
    return array.astype(object)


def _values(
    array: np.ndarray, name: str, lengths: tuple[str, np.ndarray] | None, width: int | None
) -> tuple[RaggedValues, Faults]:
    """Return the samples of an array (samples, time, features), (samples, time), or of objects (time, features), and
    what is wrong with some; `lengths` is the array of their lengths, with its name.
    """
    if not array.size:
        raise DataError(f"{name} is {array.shape}: it holds no number")
    if array.dtype == object:
        if lengths is not None:
            raise DataError(f"{name} holds an array a sample, so dataset.lengths has no meaning")
        values, faults = RaggedValues.of_samples(list(array), width)
        return values, {**values.faults(), **faults}
    if array.dtype.kind not in NUMBERS or array.ndim not in (2, 3):
        shapes = "(samples, time, features), (samples, time), or one array a sample"
        raise DataError(f"{name} is {array.shape} {array.dtype}; it must be numbers, {shapes}")
    used, faults = (None, {}) if lengths is None else usable_lengths(*lengths, array.shape, name)
    values = RaggedValues.of_array(array[..., None] if array.ndim == 2 else array, used)
    return values, {**values.faults(), **faults}


def usable_lengths(name: str, lengths: np.ndarray, shape: tuple[int, ...], of: str) -> tuple[np.ndarray, Faults]:
    """Return the lengths of the samples of an array of that `shape`, 0 where one is impossible, which is a fault."""
    if lengths.dtype.kind not in "iu" or lengths.shape != shape[:1]:
        given = f"{lengths.shape} {lengths.dtype}"
        raise DataError(f"{name} is {given}; the lengths of {of} are ({shape[0]},) whole numbers")
    wrong = (lengths < 1) | (lengths > shape[1])
    told = f"no length from 1 to {shape[1]} steps"
    faults = {n: f"{name} says {lengths[n]:,}, {told}" for n in np.flatnonzero(wrong).tolist()}
    return np.where(wrong, 0, lengths), faults


def _joined(
    ends: Sequence[str], halves: Sequence[_Half], arrays: Arrays, features: Sequence[str] | None
) -> RawSequences:
    """Return the samples of all endings in one, those of train first, then validation, then test."""
    _check_widths(ends, halves, arrays, features)
    labels = [half.labels for half in halves if half.labels is not None]
    groups = [half.groups for half in halves if half.groups is not None]
    starts = np.cumsum([0, *(len(half.values) for half in halves)]).tolist()

    def where(position: int) -> str:
        half = int(np.searchsorted(starts, position, side="right")) - 1
        return f"{arrays.values}{ends[half]}[{position - starts[half]}]"

    values = RaggedValues.joined([half.values for half in halves])
    width = values.values.shape[1]
    pairs = zip(starts, halves, strict=False)
    return RawSequences(
        values=values,
        features=tuple(features) if features else tuple(f"feature_{n}" for n in range(1, width + 1)),
        labels=np.concatenate(labels) if labels else None,
        index=np.concatenate([np.arange(len(half.values)) for half in halves]),
        where=where,
        validation_from=starts[1] if len(halves) == 3 else None,
        test_from=starts[-2] if len(halves) > 1 else None,
        groups=np.concatenate(groups) if groups else None,
        faults={start + n: fault for start, half in pairs for n, fault in half.faults.items()},
    )


def _check_widths(ends: Sequence[str], halves: Sequence[_Half], arrays: Arrays, features: Sequence[str] | None) -> None:
    """Raise DataError where arrays differ in their numbers of features, or of columns of labels."""
    counts = {f"{arrays.values}{end}": half.values.values.shape[1] for end, half in zip(ends, halves, strict=True)}
    width = next(iter(counts.values()))
    for name, count in counts.items():
        if count != (len(features) if features else width):
            others = f"dataset.features names {len(features)}" if features else f"{next(iter(counts))} has {width}"
            raise DataError(f"{name} has {counted(count, 'feature')}, but {others}")
    labels = [half.labels for half in halves if half.labels is not None]
    if len({array.shape[1:] for array in labels}) > 1:
        widths = ", ".join(f"{arrays.labels}{end} {array.shape[1]}" for end, array in zip(ends, labels, strict=True))
        raise DataError(f"arrays of unequal numbers of columns: {widths}")
