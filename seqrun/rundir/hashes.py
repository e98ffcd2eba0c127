"""The SHA-256 of the files by which a run predicts: recorded in `run.json` as they are written, compared when read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seqrun.errors import UsageError
from seqrun.machine.opener import open_file
from seqrun.rundir.reading import EXAMPLES, RECORD, RunRecord

FIELD = "files_sha256"  # of run.json: relative path -> hash; runs of earlier versions have none


def is_hashed(name: str) -> bool:
    """Return whether the hash of the file with this relative path is recorded."""
    return name.startswith("artifacts/") or name.endswith(".weights.h5") or name == "predictions.npz"


def with_hash(record: Mapping[str, Any], name: str, content: bytes) -> dict[str, Any]:
    """Return the content of run.json with the hash of a file."""
    known = {**record.get(FIELD, {}), name: hashlib.sha256(content).hexdigest()}
    return {**record, FIELD: known}


def without_hash(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the content of run.json without the hash of a file, which is about to be written anew."""
    return {**record, FIELD: {other: found for other, found in record.get(FIELD, {}).items() if other != name}}


def check_file(run: RunRecord, name: str) -> bool:
    """Return whether the run has recorded the file's hash; UsageError if the file is not what it was then."""
    recorded = run.record.get(FIELD, {}).get(name)
    if recorded is None:
        return False
    path = run.path / name
    try:
        with open_file(path) as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise UsageError(f"{path}: is missing; {_help(run.path, name)}") from None
    except OSError as error:  # a pipe, a folder, a link to itself
        raise UsageError(f"{path}: cannot be read: {error.strerror}; {_help(run.path, name)}") from None
    if found != recorded:
        raise UsageError(
            f"{path}: is not as the run wrote it: its SHA-256 is {found[:16]}..., and {RECORD} has "
            f"{recorded[:16]}...; {_help(run.path, name)}"
        )
    return True


def check_artifacts(run: RunRecord) -> None:
    """Raise UsageError for an artifact that is not what the run wrote, apart from examples, which only `show` reads."""
    for name in run.record.get(FIELD, {}):
        if name.startswith("artifacts/") and name != EXAMPLES:
            check_file(run, name)


def _help(run: Path, name: str) -> str:
    return (
        f"restore it from a copy, or train again with seqrun train {run / 'config.yaml'}; to use the run without this "
        f"check, remove {name} from {FIELD} in {run / RECORD}"
    )
