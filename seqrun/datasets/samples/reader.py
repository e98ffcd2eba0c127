"""New samples of numbers in original units, from numpy's files or a table like the run's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.padding import PADDING
from seqrun.components.reading import LabelledSamples, NewSamples, Reader
from seqrun.components.splits import Spec, Split
from seqrun.components.targets import Reconstruction
from seqrun.datasets.files import arrays
from seqrun.datasets.samples.columns import Columns
from seqrun.datasets.samples.encoding import encode_values, encoded_series, values_of
from seqrun.datasets.samples.faults import Faults, without_faulty
from seqrun.datasets.samples.new_labels import LabelsOf
from seqrun.datasets.samples.npz import Arrays, of_array, read_npz, usable_lengths
from seqrun.datasets.samples.own_columns import own_columns
from seqrun.datasets.samples.parquet import read_new
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.datasets.samples.raw import RawSequences, told_of
from seqrun.datasets.samples.splits import cut_warning, padded_targets
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.datasets.shared.layout import DELIMITERS, Layout
from seqrun.errors import DataError, InputError, Parameter
from seqrun.readable import listed_names

if TYPE_CHECKING:
    import pandas as pd

# Samples, warnings, and the places of a table's rows.
_Raw = tuple[RawSequences, tuple[str, ...], "pd.Index | None"]


@dataclass(frozen=True)
class ValuesReader(Reader):
    """Reads samples from one array."""

    endings = arrays.ENDINGS

    spec: Spec

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the samples of an array; raise DataError for samples that the network cannot read."""
        inputs = encode_values(arrays.read_array(path, column), self.spec, str(path))
        return NewSamples(inputs, np.arange(len(inputs)))

    def labelled(self, path: Path, spec: Spec, column: str | None = None, label: str | None = None) -> LabelledSamples:
        """Return the samples of an array; of what is to be reconstructed with no labels."""
        if label is not None or not isinstance(spec.target, Reconstruction):
            raise InputError(Parameter("label", label), ": the run's dataset does not say how labels stand in a file")
        samples = self.read(path, column)
        return LabelledSamples(unlabelled(samples), samples, samples.warnings)


def unlabelled(samples: NewSamples) -> Split:
    """Return samples that are to be reconstructed as a split, whose targets are (samples, 0)."""
    return Split(samples.inputs, np.zeros((len(samples.inputs), 0), np.int32), samples.index)


@dataclass(frozen=True)
class SequencesReader(Reader):
    """Reads samples as the dataset `sequences` does; a table may also name its samples and their steps."""

    endings = (*arrays.ENDINGS, *ENDINGS)

    spec: Spec
    values: str  # the usual array of a .npz file
    lengths: str | None  # the array of its samples' lengths
    columns: Columns  # of a table
    layout: Layout = field(default_factory=Layout)  # of CSV and TSV
    labels: LabelsOf = field(default_factory=LabelsOf)

    def reads(self, path: Path) -> bool:
        """Return whether this reader reads files with the path's ending; CSV and TSV can be packed (.csv.gz)."""
        return path.suffix.lower() in arrays.ENDINGS or ending(path) is not None

    def written(self, settings: Mapping[str, Any], path: Path) -> Reader:
        if ending(path) not in DELIMITERS and (others := {key: settings[key] for key in settings if key != "bad_rows"}):
            return super().written(others, path)
        return replace(self, layout=self.layout.written(settings, path))

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the samples of a file; of a .npz file, `column` names the array.

        If the run's own file had an array of lengths, one in this file says how long its samples are. Raises InputError
        if `column` is given for a table, and DataError for samples that the network cannot read.
        """
        if ending(path) is not None:
            return self._from_table(path, column)
        samples, impossible = self._from_arrays(path, column)
        inputs, faults = encoded_series(samples, self.spec, str(path))
        faults = {**faults, **impossible}
        kept, warnings = without_faulty(path, len(inputs), faults, lambda n: f"{path.name}[{n}]", self.layout.bad_rows)
        return NewSamples(self._padded(inputs, kept), kept, warnings=warnings)

    def labelled(self, path: Path, spec: Spec, column: str | None = None, label: str | None = None) -> LabelledSamples:
        """Return the samples of a file with their labels, those too long cut as in the run's own data.

        Samples that are to be reconstructed need none.
        """
        is_table = ending(path) is not None
        raw, warnings, places = (self._raw_table if is_table else self._raw_arrays)(path, column, label)
        known = None if raw.labels is None else self.labels.known(raw, spec, label)
        time, lengths = self.spec.input_shape[0], raw.values.lengths
        inputs, faults = encoded_series(raw.values.cut(time), self.spec, str(path))
        faults = {**self.labels.faults(raw, spec, known), **faults, **raw.faults}
        kept, left_out = without_faulty(path, len(inputs), faults, raw.where, self.layout.bad_rows, raw.rows_told)
        raw = raw.taken(kept)
        targets = self.labels.targets(raw, spec, known)
        split = Split(self._padded(inputs, kept), padded_targets(targets, spec, raw.values.lengths), raw.index)
        cut = cut_warning(path, lengths[kept], time)
        samples = NewSamples(split.inputs, raw.index, warnings=(*warnings, *left_out, *cut))
        if places is not None:
            samples = self._named(path, samples, raw, places if raw.rows is not None else places[kept])
        return LabelledSamples(split, samples, samples.warnings)

    def _raw_arrays(self, path: Path, column: str | None, label: str | None) -> _Raw:
        """Return the samples of a numpy file; `x_test` has the labels `y_test`, if the run's own arrays were x and y.

        What stands alone in a .npy file has no labels.
        """
        features = values_of(self.spec).features
        if path.suffix.lower() != ".npz":
            if self.labels.array is None and label is None:
                return of_array(path, arrays.read_array(path, column), features), (), None
            why = f": {path} has no labels; a .npz file has them in an array beside the samples'"
            raise InputError(Parameter("input", path), why)
        values = column or self.values
        end = values.removeprefix(self.values) if values.startswith(self.values) else ""
        own = None if self.labels.array is None else f"{self.labels.array}{end}"
        lengths = None if self.lengths is None or not arrays.holds(path, self.lengths + end) else self.lengths + end
        wanted = Arrays(values, lengths, label or own, self.columns.label_each, encoding=self.layout.encoding)
        return read_npz(path, wanted, features), (), None

    def _raw_table(self, path: Path, column: str | None, label: str | None) -> _Raw:
        if column is not None:
            raise _no_column(path, column)
        if label is not None and len(self.columns.labels) > 1:
            several = listed_names(self.columns.labels)
            raise InputError(Parameter("label", label), f": the run's data have several columns of labels: {several}")
        columns = self.columns if label is None else replace(self.columns, labels=(label,))
        raw, table = read_new(path, columns, values_of(self.spec).features, self.layout, labelled=True)
        return raw, table.warnings, table.frame.index

    def _padded(self, inputs: RaggedValues, kept: np.ndarray) -> np.ndarray:
        """Return the samples at these positions, in the network's units, as it reads them."""
        return inputs.taken(kept).padded(self.spec.input_shape[0], PADDING)

    def _from_table(self, path: Path, column: str | None) -> NewSamples:
        if column is not None:
            raise _no_column(path, column)
        raw, table = read_new(path, self.columns, values_of(self.spec).features, self.layout)
        inputs, faults = encoded_series(raw.values, self.spec, str(path))
        faults = {**faults, **raw.faults}
        kept, warnings = without_faulty(path, len(inputs), faults, raw.where, self.layout.bad_rows, raw.rows_told)
        raw, rows = raw.taken(kept), table.frame.index
        samples = NewSamples(self._padded(inputs, kept), raw.index, warnings=(*table.warnings, *warnings))
        return self._named(path, samples, raw, rows if raw.rows is not None else rows[kept])

    def _named(self, path: Path, samples: NewSamples, raw: RawSequences, rows: pd.Index) -> NewSamples:
        """Return the samples with what their table calls them and their steps, and its columns."""
        ids, times = _key(self.columns.sample, raw.ids), _key(self.columns.time, raw.times)
        own, of_steps = own_columns(path, raw, rows, self.layout)
        return replace(samples, ids=ids, times=times, own=own, own_of_steps=of_steps)

    def _from_arrays(self, path: Path, name: str | None) -> tuple[np.ndarray | Sequence[np.ndarray], Faults]:
        """Return the samples of an array; each as long as the array of lengths says, if run and file have one.

        Those with an impossible length are empty, and at fault.
        """
        array = arrays.read_array(path, name, usual=self.values)
        if self.lengths is None or path.suffix.lower() != ".npz":
            return array, {}
        beside = self.lengths + (name or self.values).removeprefix(self.values)  # x_test: lengths_test
        if not arrays.holds(path, beside):
            return array, {}
        if array.ndim < 2:
            raise DataError(f"{path}: {beside} is of samples in one array, and there is {array.shape} {array.dtype}")
        with told_of(path):
            lengths, faults = usable_lengths(beside, arrays.read_array(path, beside), array.shape, name or self.values)
        return [sample[:length] for sample, length in zip(array, lengths.tolist(), strict=True)], faults


def _key(column: str | None, values: np.ndarray | None) -> Key | None:
    """Return the column's values as a key, or None if the file has no such column."""
    return None if column is None or values is None else Key.of(column, values)


def _no_column(path: Path, column: str) -> InputError:
    why = f": the run's config and features say which columns of {path} are read"
    return InputError(Parameter("column", column), why)
