"""The labels and groups of samples of numbers: what is wrong with them, and the targets that they become."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from seqrun.datasets.samples.faults import Faults
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.datasets.samples.raw import RawSequences
from seqrun.datasets.samples.text import factorized
from seqrun.datasets.shared.label_forms import named, normalised
from seqrun.datasets.shared.labelling import Labelled, Labelling, label_fault, written_label
from seqrun.datasets.shared.stratified import in_order
from seqrun.datasets.shared.written import as_written, undecodable
from seqrun.errors import DataError


def step_labels(array: np.ndarray, lengths: np.ndarray, time: int, name: str) -> tuple[np.ndarray, Faults]:
    """Return the labels of all real steps, sample after sample, (sum of lengths,) objects, and faults.

    `array` is (samples, time), of which the part past a sample's end is ignored, or an object array with an array of
    labels for each sample. A sample that has more or fewer labels than steps is at fault; its labels are None.
    """
    if array.shape == (len(lengths), time):
        return array[np.arange(time) < lengths[:, None]].astype(object), {}
    if array.ndim != 1 or array.dtype != object or len(array) != len(lengths):
        shape = f"({len(lengths)}, {time}), or one array a sample"
        raise DataError(f"{name} is {array.shape} {array.dtype}; labels of steps are {shape} (label_each: step)")
    faults: dict[int, str] = {}
    labels = np.full(int(lengths.sum()), None, object)
    ends = np.cumsum(lengths).tolist()
    for n, (given, length, end) in enumerate(zip(array, lengths.tolist(), ends, strict=True)):
        cells = np.asarray(given, object)
        if cells.shape == (length,):
            labels[end - length : end] = cells
        else:
            faults[n] = f"{length} steps, but labels of shape {cells.shape}"
    return labels, faults


def label_faults(raw: RawSequences, labelling: Labelling | None) -> Faults:
    """Return what is wrong with the labels of samples, or, without a `labelling`, of their steps."""
    if raw.labels is None:
        return {}
    if labelling is None:
        return _tag_faults(raw.labels, raw.values)
    return {n: fault for n, cells in enumerate(cells_of(raw.labels)) if (fault := labelling.fault(cells))}


def sample_labels(path: Path, raw: RawSequences, labelling: Labelling) -> Labelled:
    """Return the labels of all samples, none of which is at fault."""
    if raw.labels is None:
        raise ValueError("these samples have no labels")
    labels = [labelling.read(cells) for cells in cells_of(raw.labels)]
    return labelling.labelled(path, labels, given_test=raw.test_from is not None)


def cells_of(labels: np.ndarray) -> list[list[object]]:
    """Return labels (samples, columns) as Python has them."""
    return [[cell.item() if isinstance(cell, np.generic) else cell for cell in cells] for cells in labels.tolist()]


# --- groups -----------------------------------------------------------------------------------------------------------


def group_faults(raw: RawSequences) -> Faults:
    """Return what is wrong with the groups of samples: some are of none, or its name cannot be read."""
    if raw.groups is None:
        return {}
    faults = ((n, _group_fault(group)) for n, group in enumerate(raw.groups.tolist()))
    return {n: f"{fault} (dataset.splits.keep_together)" for n, fault in faults if fault}


def _group_fault(group: object) -> str | None:
    if as_written(group) is None:
        return "no group"
    return undecodable(group) if isinstance(group, str) else None


def group_numbers(raw: RawSequences) -> np.ndarray | None:
    """Return the number of each sample's group, (samples,), none of which is at fault; None if there are none."""
    if raw.groups is None:
        return None
    names = [normalised(as_written(group) or "") for group in raw.groups.tolist()]
    return np.unique(names, return_inverse=True)[1]


# --- labels of steps --------------------------------------------------------------------------------------------------


def _tag_faults(labels: np.ndarray, values: RaggedValues) -> Faults:
    """Return what is wrong with the labels of steps, (sum of lengths,), of each sample the first."""
    found: dict[int, str] = {}
    codes, names = distinct(labels)
    for code, label in enumerate(names):
        if fault := label_fault(label):
            for sample, told in values.first_wrong(codes == code, fault).items():
                found.setdefault(sample, told)
    return found


def distinct(labels: np.ndarray) -> tuple[np.ndarray, Sequence[object]]:
    """Return the number of each label, and the labels by their numbers; the last one stands for those missing."""
    codes, found = factorized(labels)
    python = [label.item() if isinstance(label, np.generic) else label for label in found]
    return np.where(codes < 0, len(python), codes), [*python, None]


def numbered(
    path: Path, raw: RawSequences, merge: Mapping[str, str]
) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
    """Return the tags in order, the number of each step's tag, int32, and doubts about how the tags are written.

    No label is at fault; those in `merge` are counted as the others that it gives.
    """
    if raw.labels is None:
        raise ValueError("these samples have no labels to number")
    codes, labels = distinct(raw.labels)
    written = [written_label(label) for label in labels[:-1]]
    counts: Counter[str] = Counter()
    for text, count in zip(written, np.bincount(codes, minlength=len(written)).tolist(), strict=True):
        counts[text] += count
    names = named(path, counts, merge)
    classes = in_order(names.counts)
    number = {name: i for i, name in enumerate(classes)}
    return classes, np.array([number[names.names[text]] for text in written], np.int32)[codes], names.doubts
