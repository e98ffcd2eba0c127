"""New samples of numbers in original units, from numpy's files or a Parquet file like the run's own."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from seqrun.datasets.samples.encoding import encode_values
from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import DataError, UsageError
from seqrun.inference import arrays
from seqrun.inference.keys import Key
from seqrun.inference.new_samples import NewSamples
from seqrun.inference.request import check_ending
from seqrun.inference.saved import SavedRun

PARQUET = ".parquet"


def read_values(saved: SavedRun, path: Path, name: str | None = None) -> NewSamples:
    """The samples as the network reads them, with what a Parquet file calls them and their steps.

    Of a .npz file `name` is the array, by default the run's own; so is the one that says how long samples are. Raises
    UsageError for a file of another kind, and DataError for samples that the network cannot read.
    """
    dataset = saved.experiment.dataset
    check_ending(path, (*arrays.ENDINGS, PARQUET) if isinstance(dataset, Sequences) else arrays.ENDINGS)
    if isinstance(dataset, Sequences):
        if path.suffix.lower() == PARQUET:
            return _from_table(saved, dataset, path, name)
        samples = _with_lengths(dataset, path, name)
    else:
        samples = arrays.read_array(path, name)
    inputs = encode_values(samples, saved.spec, str(path))
    return NewSamples(inputs, np.arange(len(inputs)))


def _from_table(saved: SavedRun, dataset: Sequences, path: Path, name: str | None) -> NewSamples:
    from seqrun.datasets.samples.parquet import read_new

    if name is not None:
        raise UsageError(f"--column {name}: the run's config and features say which columns of {path} are read")
    raw = read_new(path, dataset.columns(), saved.spec.values.features)
    samples = np.split(raw.values.values, raw.values.starts[1:])
    ids = None if raw.ids is None else Key.of(dataset.sample, raw.ids)
    times = None if raw.times is None else Key.of(dataset.time, raw.times)
    return NewSamples(encode_values(samples, saved.spec, str(path)), raw.index, ids=ids, times=times)


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
