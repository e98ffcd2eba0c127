"""All windows of a new file of series, to be forecast and scored like those of a run's own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from seqrun.components.reading import LabelledSamples
from seqrun.components.splits import Spec
from seqrun.components.targets import SeriesTarget
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.from_array import ARRAY, read_array
from seqrun.datasets.series.gaps import broken
from seqrun.datasets.series.ranges import far_outside
from seqrun.datasets.series.reading import read_series
from seqrun.datasets.series.scales import Scales
from seqrun.datasets.series.table import SeriesTable
from seqrun.datasets.series.windowed import cut_up, without_windows
from seqrun.datasets.series.windows import check_rows
from seqrun.errors import InputError, Parameter
from seqrun.readable import listed_names


def every_window(encoder: SeriesEncoder, path: Path, spec: Spec) -> LabelledSamples:
    """Return all windows of a table with the run's columns, targets among them, or of an array of its features.

    No window reaches over a gap, unless the run's do. Where each series is scaled by itself, one that the run did not
    learn from is scaled by what the file holds of it. Raises DataError for what cannot be used in the file.
    """
    table = _read(encoder, path)
    name = path.name
    parts = broken({name: table.bounds}, table.gaps)
    check_rows(encoder.framing, parts)
    scales, strangers = encoder.scales_of(path, table, named=path.suffix.lower() != ARRAY)
    pieces = [(slice(*rows), each) for rows, each in zip(table.bounds, scales, strict=True)]
    windows, told = cut_up(table, parts, encoder, pieces if encoder.own else encoder.pieces(table))
    lacking = without_windows(encoder.framing, table, parts)
    outside = far_outside(path, table.frame, encoder.ranges)
    warnings = (*table.warnings, *strangers, *lacking, *told.unknown, *told.hidden, *outside)
    names = [] if table.names == (None,) else [*map(str, table.names)]
    own = _with_scales(encoder, spec.of(SeriesTarget), names, scales) if encoder.own else None
    return LabelledSamples(windows[name], warnings=warnings, spec=own, series=names)


def _read(encoder: SeriesEncoder, path: Path) -> SeriesTable:
    if path.suffix.lower() == ARRAY:
        if unseen := [name for name in encoder.targets if name not in encoder.features]:
            why = f": an array has the run's features, and {listed_names(unseen)} is none; give a table"
            raise InputError(Parameter("input", path), why)
        table = read_array(encoder, path)
        return replace(table, frame=table.frame.astype(float))
    if encoder.source == "ridership":
        from seqrun.datasets.series.ridership_table import read_ridership

        return read_ridership(path)[0]
    reading = encoder.reading
    columns = [*dict.fromkeys([*encoder.features, *encoder.targets])]
    return read_series(path, columns, reading, encoder.frequency if reading.time else None)


def _with_scales(
    encoder: SeriesEncoder, spec: Spec[SeriesTarget], names: list[str], scales: list[Scales]
) -> Spec[SeriesTarget]:
    """Return the spec with a target that has the scales of these series, in the order of their numbers."""
    pairs = [[each[name] for name in encoder.targets] for each in scales]  # (series, targets) of offset and scale
    offset = tuple(tuple(float(one) for one, _ in each) for each in pairs)
    scale = tuple(tuple(float(one) for _, one in each) for each in pairs)
    return replace(spec, target=replace(spec.target, offset=offset, scale=scale, series=tuple(names)))
