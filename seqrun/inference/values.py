"""New samples of numbers in original units, from numpy's files or a Parquet file like the run's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqrun.datasets.sequences import Sequences
from seqrun.datasets.values_encoding import encode_values
from seqrun.errors import DataError, UsageError
from seqrun.inference import arrays
from seqrun.inference.saved import SavedRun

PARQUET = ".parquet"


def read_values(saved: SavedRun, path: Path, name: str | None = None) -> tuple[np.ndarray, np.ndarray]:
    """The samples as the network reads them, (samples, *spec.input_shape), and their rows in the file, from 0.

    Of a .npz file `name` is the array, by default the run's own; so is the one that says how long samples are. Raises
    UsageError for a file of another kind, and DataError for samples that the network cannot read.
    """
    dataset = saved.experiment.dataset
    if isinstance(dataset, Sequences):
        if path.suffix.lower() == PARQUET:
            return _from_table(saved, dataset, path, name)
        samples = _with_lengths(dataset, path, name)
    else:
        samples = arrays.read_array(path, name)
    inputs = encode_values(samples, saved.spec, str(path))
    return inputs, np.arange(len(inputs))


def _from_table(saved: SavedRun, dataset: Sequences, path: Path, name: str | None) -> tuple[np.ndarray, np.ndarray]:
    from seqrun.datasets.sequences_parquet import Columns, read_parquet

    if name is not None:
        raise UsageError(f"--column {name}: the run's config and features say which columns of {path} are read")
    raw = read_parquet(path, Columns(dataset.sample, dataset.time, saved.spec.values.features))
    samples = np.split(raw.values.values, raw.values.starts[1:])
    return encode_values(samples, saved.spec, str(path)), raw.index


def _with_lengths(dataset: Sequences, path: Path, name: str | None) -> np.ndarray | Sequence[np.ndarray]:
    """An array's samples, each as long as the array of lengths says, if the run had one and this file has it."""
    array = arrays.read_array(path, name, usual=dataset.values)
    if dataset.lengths is None or path.suffix.lower() != ".npz":
        return array
    beside = dataset.lengths + (name or dataset.values).removeprefix(dataset.values)  # x_test: lengths_test
    if not arrays.holds(path, beside):
        return array
    if array.ndim < 2:
        raise DataError(f"{path}: {beside} is of samples in one array, and there is {array.shape} {array.dtype}")
    lengths = arrays.read_numbers(path, beside)
    if lengths.shape != array.shape[:1] or ((lengths < 1) | (lengths > array.shape[1])).any():
        raise DataError(f"{path}: {beside} must hold {len(array):,} lengths, each from 1 to {array.shape[1]} steps")
    return [sample[:length] for sample, length in zip(array, lengths.astype(int).tolist(), strict=True)]
