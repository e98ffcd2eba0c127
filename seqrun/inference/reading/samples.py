"""New samples, from given texts, a file or the standard input, as a run's network reads them."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import IO

from seqrun.components.reading import NewSamples, wrong_ending
from seqrun.datasets.files import arrays
from seqrun.datasets.files.opening import all_of_stream
from seqrun.datasets.text.rows import text_fault
from seqrun.errors import DataError, InputError, Parameter
from seqrun.inference.reading.network_units import ArrayReader
from seqrun.inference.request import Request
from seqrun.inference.saved import SavedRun
from seqrun.machine.opener import is_pipe, open_file
from seqrun.readable import size

STDIN = Path("-")
STDINS = (STDIN, Path("/dev/stdin"))
# What lines and tables are for a reader that come from there, or from another pipe without an ending.
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
    if path in STDINS:
        return _of_stream(saved, sys.stdin.buffer, STDIN, column)
    if is_pipe(path):
        with open_file(path, pipes=True) as stream:
            return _of_stream(saved, stream, path, column)
    return _of_file(saved, path, column)


def _of_file(saved: SavedRun, path: Path, column: str | None) -> NewSamples:
    if saved.reader.reads(path):
        return saved.reader.read(path, column)
    if _reads_ids(saved, path):
        return ArrayReader(saved.spec).read(path, column)
    raise _wrong_ending(saved, path)


def _reads_ids(saved: SavedRun, path: Path) -> bool:
    return saved.spec.vocabulary is not None and path.suffix.lower() in arrays.ENDINGS


def _wrong_ending(saved: SavedRun, path: Path) -> InputError:
    ids = arrays.ENDINGS if saved.spec.vocabulary is not None else ()
    return wrong_ending(path, [*dict.fromkeys((*saved.reader.endings, *ids))])


def _of_stream(saved: SavedRun, stream: IO[bytes], name: Path, column: str | None) -> NewSamples:
    """Return the samples of what can be read only once: a text a line, or what a file of it would hold."""
    content = all_of_stream(stream, f"{name} comes to")
    known = saved.reader.reads(name) or _reads_ids(saved, name)
    lines = column is None and saved.reader.reads(Path(LINES))
    taken_for = name.name if known else LINES if lines else TABLE
    if not known and not saved.reader.reads(Path(taken_for)):
        raise _wrong_ending(saved, name)
    with _kept(content, taken_for, name) as path, called(path, name):
        samples = _of_file(saved, path, column)
    return replace(samples, warnings=tuple(text.replace(str(path), str(name)) for text in samples.warnings))


@contextmanager
def _kept(content: bytes, taken_for: str, name: Path) -> Iterator[Path]:
    """Yield a file that holds the content while the block runs; InputError if there is no room for it."""
    with ExitStack() as stack:
        try:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            path = Path(folder) / taken_for
            path.write_bytes(content)
        except OSError as error:  # where no folder can be written, it names those that were tried
            kept = f"{name} ({size(len(content))}) cannot be kept in a temporary folder while it is read"
            mend = "set TMPDIR to a folder with room, or give a file, which needs none, with "
            raise InputError(f"{kept}: {error.strerror or error}; {mend}", Parameter("input", form="FILE")) from None
        yield path


@contextmanager
def called(path: Path, name: Path) -> Iterator[None]:
    """Name a file in messages of the block by another name."""
    try:
        yield
    except DataError as error:
        raise DataError(str(error).replace(str(path), str(name))) from error
    except InputError as error:
        parts = (part.replace(str(path), str(name)) if isinstance(part, str) else part for part in error.parts)
        raise InputError(*parts) from error


def _reads_no_texts(saved: SavedRun) -> InputError:
    """Return the error, with what the run reads instead."""
    shape = f"(samples, {', '.join(map(str, saved.spec.input_shape))})"
    units = f"as the network reads it, {shape}" if saved.spec.values is None else "of samples in original units"
    what = f"{saved.run.path}: this run reads no texts; give an array {units}, with "
    return InputError(what, Parameter("input", form="FILE.npy"))
