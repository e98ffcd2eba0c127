"""New samples of numbers in original units, from numpy's files or a table like the run's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.padding import PADDING
from seqrun.components.reading import NewSamples, Reader
from seqrun.components.splits import Spec
from seqrun.datasets.files import arrays
from seqrun.datasets.samples.columns import Columns
from seqrun.datasets.samples.encoding import encode_values, encoded_series, values_of
from seqrun.datasets.samples.faults import Faults, without_faulty
from seqrun.datasets.samples.npz import usable_lengths
from seqrun.datasets.samples.own_columns import own_columns
from seqrun.datasets.samples.parquet import read_new
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.datasets.samples.raw import told_of
from seqrun.datasets.shared.endings import ENDINGS, ending
from seqrun.datasets.shared.layout import DELIMITERS, Layout
from seqrun.errors import DataError, InputError, Parameter


@dataclass(frozen=True)
class ValuesReader(Reader):
    """Reads samples from one array."""

    endings = arrays.ENDINGS

    spec: Spec

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the samples of an array; raise DataError for samples that the network cannot read."""
        inputs = encode_values(arrays.read_array(path, column), self.spec, str(path))
        return NewSamples(inputs, np.arange(len(inputs)))


@dataclass(frozen=True)
class SequencesReader(Reader):
    """Reads samples as the dataset `sequences` does; a table may also name its samples and their steps."""

    endings = (*arrays.ENDINGS, *ENDINGS)

    spec: Spec
    values: str  # the usual array of a .npz file
    lengths: str | None  # the array of its samples' lengths
    columns: Columns  # of a table
    layout: Layout = field(default_factory=Layout)  # of CSV and TSV

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

    def _padded(self, inputs: RaggedValues, kept: np.ndarray) -> np.ndarray:
        """Return the samples at these positions, in the network's units, as it reads them."""
        return inputs.taken(kept).padded(self.spec.input_shape[0], PADDING)

    def _from_table(self, path: Path, column: str | None) -> NewSamples:
        if column is not None:
            why = f": the run's config and features say which columns of {path} are read"
            raise InputError(Parameter("column", column), why)
        raw, table = read_new(path, self.columns, values_of(self.spec).features, self.layout)
        inputs, faults = encoded_series(raw.values, self.spec, str(path))
        faults = {**faults, **raw.faults}
        kept, warnings = without_faulty(path, len(inputs), faults, raw.where, self.layout.bad_rows, raw.rows_told)
        raw, rows = raw.taken(kept), table.frame.index
        ids, times = _key(self.columns.sample, raw.ids), _key(self.columns.time, raw.times)
        own, of_steps = own_columns(path, raw, rows if raw.rows is not None else rows[kept], self.layout)
        return NewSamples(
            self._padded(inputs, kept),
            raw.index,
            warnings=(*table.warnings, *warnings),
            ids=ids,
            times=times,
            own=own,
            own_of_steps=of_steps,
        )

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
