"""What export.json says: where an export comes from, what it reads and gives, and the hashes of its files."""

from __future__ import annotations

import hashlib
from importlib import metadata
from pathlib import Path
from typing import Any

from seqrun.export.description import Description
from seqrun.export.formats import NEEDED
from seqrun.inference.saved import SavedRun
from seqrun.inference.weights import WEIGHTS
from seqrun.machine.opener import open_file
from seqrun.rundir.directory import utc_now
from seqrun.rundir.environment import environment

VERSION = 1


def export_record(saved: SavedRun, kind: str, description: Description, folder: Path) -> dict[str, Any]:
    """Return the content of export.json for what is in the folder."""
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
        "files_sha256": {path.relative_to(folder).as_posix(): _sha256(path) for path in files},
    }


def _versions(kind: str) -> dict[str, str]:
    return {package: metadata.version(package) for package in NEEDED.get(kind, {}).values()}


def _sha256(path: Path) -> str:
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
