"""A run's evaluations after its training: `RUN/evaluations/NAME/`, a folder each. Loads no numpy."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from seqrun.errors import InputError, Parameter, UsageError
from seqrun.rundir import atomic
from seqrun.rundir.hashes import FIELD
from seqrun.rundir.json_files import read_json
from seqrun.rundir.reading import WEIGHTS
from seqrun.rundir.record_shape import FIGURES
from seqrun.rundir.shapes import count as whole
from seqrun.rundir.shapes import fields, listing, optional, text, time

FOLDER = "evaluations"
EVALUATION, METRICS = "evaluation.json", "metrics.json"
LONGEST = 100  # characters of a name

_DATA = fields({"sha256": text, "samples": whole}, {"split": optional(text), "path": optional(text)})
_EVALUATION = fields(
    {"name": text, "data": _DATA, "evaluated": time}, {"warnings": listing(text), "weights_sha256": optional(text)}
)
_METRICS = fields({"metrics": FIGURES})


@dataclass(frozen=True)
class KeptEvaluation:
    """An evaluation as a reader sees it."""

    path: Path
    record: dict[str, Any]  # evaluation.json
    results: dict[str, Any]  # metrics.json: `metrics`, and what the task says beside them

    def is_of(self, run: Mapping[str, Any]) -> bool:
        """Return whether it was made with the weights that a run's run.json has: a resumed run gets others."""
        return self.record.get("weights_sha256") == weights_hash(run)


def weights_hash(run: Mapping[str, Any]) -> str | None:
    """Return the SHA-256 of a run's weights, as its run.json has it; None if it has none."""
    return (run.get(FIELD) or {}).get(WEIGHTS)


def evaluations_of(run: Path) -> list[KeptEvaluation]:
    """Return the run's evaluations in the order in which they were made; UsageError for a damaged one."""
    found = []
    for path in sorted((run / FOLDER).glob(f"*/{EVALUATION}")):
        if path.parent.name.startswith("."):
            continue
        try:
            results = read_json(path.parent / METRICS, _METRICS)
            found.append(KeptEvaluation(path.parent, read_json(path, _EVALUATION), results))
        except OSError as error:
            raise UsageError(f"{error.filename}: cannot be read: {error.strerror}") from None
    return sorted(found, key=lambda each: each.record["evaluated"])


def check_name(name: str) -> None:
    """Raise InputError for what is no name of a folder."""
    if not re.fullmatch(r"\w[\w.-]*", name) or len(name) > LONGEST:
        raise InputError(Parameter("name", name), f": must be letters, digits, _, . and -, at most {LONGEST}")


def name_of(path: Path) -> str:
    """Return what an evaluation on a file is called by default: the file's name without endings."""
    plain = re.sub(r"[^\w.-]+", "_", path.resolve().name.split(".")[0] or path.name)
    return plain.lstrip("_.-")[:LONGEST] or "input"


def write_evaluation(run: Path, record: Mapping[str, Any], files: Mapping[str, bytes]) -> Path:
    """Write an evaluation as a whole, and return its folder; OSError if it cannot be written.

    Its name is the record's. A former one of that name is replaced if it is of the same data (`data.sha256`); if it is
    of other data it stays, and a number is added to the name of the new one: test-2.
    """
    folder = run / FOLDER
    folder.mkdir(exist_ok=True)
    path = _place(folder, record["name"], record["data"]["sha256"])
    former = None
    if path.exists():
        former = atomic.temporary_name(path)
        path.rename(former)
    try:
        with atomic.new_folder(path) as temporary:
            atomic.write_json(temporary / EVALUATION, {**record, "name": path.name})
            for name, content in files.items():
                (temporary / name).parent.mkdir(exist_ok=True)
                atomic.write_bytes(temporary / name, content)
    except BaseException:
        if former is not None:
            former.rename(path)
        raise
    if former is not None:
        shutil.rmtree(former)
    return path


def _place(folder: Path, name: str, sha256: str) -> Path:
    """Return the first of NAME, NAME-2, ... that is not there, or is an evaluation of the same data."""
    for number in count(1):
        path = folder / (name if number == 1 else f"{name}-{number}")
        if not os.path.lexists(path):
            return path
        try:
            if read_json(path / EVALUATION, _EVALUATION)["data"]["sha256"] == sha256:
                return path
        except (OSError, UsageError):  # damaged, or something else: it stays as it is
            continue
    raise AssertionError("there is no last number")
