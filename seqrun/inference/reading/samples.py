"""New samples, from given texts, a file or the standard input, as a run's network reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqrun.components.reading import LabelledSamples, NewSamples, wrong_ending
from seqrun.datasets.files import arrays
from seqrun.datasets.files.sources import Found
from seqrun.datasets.text.rows import text_fault
from seqrun.errors import InputError, Parameter
from seqrun.inference.reading.network_units import ArrayReader
from seqrun.inference.reading.streams import as_file, is_stream
from seqrun.inference.request import Request
from seqrun.inference.saved import SavedRun

# What lines and tables are for a reader that come from the standard input, or from another pipe without an ending.
LINES, TABLE = "stdin.txt", "stdin.csv"


def read_new(saved: SavedRun, request: Request) -> NewSamples:
    """Return the samples that a request gives: its texts, or those in its file."""
    if request.path is None:
        return encode_texts(saved, request.texts)
    return read_samples(saved, request.path, request.column)


def encode_texts(saved: SavedRun, texts: Sequence[str]) -> NewSamples:
    """Return texts as the run encoded its own; InputError if one is empty, or for a run that reads none."""
    for number, text in enumerate(texts, start=1):
        if fault := text_fault(text):
            raise InputError(Parameter("text", form=f"number {number}"), f": {fault}")
    samples = saved.reader.texts(texts)
    if samples is None:
        raise _reads_no_texts(saved)
    return samples


def read_samples(saved: SavedRun, path: Path, column: str | None = None) -> NewSamples:
    """Return the samples in a file: texts, values in original units, or token ids.

    `-` is the standard input: texts, one a line; or, if `column` is given or the run reads no texts, what a .csv file
    would hold. So is a pipe without a known ending (`<(command)`). `column` is that of a table which holds the texts,
    by default the run's own, or an array of a .npz file. Raises InputError for a file of another kind, and DataError
    for what cannot be read.
    """
    with as_file(path, _taken_for(saved, path, lines=column is None)) as file:
        if saved.reader.reads(file):
            samples = saved.reader.read(file, column)
        elif _reads_ids(saved, file):
            samples = ArrayReader(saved.spec).read(file, column)
        else:
            raise _wrong_ending(saved, path)
    return replace(samples, warnings=_told(samples.warnings, file, path))


def read_labelled(
    saved: SavedRun, path: Path, column: str | None, label: str | None, reading: Mapping[str, Any]
) -> tuple[LabelledSamples, str]:
    """Return the labelled samples in a file, or of a stream, and the SHA-256 of what they were read from.

    A stream is taken for what a .csv file would hold, if its name says nothing else. `reading` are settings by which
    it is written otherwise than the run's own data.
    """
    with as_file(path, _taken_for(saved, path, lines=False)) as file:
        reader = saved.reading(reading, file).reader if reading else saved.reader
        found = reader.labelled(file, saved.spec, column, label)
        content = Found("path", file.absolute()).content
    samples = found.samples and replace(found.samples, warnings=_told(found.samples.warnings, file, path))
    return replace(found, samples=samples, warnings=_told(found.warnings, file, path)), content


def _taken_for(saved: SavedRun, path: Path, *, lines: bool) -> str:
    """Return the name of the file that a stream's content is taken for; InputError if the run reads no such file."""
    if not is_stream(path) or saved.reader.reads(path) or _reads_ids(saved, path):
        return path.name
    name = LINES if lines and saved.reader.reads(Path(LINES)) else TABLE
    if not saved.reader.reads(Path(name)):
        raise _wrong_ending(saved, path)
    return name


def _told(warnings: Sequence[str], file: Path, path: Path) -> tuple[str, ...]:
    """Return warnings in which a stream's file is called as the user calls the stream."""
    return tuple(text.replace(str(file), str(path)) for text in warnings) if file != path else tuple(warnings)


def _reads_ids(saved: SavedRun, path: Path) -> bool:
    return saved.spec.vocabulary is not None and path.suffix.lower() in arrays.ENDINGS


def _wrong_ending(saved: SavedRun, path: Path) -> InputError:
    ids = arrays.ENDINGS if saved.spec.vocabulary is not None else ()
    return wrong_ending(path, [*dict.fromkeys((*saved.reader.endings, *ids))])


def _reads_no_texts(saved: SavedRun) -> InputError:
    """Return the error, with what the run reads instead."""
    shape = f"(samples, {', '.join(map(str, saved.spec.input_shape))})"
    units = f"as the network reads it, {shape}" if saved.spec.values is None else "of samples in original units"
    what = f"{saved.run.path}: this run reads no texts; give an array {units}, with "
    return InputError(what, Parameter("input", form="FILE.npy"))
