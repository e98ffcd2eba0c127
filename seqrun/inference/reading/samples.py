"""New samples: texts or values, encoded as the run's own were, or an array that the network reads as it is."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from seqrun.datasets.text.encoding import ENCODING_FILE, TextEncoder
from seqrun.errors import DataError, UsageError
from seqrun.inference import arrays
from seqrun.inference.new_samples import NewSamples
from seqrun.inference.reading import texts
from seqrun.inference.reading.texts import STDIN, NewTexts, read_texts
from seqrun.inference.reading.values import read_values
from seqrun.inference.request import check_ending
from seqrun.inference.saved import SavedRun

ENDINGS = (*texts.ENDINGS, *arrays.ENDINGS)


def read_samples(saved: SavedRun, path: Path, column: str | None = None) -> NewSamples:
    """The samples in a file: values in original units, texts, or token ids; `-` is the standard input, a text a line.

    `column` is that of a table which holds the texts, by default the run's own, or an array of a .npz file. Raises
    UsageError for a file of another kind, and DataError for what cannot be read.
    """
    if saved.spec.values is not None:
        return read_values(saved, path, column)
    if path != STDIN:
        check_ending(path, ENDINGS)
    if path.suffix.lower() in arrays.ENDINGS:
        return _read_network_units(saved, path, column)
    return encode_texts(saved, read_texts(saved, path, column))


def encode_texts(saved: SavedRun, given: NewTexts) -> NewSamples:
    """Texts as the run encoded its own; UsageError for a run that reads none."""
    if saved.spec.vocabulary is None or ENCODING_FILE not in saved.artifacts:
        raise reads_no_texts(saved)
    encoder = TextEncoder.from_artifacts(saved.artifacts)
    return NewSamples(encoder.encode(given.texts), np.array(given.index, np.int64), given.texts, given.warnings)


def reads_no_texts(saved: SavedRun) -> UsageError:
    """With what the run reads instead."""
    shape = f"(samples, {', '.join(map(str, saved.spec.input_shape))})"
    units = f"as the network reads it, {shape}" if saved.spec.values is None else "of samples in original units"
    return UsageError(f"{saved.run.path}: this run reads no texts; give an array {units}, with --input FILE.npy")


def _read_network_units(saved: SavedRun, path: Path, column: str | None) -> NewSamples:
    """Samples as the network reads them: token ids, or values in its units."""
    array, shape, vocabulary = arrays.read_numbers(path, column), saved.spec.input_shape, saved.spec.vocabulary
    if array.shape == shape:
        array = array[None]
    if array.shape[1:] != shape:
        raise DataError(
            f"{path}: has the shape {array.shape}; the network reads (samples, {', '.join(map(str, shape))})"
        )
    index = np.arange(len(array))
    if vocabulary is None:
        return NewSamples(array.astype(np.float32), index)
    if array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= vocabulary.size:
        raise DataError(f"{path}: must hold token ids, whole numbers from 0 to {vocabulary.size - 1}")
    return NewSamples(array.astype(np.int32), index, [vocabulary.decode(ids) for ids in array])
