"""Samples of numbers, read, made into splits: cut, scaled by the training split alone, padded, with their targets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from seqrun.components.padding import NO_TAG, PADDING
from seqrun.components.provenance import Source
from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import Reconstruction, TagTarget
from seqrun.datasets.samples.encoding import scaled_values
from seqrun.datasets.samples.faults import UnusableSamples, Where
from seqrun.datasets.samples.labels import group_numbers, numbered, sample_labels
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.datasets.samples.raw import RawSequences, told_of
from seqrun.datasets.samples.usable import usable
from seqrun.datasets.shared.fields import Scaler
from seqrun.datasets.shared.grouped import group_doubts, group_leaks
from seqrun.datasets.shared.labelling import Labelled, Labelling
from seqrun.datasets.shared.layout import BadRows
from seqrun.datasets.shared.overlap import Equals, with_overlap
from seqrun.datasets.shared.partition import Partition
from seqrun.datasets.shared.scaling import Scale, fit_scale, hidden_warning, lost_in_float32
from seqrun.datasets.shared.stratified import check_trainable, stratified_partition
from seqrun.errors import DataError
from seqrun.readable import counted


@dataclass(frozen=True)
class Cut:
    """How samples are made into splits: the fields of the dataset `sequences`."""

    labelling: Labelling | None  # of samples; None: steps are labelled, or nothing
    merge: Mapping[str, str]  # label -> the one that it is counted as
    splits: Sequence[float]
    scaler: Scaler
    max_len: int | None
    limit: int | None
    train_fraction: float
    seed: int


def usable_splits(
    path: Path, raw: RawSequences, how: Cut, sources: tuple[Source, ...], bad_rows: BadRows
) -> tuple[Splits, int]:
    """Return the splits of the samples that can be used, with a warning of the others, and how many can be.

    Raises DataError if samples cannot be used and may not be left out, and as `split_sequences` does.
    """
    raw, left_out = usable(path, raw, how.labelling, bad_rows)
    try:
        splits, count = split_sequences(path, raw, how, sources), len(raw.values)
    except UnusableSamples as error:
        splits, count = usable_splits(path, replace(raw, faults=error.faults), how, sources, bad_rows)
    return replace(splits, warnings=(*left_out, *splits.warnings)), count


def split_sequences(path: Path, raw: RawSequences, how: Cut, sources: tuple[Source, ...]) -> Splits:
    """Return the splits of samples without faults.

    Raises DataError for labels that cannot be learned, for a split without samples, and for values that cannot be
    scaled; UnusableSamples for those whose scaled values no network can read.
    """
    labelled = _labelled(path, raw, how)
    groups = group_numbers(raw)
    parts = _partition(path, raw, labelled, groups, how).trained_on(how.train_fraction, labelled.strata, how.seed)
    time = how.max_len or int(raw.values.lengths[parts.train].max())
    values = raw.values.cut(time)
    training = values.taken(parts.train).values
    used = np.unique(np.concatenate([parts.train, parts.validation, parts.test]))
    padded = bool((values.lengths[used] < time).any())
    units = _units(path, raw.features, training, how.scaler, padded)
    spec = Spec((time, len(raw.features)), labelled.target(parts.train), values=units)
    hidden = _hidden(training, units)
    dtype = np.float64 if hidden else np.float32  # for baselines and metrics; the network computes in float32
    inputs = _inputs(values, parts, spec, dtype, raw.where)
    targets = padded_targets(labelled.targets, spec, raw.values.lengths)
    train, validation, test = (Split(x, targets[part], raw.index[part]) for x, part in inputs)
    whole = raw.test_from is None and how.limit is None and how.train_fraction == 1
    fractions = how.splits if whole else None
    warnings = (
        *labelled.doubts,
        *_group_doubts(path, groups, parts, fractions, labelled),
        *cut_warning(path, raw.values.lengths[used], time),
        *(f"{path}: {doubt}" for doubt in [*spec.target.doubts(train.targets), *hidden]),
    )
    leaks = () if groups is None else group_leaks(groups, parts)
    splits = Splits(spec, train, validation, test, sources, warnings=warnings, leaks=leaks)
    return with_overlap(splits, Equals.by(raw.values.keys()), parts, labelled.targets, raw.where)


def _inputs(
    values: RaggedValues, parts: Partition, spec: Spec, dtype: type[np.floating], where: Where
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the samples of each split as the network reads them, (samples, time, features), and their positions."""
    faults: dict[int, str] = {}
    inputs = []
    for part in (parts.train, parts.validation, parts.test):
        scaled, found = scaled_values(values.taken(part), spec, dtype)
        faults |= {int(part[n]): fault for n, fault in found.items()}
        inputs.append((scaled.padded(spec.input_shape[0], PADDING), part))
    if faults:
        raise UnusableSamples(faults, where)
    return inputs


def padded_targets(targets: np.ndarray, spec: Spec, lengths: np.ndarray) -> np.ndarray:
    """Return the targets of samples (samples, ...); those of steps (sum of lengths,) as (samples, time)."""
    if not isinstance(spec.target, TagTarget):
        return targets
    time = spec.input_shape[0]
    return RaggedValues(targets[:, None], lengths).cut(time).padded(time, NO_TAG)[..., 0]


def _units(path: Path, features: tuple[str, ...], training: np.ndarray, scaler: Scaler, padded: bool) -> Values:
    """Return what the numbers are, scaled by the training steps (steps, features)."""
    scales = _fitted(path, features, training, scaler)
    return Values(features, tuple(s.offset for s in scales), tuple(s.scale for s in scales), padded=padded)


def _fitted(path: Path, features: Sequence[str], training: np.ndarray, scaler: Scaler) -> list[Scale]:
    """Return the scale of each feature, fitted on the training steps (steps, features); DataError if not finite."""
    with np.errstate(over="ignore", invalid="ignore"):  # told below
        scales = [fit_scale(scaler, column) for column in training.T.astype(np.float64)]
    for name, scale in zip(features, scales, strict=True):
        if not np.isfinite(scale).all():
            raise DataError(f"{path}: the values of {name} are too large to be scaled")
    return scales


def _hidden(training: np.ndarray, units: Values) -> list[str]:
    """Return a warning of the features whose training steps (steps, features) float32 hides from the network."""
    scaled = (
        (column - offset) / scale for column, offset, scale in zip(training.T, units.offset, units.scale, strict=True)
    )
    steps = map(lost_in_float32, scaled)
    return hidden_warning(dict(zip(units.features, steps, strict=True)))


def _labelled(path: Path, raw: RawSequences, how: Cut) -> Labelled:
    """Return the labels: of samples; of all steps, (sum of lengths,); or none, (samples, 0)."""
    if raw.labels is not None and how.labelling is not None:
        return sample_labels(path, raw, how.labelling)
    alike = np.zeros(len(raw.values), np.int32)
    if raw.labels is None:
        return Labelled(np.zeros((len(alike), 0), np.int32), alike, (), lambda _: Reconstruction())
    with told_of(path):
        tags, numbers, doubts = numbered(path, raw, how.merge)
        if len(tags) == 1:
            raise DataError(f"all labels are {tags[0]!r}; there must be two or more")
    return Labelled(numbers, alike, (), lambda _: TagTarget(tags), doubts)


def _partition(path: Path, raw: RawSequences, labelled: Labelled, groups: np.ndarray | None, how: Cut) -> Partition:
    """Return which samples are in which split: as the file says, else drawn, with a share of every class in each."""
    count = len(raw.values)
    if raw.validation_from is not None and raw.test_from is not None:
        borders = (0, raw.validation_from, raw.test_from, count)
        parts = Partition(*(np.arange(first, past) for first, past in pairwise(borders)))
        check_trainable(path, labelled.strata[parts.train], ())
        return parts.limited(how.limit, labelled.strata, how.seed)
    return stratified_partition(
        path,
        labelled.strata,
        labelled.classes,
        splits=how.splits,
        seed=how.seed,
        limit=how.limit,
        test_from=raw.test_from,
        all_trained=raw.test_from is None,  # a file may keep anomalies for its test, on purpose
        groups=groups,
    )


def _group_doubts(
    path: Path, groups: np.ndarray | None, parts: Partition, fractions: Sequence[float] | None, labelled: Labelled
) -> list[str]:
    """Return warnings of groups that could not be kept in one split, or not with these fractions."""
    if groups is None:
        return []
    doubts = group_doubts(groups, parts, fractions, labelled.strata, labelled.classes)
    return [f"{path}: {doubt}" for doubt in doubts]


def cut_warning(path: Path, lengths: np.ndarray, time: int) -> list[str]:
    """Return a warning of samples with more steps (lengths, (samples,)) than the network reads, if there are any."""
    longer = int((lengths > time).sum())
    if not longer:
        return []
    return [
        f"{path}: {longer:,} of {counted(len(lengths), 'sample')} have more than the {counted(time, 'step')} that the "
        f"network reads, and are cut there, the longest from {lengths.max():,} (dataset.max_len)"
    ]
