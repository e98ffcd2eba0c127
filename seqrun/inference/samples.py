"""New samples to classify: raw texts, encoded as the run's own were, or an array that the network reads as it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.datasets.encoding import ENCODING_FILE, TextEncoder
from seqrun.datasets.rows import Row, listed_faults, text_fault, without_mark
from seqrun.datasets.text_tables import TABLES, table_rows
from seqrun.errors import DataError, UsageError
from seqrun.inference.saved import SavedRun

STDIN = Path("-")
ENDINGS = (".txt", *TABLES, ".npy")
DEFAULT_COLUMN = "text"


@dataclass(frozen=True)
class NewSamples:
    """Samples that nobody has labelled."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    texts: Sequence[str] | None  # None where a sample is no text
    warnings: tuple[str, ...] = ()


def given_texts(saved: SavedRun, texts: Sequence[str]) -> NewSamples:
    """Texts of the command line; UsageError if one is empty."""
    for number, text in enumerate(texts, start=1):
        if fault := text_fault(text):
            raise UsageError(f"--text number {number}: {fault}")
    return _encoded(saved, list(texts), range(len(texts)))


def read_samples(saved: SavedRun, path: Path, column: str | None = None) -> NewSamples:
    """The samples in a file, by its ending; `-` is the standard input, a text a line.

    `column` holds the text, by default the run's own. Raises UsageError for another ending, and DataError for what
    cannot be read; rows without text are left out, with a warning, if the run's dataset left such out too.
    """
    ending = path.suffix.lower()
    if path != STDIN and ending not in ENDINGS:
        raise UsageError(f"--input {path}: the ending is none of {', '.join(ENDINGS)}")
    if column is not None and ending not in TABLES:
        raise UsageError(f"--column {column}: only {', '.join(TABLES)} have columns")
    if ending == ".npy":
        return _read_array(saved, path)
    try:
        return _collect(saved, path, _rows(saved, path, column))
    except (UnicodeError, OSError) as error:
        raise DataError(f"{path} cannot be read: {error}") from error


def _rows(saved: SavedRun, path: Path, column: str | None) -> Iterator[Row]:
    dataset = saved.experiment.dataset
    encoding = getattr(dataset, "encoding", "utf-8")
    if path.suffix.lower() in TABLES:
        column = column or getattr(dataset, "text", None) or DEFAULT_COLUMN
        yield from table_rows(path, column, column, encoding)  # a text stands for the label that it has not
    elif path == STDIN:
        yield from _lines(sys.stdin)
    else:
        with path.open(encoding=without_mark(encoding), errors="surrogateescape") as file:
            yield from _lines(file)


def _lines(lines: Iterable[str]) -> Iterator[Row]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield Row(f"line {number}", line.rstrip("\r\n"))


def _collect(saved: SavedRun, path: Path, rows: Iterable[Row]) -> NewSamples:
    texts, index, faults = [], [], []
    for number, row in enumerate(rows):
        if fault := row.fault or text_fault(row.text):
            faults.append(f"{row.where}: {fault}")
        else:
            texts.append(row.text)
            index.append(number)
    warnings = _warnings(saved, path, faults)
    if not texts:
        raise DataError(f"{path} holds no text")
    return _encoded(saved, texts, index, warnings)


def _warnings(saved: SavedRun, path: Path, faults: Sequence[str]) -> tuple[str, ...]:
    if not faults:
        return ()
    listed = listed_faults(faults)
    count = "1 row" if len(faults) == 1 else f"{len(faults):,} rows"
    if getattr(saved.experiment.dataset, "bad_rows", "error") == "skip":
        return (f"{path}: {count} left out, as in training (bad_rows: skip):{listed}",)
    raise DataError(f"{path}: {count} cannot be used:{listed}")


def _encoded(saved: SavedRun, texts: Sequence[str], index: Iterable[int], warnings: tuple[str, ...] = ()) -> NewSamples:
    if saved.spec.vocabulary is None or ENCODING_FILE not in saved.artifacts:
        raise UsageError(
            f"{saved.run.path}: this run reads no texts; give an array as the network reads it, (samples, "
            f"{', '.join(map(str, saved.spec.input_shape))}), with --input FILE.npy"
        )
    encoder = TextEncoder.from_artifacts(saved.artifacts)
    return NewSamples(encoder.encode(texts), np.fromiter(index, np.int64), texts, warnings)


def _read_array(saved: SavedRun, path: Path) -> NewSamples:
    """Samples as the network reads them: token ids, or values in its units."""
    array, shape, vocabulary = load_array(path), saved.spec.input_shape, saved.spec.vocabulary
    if array.shape == shape:
        array = array[None]
    if array.shape[1:] != shape:
        raise DataError(
            f"{path}: has the shape {array.shape}; the network reads (samples, {', '.join(map(str, shape))})"
        )
    index = np.arange(len(array))
    if vocabulary is None:
        return NewSamples(array.astype(np.float32), index, None)
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= vocabulary.size:
        raise DataError(f"{path}: must hold token ids, whole numbers from 0 to {vocabulary.size - 1}")
    return NewSamples(array.astype(np.int32), index, [vocabulary.decode(ids) for ids in array])


def load_array(path: Path) -> np.ndarray:
    """The finite numbers in a .npy file, at least one; DataError if there are none. Runs no code of pickles."""
    try:
        array = np.load(path, allow_pickle=False)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as an array of numbers: {error}") from error
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "biuf" or not array.size:
        raise DataError(f"{path}: must hold an array of numbers")
    if not np.isfinite(array).all():
        raise DataError(f"{path}: holds numbers that are not finite")
    return array
