"""New samples, from given texts, a file or the standard input, as a run's network reads them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from seqrun.components.reading import NewSamples, wrong_ending
from seqrun.datasets.files import arrays
from seqrun.datasets.text.rows import text_fault
from seqrun.errors import DataError, InputError, Parameter
from seqrun.inference.reading.network_units import ArrayReader
from seqrun.inference.request import Request
from seqrun.inference.saved import SavedRun

STDIN = Path("-")
TABLE = "stdin.csv"  # what a table that comes from there is for a reader


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
    would hold. `column` is that of a table which holds the texts, by default the run's own, or an array of a .npz file.
    Raises InputError for a file of another kind, and DataError for what cannot be read.
    """
    if saved.reader.reads(path):
        return saved.reader.read(path, column)
    if path == STDIN and column is None and (samples := saved.reader.lines(sys.stdin, str(STDIN))) is not None:
        return samples
    if path == STDIN and saved.reader.reads(Path(TABLE)):
        return _table_of_stdin(saved, column)
    reads_ids = saved.spec.vocabulary is not None
    if reads_ids and path.suffix.lower() in arrays.ENDINGS:
        return ArrayReader(saved.spec).read(path, column)
    raise wrong_ending(path, [*dict.fromkeys((*saved.reader.endings, *(arrays.ENDINGS if reads_ids else ())))])


def _table_of_stdin(saved: SavedRun, column: str | None) -> NewSamples:
    """Return the samples of a table with delimiters, read as a file of it would be."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / TABLE
        path.write_bytes(sys.stdin.buffer.read())
        with _called(path, STDIN):
            samples = saved.reader.read(path, column)
    return replace(samples, warnings=tuple(text.replace(str(path), str(STDIN)) for text in samples.warnings))


@contextmanager
def _called(path: Path, name: Path) -> Iterator[None]:
    """Name a file in messages of the block by another name."""
    try:
        yield
    except DataError as error:
        raise DataError(str(error).replace(str(path), str(name))) from error


def _reads_no_texts(saved: SavedRun) -> InputError:
    """Return the error, with what the run reads instead."""
    shape = f"(samples, {', '.join(map(str, saved.spec.input_shape))})"
    units = f"as the network reads it, {shape}" if saved.spec.values is None else "of samples in original units"
    what = f"{saved.run.path}: this run reads no texts; give an array {units}, with "
    return InputError(what, Parameter("input", form="FILE.npy"))
