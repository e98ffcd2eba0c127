"""Anyone's own labelled texts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.prepared import prepared
from seqrun.datasets.files.sources import Found, find_at
from seqrun.datasets.shared.grouping import fractions_of, group_of
from seqrun.datasets.shared.layout import Layout, kind_problems, layout_problems
from seqrun.datasets.shared.merging import merge_of
from seqrun.datasets.text.endings import TABLES, table_ending
from seqrun.datasets.text.label_problems import several_problems
from seqrun.datasets.text.number_problems import number_problems, number_task_problems, target_columns
from seqrun.datasets.text.settings import FRACTIONS, TextSettings
from seqrun.errors import DataError, Problem
from seqrun.readable import counted

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.base import Experiment
    from seqrun.components.leaks import Leak
    from seqrun.components.splits import Spec, Splits
    from seqrun.components.whole import WholeTexts
    from seqrun.datasets.shared.labelling import Labelled, Labelling
    from seqrun.datasets.shared.partition import Partition
    from seqrun.datasets.text.encoding import TextEncoder
    from seqrun.datasets.text.labelled import LabelledTexts
    from seqrun.datasets.text.reader import TextReader
    from seqrun.datasets.text.rows import Samples
    from seqrun.events.events import Emit


class Text(TextSettings, Dataset):
    """Your own labelled texts: CSV, TSV, JSON lines, Parquet, or one folder of .txt files a class."""

    tasks: ClassVar[frozenset[str]] = frozenset({"classification", "multilabel", "regression"})
    inputs: ClassVar[str] = "tokens"
    whole_texts: ClassVar[bool] = True

    name: Literal["text"] = Field("text", description="the dataset's name")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        table = table_ending(self.path) is not None
        for key in ("text", "label"):
            column = getattr(self, key)
            if table and column is None and key == "text":
                yield Problem(("dataset", key), f"required: the column of {self.path.name} that holds the {key}")
            if column is not None and self.path.is_dir():
                yield Problem(("dataset", key), f"{self.path} is a folder, which has no columns")
        if self.text is not None and self.text == self.label:
            yield Problem(("dataset", "label"), f"{self.label!r} is the text column already")
        group = group_of(self.splits)
        if group is not None and self.path.is_dir():
            why = f"{self.path} is a folder, which has no columns; sub-folders train/ and test/ can keep texts together"
            yield Problem(("dataset", "splits", "keep_together"), why)
        if self.path.is_file() and not table:
            yield Problem(("dataset", "path"), f"{self.path.name}: the ending is none of {', '.join(TABLES)}")
        yield from layout_problems(Layout.of(self), self.path)
        yield from kind_problems(Layout.of(self), self.path)
        yield from number_problems(self)
        tasks = experiment.trainer.tasks
        named = self.label is not None or self.label_columns is not None or target_columns(self)
        if table and not named and "regression" not in tasks:
            yield Problem(("dataset", "label"), f"required: the column of {self.path.name} that holds the label")
        yield from number_task_problems(self, tasks)
        yield from several_problems(self, self.path.is_dir(), tasks)

    def look(self) -> Iterator[Problem]:
        from seqrun.datasets.text.looking import look_at_texts

        if not [*layout_problems(Layout.of(self), self.path)]:
            yield from look_at_texts(self, Layout.of(self))

    def sample_shape(self) -> tuple[int | None, ...]:
        return (self.max_len,)

    def reader(self, spec: Spec, artifacts: Mapping[str, bytes]) -> TextReader | None:
        from seqrun.datasets.text.new_texts import DEFAULT_COLUMN, TextFiles
        from seqrun.datasets.text.reader import TextReader

        files = TextFiles(self.text or DEFAULT_COLUMN, Layout.of(self))
        return TextReader.from_artifacts(artifacts, files, self._labelling())

    def load(self, locations: Locations) -> Splits:
        """Reads, splits and encodes the texts; DataError if they are not there or not as they should be."""
        found = find_at("text", self.path, locations)
        splits = prepared(self, locations, [found], lambda locations: self._prepare(found, locations))
        return replace(splits, whole=lambda: self._whole(found, splits))

    def _whole(self, found: Found, splits: Splits) -> WholeTexts:
        """Return every word of the samples' texts."""
        import numpy as np

        from seqrun.components.whole import WholeTexts
        from seqrun.datasets.text.whole import ByRow, check_unchanged, spelled

        samples, _, files, _ = self._read(found.path, self._labelling(), lambda event: None)
        check_unchanged(found, splits.sources[0], files)
        texts = ByRow(spelled(samples.texts), np.array(samples.index, np.int64))
        return WholeTexts(*(texts.at(split.index) for split in (splits.train, splits.validation, splits.test)))

    def _prepare(self, found: Found, locations: Locations) -> Splits:
        import numpy as np

        from seqrun.datasets.shared.grouped import group_doubts, group_leaks
        from seqrun.datasets.shared.labelling import OneClass
        from seqrun.datasets.text.labelled import LabelledTexts
        from seqrun.datasets.text.unknown import LOOKED_AT, unknown_doubts

        labelling = self._labelling()
        samples, test_from, files, warnings = self._read(found.path, labelling, locations.emit)
        warnings += self._left_out(samples)
        labelled = self._labelled(labelling, samples, warnings)
        warnings += labelled.doubts
        texts = LabelledTexts(samples.texts, labelled.targets, np.array(samples.index, np.int64), labelled.target)
        groups = self._groups(samples, texts)
        parts = self._partition(labelled, test_from, groups)
        if groups is not None:
            whole = self.limit is None and self.train_fraction == 1
            fractions = fractions_of(self.splits, FRACTIONS) if whole else None
            doubts = group_doubts(groups, parts, fractions, labelled.strata, labelled.classes)
            warnings += [f"{self.path}: {doubt}" for doubt in doubts]
        mend = f"dataset.splits: {{keep_together: {self.text}}} keeps equal texts in one split" if self.text else ""
        encoder = partial(self._encoder, classes=labelled.classes)
        splits = texts.splits(parts, encoder, (found.source(files),), mend)
        warnings += splits.warnings
        training = [samples.texts[position] for position in parts.train[:LOOKED_AT]]
        known = unknown_doubts(splits, training, f"dataset.num_words: {self.num_words}; tokens: {self.tokens}")
        warnings += [f"{self.path}: {doubt}" for doubt in known]
        warnings += [f"{self.path}: {doubt}" for doubt in splits.spec.target.doubts(labelled.targets[parts.train])]
        leaks = () if groups is None else group_leaks(groups, parts)
        given, of_words = _given_away(texts, labelled, parts) if isinstance(labelling, OneClass) else ([], ())
        warnings += [f"{self.path}: {doubt}" for doubt in given]
        return replace(splits, warnings=tuple(warnings), leaks=(*splits.leaks, *leaks, *of_words))

    def _labelling(self) -> Labelling:
        """Return how the rows are labelled."""
        from seqrun.datasets.shared.labelling import OneClass
        from seqrun.datasets.shared.numbers import Numbers
        from seqrun.datasets.shared.several_labels import LabelColumns, SeparatedLabels

        if numbers := target_columns(self):
            return Numbers(numbers, Layout.of(self))
        merge = merge_of(self.labels)
        if self.path.is_dir():
            return OneClass(columns=(), merge=merge)
        if self.label_columns is not None:
            return LabelColumns(tuple(self.label_columns), merge)
        if self.labels_separator is not None and self.label is not None:
            return SeparatedLabels(self.label, self.labels_separator, merge)
        return OneClass((self.label,) if self.label else (), "does dataset.label name the right column?", merge)

    def _read(
        self, path: Path, labelling: Labelling, emit: Emit
    ) -> tuple[Samples, int | None, list[Path] | None, list[str]]:
        """Return the samples, where those of test/ begin, the files of a folder that were read, and warnings."""
        from seqrun.datasets.shared.account import Account
        from seqrun.datasets.text.folders import read_folder
        from seqrun.datasets.text.rows import collect
        from seqrun.datasets.text.tables import table_rows
        from seqrun.events.events import Message

        try:
            if path.is_dir():
                folder = read_folder(path, self.encoding, labelling, merge_of(self.labels), emit)
                return folder.samples, folder.test_from, folder.files, folder.warnings
            if table_ending(path) is None:
                raise DataError(f"{path}: the ending is none of {', '.join(TABLES)}")
            if self.text is None or not labelling.columns:
                raise DataError(f"{path}: dataset.text and dataset.label (or target) must name its columns")
            account = Account()
            group = group_of(self.splits)
            columns = (*labelling.columns, *([] if group is None else [group]))
            samples = collect(table_rows(path, self.text, columns, Layout.of(self), account), labelling, group)
            emit(Message(account.told(path, counted(len(samples.texts), "sample"))))
            return samples, None, None, []
        except (UnicodeError, OSError) as error:
            raise DataError(f"{path} cannot be read: {error}") from error

    def _left_out(self, samples: Samples) -> list[str]:
        """Return a warning about bad rows, if they may be left out; DataError if not, or if no row is left."""
        from seqrun.datasets.shared.places import listed_faults

        if not samples.faults and samples.texts:
            return []
        count = counted(len(samples.faults), "row")
        listed = listed_faults(samples.faults)
        if not samples.texts:
            raise DataError(f"{self.path} holds no row that can be used" + (f":{listed}" if listed else ""))
        if self.bad_rows == "error":
            raise DataError(
                f"{self.path}: {count} cannot be used:{listed}\nmend them, or leave them out with bad_rows: skip"
            )
        return [f"{self.path}: {count} left out (bad_rows: skip):{listed}"]

    def _labelled(self, labelling: Labelling, samples: Samples, warnings: Sequence[str]) -> Labelled:
        """Return the samples' labels; an error names the rows left out too, which may have had the other classes."""
        try:
            return labelling.labelled(self.path, samples.labels)
        except DataError as error:
            raise DataError("\n".join([str(error), *warnings])) from error

    def _encoder(self, training: Sequence[str], classes: tuple[str, ...]) -> TextEncoder:
        from seqrun.components.vocabulary import Vocabulary
        from seqrun.datasets.text.encoding import TextEncoder

        vocabulary = Vocabulary.fit(training, self.num_words, self.tokens, lowercase=self.lowercase)
        return TextEncoder(vocabulary, classes, self.max_len, self.padding, self.truncating)

    def _groups(self, samples: Samples, texts: LabelledTexts) -> np.ndarray | None:
        """Return the number of each sample's group; None if the config keeps none together."""
        import numpy as np

        group = group_of(self.splits)
        if group is None or self.path.is_dir():
            return None
        if group == self.text:  # as the check for equal texts has it
            return texts.equals().numbers
        return np.unique(samples.groups, return_inverse=True)[1]

    def _partition(self, labelled: Labelled, test_from: int | None, groups: np.ndarray | None) -> Partition:
        from seqrun.datasets.shared.stratified import stratified_partition

        return stratified_partition(
            self.path,
            labelled.strata,
            labelled.classes,
            splits=fractions_of(self.splits, FRACTIONS),
            seed=self.split_seed,
            limit=self.limit,
            test_from=test_from,
            groups=groups,
        ).trained_on(self.train_fraction, labelled.strata, self.split_seed)


def _given_away(texts: LabelledTexts, labelled: Labelled, parts: Partition) -> tuple[list[str], tuple[Leak, ...]]:
    """Return a warning and the finding of single words by which training texts of a class are known, if any."""
    from seqrun.datasets.text.given_away import given_away, telltales

    training = [texts.normalised[position] for position in parts.train]
    found = telltales(training, labelled.strata[parts.train], labelled.classes)
    return given_away(found, len(labelled.classes))
