"""Samples of numbers, read, made into splits: cut, scaled by the training split alone, padded, with their targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from seqrun.components.splits import NO_TAG, Source, Spec, Split, Splits, Values
from seqrun.components.targets import ClassTarget, Reconstruction, TagTarget
from seqrun.datasets.samples.encoding import network_values
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.datasets.samples.raw import LabelEach, RawSequences, numbered, told_of
from seqrun.datasets.shared.fields import Scaler
from seqrun.datasets.shared.partition import Partition
from seqrun.datasets.shared.scaling import Scale, fit_scale
from seqrun.datasets.shared.stratified import check_trainable, checked_classes, stratified_partition
from seqrun.errors import DataError
from seqrun.readable import counted, listed_names


@dataclass(frozen=True)
class Cut:
    """How samples are made into splits: the fields of the dataset `sequences`."""

    label_each: LabelEach
    splits: Sequence[float]
    scaler: Scaler
    max_len: int | None
    limit: int | None
    seed: int


def split_sequences(path: Path, raw: RawSequences, how: Cut, sources: tuple[Source, ...]) -> Splits:
    """The splits; DataError for labels that name no class, and for splits without samples."""
    with told_of(path):
        classes, numbers = ((), None) if raw.labels is None else numbered(raw, how.label_each)
    if len(classes) == 1:
        raise DataError(f"{path}: all labels are {classes[0]!r}; there must be two or more")
    parts = _partition(path, raw, classes, numbers, how)
    time = how.max_len or int(raw.values.lengths[parts.train].max())
    values = raw.values.cut(time)
    training = values.taken(parts.train).values
    scales = _fitted(path, raw.features, training, how.scaler)
    used = np.unique(np.concatenate([parts.train, parts.validation, parts.test]))
    padded = bool((values.lengths[used] < time).any())
    units = Values(raw.features, tuple(s.offset for s in scales), tuple(s.scale for s in scales), padded=padded)
    targets, target = _targets(raw, classes, numbers, time, how.label_each)
    spec = Spec((time, len(raw.features)), target, values=units)

    def split(part: np.ndarray) -> Split:
        with told_of(path):
            inputs = network_values(values.taken(part), spec, lambda position: raw.where(part[position]))
        return Split(inputs, targets[part], raw.index[part])

    train, validation, test = (split(part) for part in (parts.train, parts.validation, parts.test))
    warnings = [*_cut_warning(path, raw.values.lengths[used], time), *_unseen_warning(path, train, classes)]
    return Splits(spec, train, validation, test, sources, warnings=tuple(warnings))


def _fitted(path: Path, features: Sequence[str], training: np.ndarray, scaler: Scaler) -> list[Scale]:
    """What scales each feature, from the training steps (steps, features); DataError if nothing finite does."""
    with np.errstate(over="ignore", invalid="ignore"):  # told below
        scales = [fit_scale(scaler, column) for column in training.T.astype(np.float64)]
    for name, scale in zip(features, scales, strict=True):
        if not np.isfinite(scale).all():
            raise DataError(f"{path}: the values of {name} are too large to be scaled")
    return scales


def _partition(
    path: Path, raw: RawSequences, classes: tuple[str, ...], numbers: np.ndarray | None, how: Cut
) -> Partition:
    """Which samples make which split; by class where each sample has one."""
    count = len(raw.values)
    by_class = numbers is not None and how.label_each == "sample"
    targets = numbers if numbers is not None and by_class else np.zeros(count, np.int32)
    classes = classes if by_class else ()
    if raw.validation_from is not None and raw.test_from is not None:
        borders = (0, raw.validation_from, raw.test_from, count)
        parts = Partition(*(np.arange(first, past) for first, past in pairwise(borders)))
        check_trainable(path, targets[parts.train], ())
        return parts.limited(how.limit, targets, how.seed)
    if by_class and raw.test_from is None:
        counts = Counter(targets.tolist())
        checked_classes(path, {name: counts[n] for n, name in enumerate(classes)}, _LABELS_HINT)
    return stratified_partition(
        path,
        targets,
        classes,
        splits=how.splits,
        seed=how.seed,
        limit=how.limit,
        test_from=raw.test_from,
        all_trained=raw.test_from is None,  # a file may keep anomalies for its test, on purpose
    )


_LABELS_HINT = "does dataset.labels name the right array or column?"


def _targets(
    raw: RawSequences, classes: tuple[str, ...], numbers: np.ndarray | None, time: int, each: LabelEach
) -> tuple[np.ndarray, ClassTarget | TagTarget | Reconstruction]:
    """int32 (samples,) classes, (samples, time) tags, or (samples, 0) nothing; and what they are."""
    if numbers is None:
        return np.zeros((len(raw.values), 0), np.int32), Reconstruction()
    if each == "sample":
        return numbers, ClassTarget(classes)
    tags = RaggedValues(numbers[:, None], raw.values.lengths).cut(time).padded(time, NO_TAG)[..., 0]
    return tags, TagTarget(classes)


def _cut_warning(path: Path, lengths: np.ndarray, time: int) -> list[str]:
    longer = int((lengths > time).sum())
    if not longer:
        return []
    return [
        f"{path}: {longer:,} of {counted(len(lengths), 'sample')} have more than the {counted(time, 'step')} that the "
        f"network reads, and are cut there, the longest from {lengths.max():,} (dataset.max_len)"
    ]


def _unseen_warning(path: Path, train: Split, classes: Sequence[str]) -> list[str]:
    learned = set(np.unique(train.targets).tolist())
    unseen = [name for number, name in enumerate(classes) if number not in learned]
    if not unseen:
        return []
    return [
        f"{path}: neither classifier nor tagger can learn labels that no training sample has: {listed_names(unseen)}"
    ]
