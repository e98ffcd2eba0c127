"""Anyone's own samples of numbers: many short series, each a sample."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.prepared import prepared
from seqrun.datasets.files.sources import Found, find_at
from seqrun.datasets.samples.label_problems import several_problems
from seqrun.datasets.samples.number_problems import number_problems, number_task_problems, target_names
from seqrun.datasets.samples.problems import ENDINGS, NPZ, file_problems, kind_of, task_problems
from seqrun.datasets.samples.settings import FRACTIONS, SampleSettings
from seqrun.datasets.shared.grouping import fractions_of, group_of
from seqrun.datasets.shared.layout import Layout, kind_problems, layout_problems
from seqrun.datasets.shared.merging import merge_of, names_of
from seqrun.errors import DataError, Problem
from seqrun.readable import counted

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec, Splits
    from seqrun.datasets.samples.columns import Columns
    from seqrun.datasets.samples.raw import RawSequences
    from seqrun.datasets.samples.reader import SequencesReader
    from seqrun.datasets.shared.account import Account
    from seqrun.datasets.shared.labelling import Labelling
    from seqrun.events.events import Emit


class Sequences(SampleSettings, Dataset):
    """Your own samples of (time, features) numbers, of any length, labelled or not: an npz, Parquet or CSV file.

    An npz file has an array (samples, time, features), or (samples, time) of one feature; where samples differ in
    length, NaN fills it up, or `lengths` says how long they are, or it holds an array (time, features) for each sample.
    Arrays x_train, x_test and, if there, x_validation are kept as splits. A Parquet file has a row a step, of which
    `sample` says whose it is; or a row a sample, with a list in the column of each feature, or, of one feature, with a
    number in the column of each step. Such columns are numbered (s0, s1, ...), or `sample: null` says so.
    """

    tasks: ClassVar[frozenset[str]] = frozenset(
        {"classification", "multilabel", "tagging", "reconstruction", "regression"}
    )
    inputs: ClassVar[str] = "values"

    name: Literal["sequences"] = Field("sequences", description="the dataset's name")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        defaults = {name: field.default for name, field in type(self).model_fields.items()}
        yield from file_problems(self, defaults)
        yield from layout_problems(Layout.of(self), self.path)
        yield from kind_problems(Layout.of(self), self.path)
        yield from number_problems(self)
        tasks = experiment.trainer.tasks
        yield from number_task_problems(self, tasks)
        if "regression" not in tasks:
            yield from task_problems(self, tasks)
        yield from several_problems(self, tasks)

    def look(self) -> Iterator[Problem]:
        from seqrun.datasets.samples.looking import look_at_samples

        yield from look_at_samples(self)

    def sample_shape(self) -> tuple[int | None, int | None]:
        steps = kind_of(self.path) != NPZ and self.sample is None  # may be what features names
        return (self.max_len, len(self.features) if self.features and not steps else None)

    def outline(self, tasks: frozenset[str]) -> Outline:
        return replace(super().outline(tasks), unseen_targets=())  # `targets` are numbers, not series to forecast

    def reader(self, spec: Spec, artifacts: Mapping[str, bytes]) -> SequencesReader:
        from seqrun.datasets.samples.new_labels import LabelsOf
        from seqrun.datasets.samples.reader import SequencesReader

        labels = LabelsOf(self._array_of_labels(), self._labelling, merge_of(self.labels))
        return SequencesReader(spec, self.values, self.lengths, self.columns(), Layout.of(self), labels)

    def load(self, locations: Locations) -> Splits:
        """Reads, splits, scales and pads the samples; DataError, with their places, for those that cannot be used."""
        found = find_at("sequences", self.path, locations)
        return prepared(self, locations, [found], lambda locations: self._prepare(found, locations.emit))

    def _prepare(self, found: Found, emit: Emit) -> Splits:
        from seqrun.datasets.samples.splits import Cut, usable_splits
        from seqrun.events.events import Message

        raw, account, warnings = self._read(found.path)
        how = Cut(
            self._labelling(raw),
            merge_of(self.labels),
            fractions_of(self.splits, FRACTIONS),
            self.scaler,
            self.max_len,
            self.limit,
            self.train_fraction,
            self.split_seed,
        )
        splits, count = usable_splits(found.path, raw, how, (found.source(),), self.bad_rows)
        emit(Message(account.told(found.path, counted(count, "sample"))))
        return replace(splits, warnings=(*warnings, *splits.warnings))

    def _labelling(self, raw: RawSequences) -> Labelling | None:
        """Return how the samples are labelled; None: their steps are, or nothing."""
        from seqrun.datasets.shared.labelling import OneClass
        from seqrun.datasets.shared.numbers import Numbers
        from seqrun.datasets.shared.several_labels import LabelColumns, LabelMatrix

        if numbers := target_names(self):
            return Numbers(numbers, Layout.of(self))
        names, merge = names_of(self.labels), merge_of(self.labels)
        if names is None or raw.labels is None or self.label_each == "step":
            return None
        if isinstance(names, list):
            return LabelColumns(tuple(names), merge)
        if self.label_names is not None or raw.labels.shape[1] > 1:
            return LabelMatrix(names, tuple(self.label_names or ()), merge)
        return OneClass((names,), "does dataset.labels name the right array or column?", merge)

    def _read(self, path: Path) -> tuple[RawSequences, Account, tuple[str, ...]]:
        """Return the samples, what is to be said of reading them, and warnings."""
        from seqrun.datasets.samples.npz import Arrays, read_npz
        from seqrun.datasets.samples.parquet import read_samples
        from seqrun.datasets.shared.account import Account

        kind = kind_of(path)
        if kind is None:
            raise DataError(f"{path}: the ending is none of {', '.join(ENDINGS)}")
        if kind != NPZ:
            raw, table = read_samples(path, self.columns(), Layout.of(self))
            return raw, table.account, table.warnings
        if isinstance(names_of(self.labels), list):
            raise DataError(f"{path}: dataset.labels must name one array, not several")
        labels = self._array_of_labels()
        arrays = Arrays(self.values, self.lengths, labels, self.label_each, group_of(self.splits), self.encoding)
        raw = read_npz(path, arrays, self.features)
        return raw, Account("row", len(raw.values)), ()

    def _array_of_labels(self) -> str | None:
        """Return the array of a .npz file that holds the labels, if there are any."""
        names = names_of(self.labels)
        if self.targets is not None:
            return target_names(self)[0]
        return names if isinstance(names, str) else None

    def columns(self) -> Columns:
        """Return what each column of a table is for."""
        from seqrun.datasets.samples.columns import Columns

        return Columns(
            self.sample,
            self.time,
            None if self.features is None else tuple(self.features),
            target_names(self) or self._label_columns(),
            self.label_each,
            group_of(self.splits),
            merge_of(self.labels),
            row_is_sample=self.sample is None and "sample" in self.model_fields_set,
        )

    def _label_columns(self) -> tuple[str, ...]:
        names = names_of(self.labels)
        if names is None:
            return ()
        return tuple(names) if isinstance(names, list) else (names,)
