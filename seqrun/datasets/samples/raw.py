"""Samples of numbers as they stand in their file, before they are numbered, split and scaled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from seqrun.datasets.samples.ragged import RaggedValues, Where, unusable
from seqrun.datasets.shared.label_forms import named, normalised
from seqrun.datasets.shared.labelling import Labelled, Labelling, label_fault, written_label
from seqrun.datasets.shared.stratified import in_order
from seqrun.datasets.shared.written import as_written
from seqrun.errors import DataError

LabelEach = Literal["sample", "step"]


@contextmanager
def told_of(path: Path) -> Iterator[None]:
    """Add the file's name in front of a DataError's message."""
    try:
        yield
    except DataError as error:
        raise DataError(f"{path}: {error}") from error


@dataclass(frozen=True)
class RawSequences:
    """Samples in original units; those of the file's own splits stand together, the training ones first."""

    values: RaggedValues
    features: tuple[str, ...]
    labels: np.ndarray | None  # objects, (samples, columns) or of each step (sum of lengths,); None: there are none
    index: np.ndarray  # (samples,) int64: the sample's number in its array or file, from 0
    where: Where
    validation_from: int | None = None  # where the file's own splits begin, if it has them
    test_from: int | None = None
    ids: np.ndarray | None = None  # (samples,) what the file calls them, if it has names for them
    times: np.ndarray | None = None  # (sum of lengths,) of each step, if the file has them
    rows: np.ndarray | None = None  # (sum of lengths,) the row of each step, from 0, if steps have rows of their own
    groups: np.ndarray | None = None  # (samples,) objects: samples of one are kept in one split, if the config says so


def step_labels(array: np.ndarray, lengths: np.ndarray, time: int, where: Where, name: str) -> np.ndarray:
    """Return the labels of all real steps, sample after sample, (sum of lengths,) objects.

    `array` is (samples, time), of which the part past a sample's end is ignored, or an object array with an array of
    labels for each sample. Raises DataError where a sample has more or fewer labels than steps.
    """
    if array.shape == (len(lengths), time):
        return array[np.arange(time) < lengths[:, None]].astype(object)
    if array.ndim != 1 or array.dtype != object or len(array) != len(lengths):
        shape = f"({len(lengths)}, {time}), or one array a sample"
        raise DataError(f"{name} is {array.shape} {array.dtype}; labels of steps are {shape} (label_each: step)")
    faults = {
        where(n): f"{length} steps, but labels of shape {np.shape(labels)}"
        for n, (labels, length) in enumerate(zip(array, lengths.tolist(), strict=True))
        if np.shape(labels) != (length,)
    }
    if faults:
        raise unusable(faults)
    return np.concatenate([np.asarray(labels, object) for labels in array])


def sample_labels(path: Path, raw: RawSequences, labelling: Labelling) -> Labelled:
    """Return the labels of all samples; DataError names the place of each that cannot be used."""
    if raw.labels is None:
        raise ValueError("these samples have no labels")
    rows = [[cell.item() if isinstance(cell, np.generic) else cell for cell in cells] for cells in raw.labels.tolist()]
    faults = {raw.where(n): fault for n, cells in enumerate(rows) if (fault := labelling.fault(cells))}
    if faults:
        with told_of(path):
            raise unusable(faults)
    return labelling.labelled(path, [labelling.read(cells) for cells in rows], given_test=raw.test_from is not None)


def group_numbers(path: Path, raw: RawSequences) -> np.ndarray | None:
    """Return the number of each sample's group, (samples,); None if there are none.

    Raises DataError, naming the samples, if some are of no group.
    """
    if raw.groups is None:
        return None
    names = [as_written(group) for group in raw.groups.tolist()]
    faults = {raw.where(n): "no group (dataset.splits.keep_together)" for n, name in enumerate(names) if name is None}
    if faults:
        with told_of(path):
            raise unusable(faults)
    return np.unique([normalised(str(name)) for name in names], return_inverse=True)[1]


def numbered(
    path: Path, raw: RawSequences, merge: Mapping[str, str]
) -> tuple[tuple[str, ...], np.ndarray, tuple[str, ...]]:
    """Return the tags in order, the number of each step's tag, int32, and doubts about how the tags are written.

    Labels in `merge` are counted as the others that it gives. Raises DataError for labels that name no tag.
    """
    import pandas as pd

    if raw.labels is None:
        raise ValueError("these samples have no labels to number")
    try:
        codes, found = pd.factorize(raw.labels)  # None and NaN are -1
    except TypeError as error:
        raise DataError(f"labels are strings, whole numbers or booleans: {error}") from error
    labels = [label.item() if isinstance(label, np.generic) else label for label in found]
    faults = [*map(label_fault, labels), label_fault(None)]
    for code, fault in enumerate(faults):
        wrong = codes == (code if code < len(labels) else -1)
        if fault:
            raw.values.refused(wrong, fault, raw.where)
    written = [written_label(label) for label in labels]
    counts: Counter[str] = Counter()
    for text, count in zip(written, np.bincount(codes, minlength=len(written)).tolist(), strict=True):
        counts[text] += count
    names = named(path, counts, merge)
    classes = in_order(names.counts)
    number = {name: i for i, name in enumerate(classes)}
    return classes, np.array([number[names.names[text]] for text in written], np.int32)[codes], names.doubts
