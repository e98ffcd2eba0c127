"""The predictions that a run keeps of its test split, as the columns of a table."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from seqrun.components.spec_json import spec_from_artifacts
from seqrun.components.splits import Spec
from seqrun.errors import UsageError
from seqrun.inference.artifacts import ARTIFACTS, artifacts_of
from seqrun.machine.opener import open_file
from seqrun.readable import listed_names
from seqrun.registry import KEPT, load
from seqrun.rundir.hashes import check_file
from seqrun.rundir.json_files import parsed
from seqrun.rundir.reading import RunRecord
from seqrun.rundir.shapes import Shape

FILE = "predictions.npz"
Columns = dict[str, np.ndarray]  # name -> (rows,)


class KeptArrays(dict[str, np.ndarray]):
    """The arrays of `predictions.npz`; to ask for one that the run's trainer has not kept is a UsageError."""

    def __init__(self, path: Path, arrays: Mapping[str, np.ndarray]) -> None:
        super().__init__(arrays)
        self._path = path

    def __missing__(self, name: str) -> NoReturn:
        there = listed_names(sorted(self)) if self else "nothing"
        raise UsageError(
            f"{self._path}: the run's trainer has kept no array {name!r}, but {there}; tables of predictions, slices "
            "and tests over samples take index, targets and predictions, all else does without"
        )


@dataclass(frozen=True)
class KeptPredictions:
    """What `predictions.npz` holds, and what says how to read it; nothing of it is code."""

    run: RunRecord
    spec: Spec
    artifacts: Mapping[str, bytes]
    arrays: Mapping[str, np.ndarray]  # index (samples,), targets, predictions, and what else the task keeps

    def artifact(self, name: str, shape: Shape) -> Any:
        """Return what an artifact in JSON holds; None if the run has none of this name."""
        content = self.artifacts.get(name)
        return None if content is None else parsed(content, self.run.path / ARTIFACTS / name, shape, nan=True)

    @property
    def rows(self) -> np.ndarray:
        """The row of the source that each sample came from, (samples,)."""
        return self.arrays["index"]


def kept_columns(run: RunRecord) -> Columns:
    """Return the test split's targets and predictions, named as the columns that the run predicts.

    Raises UsageError for a run that has none, or of which they are damaged.
    """
    return read_kept(run, KEPT)


def read_kept(run: RunRecord, readers: Mapping[str, str]) -> Any:
    """Return what the reader for the kind of the run's target, one of a table of the registry, makes of what it kept.

    Raises UsageError for a run that has kept no predictions, or of which they are damaged.
    """
    arrays, artifacts = kept_arrays(run), artifacts_of(run)
    with _told_of(run.path / FILE):
        kept = KeptPredictions(run, spec_from_artifacts(artifacts), artifacts, arrays)
        # What an autoencoder of an earlier version kept as its target is that of its data.
        kind = "reconstruction" if "codes" in kept.arrays else kept.spec.target.kind
        return load(readers[kind])(kept)


def kept_arrays(run: RunRecord) -> KeptArrays:
    """Return what `predictions.npz` holds; UsageError for a run that has none, or of which they are damaged."""
    path = run.path / FILE
    if not path.is_file():
        state = f"is {run.status}: it has no {FILE}" if run.status != "finished" else f"has no {FILE} any more"
        raise UsageError(f"{run.path}: {state}")
    check_file(run, FILE)
    with _told_of(path), open_file(path) as file:
        if not zipfile.is_zipfile(file):  # numpy would take it for a pickle, and speak of options that are not ours
            raise ValueError("it is no npz file")
        file.seek(0)
        with np.load(file, allow_pickle=False) as found:
            return KeptArrays(path, dict(found))


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Name the file in errors of the block, which come from what is in it."""
    try:
        yield
    except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile) as error:
        raise UsageError(
            f"{path}: damaged: {error}; metrics, curves and predict do without it, and seqrun evaluate {path.parent} "
            "predicts the test split again"
        ) from error
