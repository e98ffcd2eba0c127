"""What export.json says: where an export comes from, what one sample is that it reads, what it gives, and its files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from seqrun.export.description import Description, raw_tensors
from seqrun.export.formats import NEEDED
from seqrun.inference.saved import SavedRun
from seqrun.inference.weights import WEIGHTS
from seqrun.machine.opener import open_file
from seqrun.rundir.directory import utc_now
from seqrun.rundir.environment import environment

VERSION = 1


def export_record(
    saved: SavedRun, kind: str, description: Description, answers: Mapping[str, np.ndarray], folder: Path
) -> dict[str, Any]:
    """Return the content of export.json for what is in the folder; `answers` are those to some samples."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        "version": VERSION,
        "format": kind,
        "created": utc_now(),
        "run": {
            "path": str(saved.run.path.resolve()),
            "name": saved.experiment.name,
            "seed": saved.experiment.seed,
            "task": saved.spec.target.task,
            "architecture": saved.experiment.architecture.name,
            "weights_sha256": _sha256(saved.run.path / WEIGHTS),
        },
        "packages": environment()["packages"] | _versions(kind),
        "network": {
            "input": {name: description["input"][name] for name in ("shape", "dtype")},
            "output": {"shape": [*saved.model.output_shape[1:]], "dtype": "float32"},
        },
        "raw_input": {
            name: {"shape": shape, "dtype": dtype} for name, (shape, dtype) in raw_tensors(description).items()
        },
        "answers": {
            name: {"shape": [*values.shape[1:]], "dtype": str(values.dtype)} for name, values in answers.items()
        },
        "labels": [*saved.spec.target.labels],
        "units": "original" if "predictions" in answers else "probabilities",
        "files_sha256": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }


def _versions(kind: str) -> dict[str, str]:
    return {package: metadata.version(package) for package in NEEDED.get(kind, {}).values()}


def _sha256(path: Path) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
