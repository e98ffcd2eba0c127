"""How often test data were looked at: by the runs of this report, and by others that lie beside them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqrun.comparing.repeats import test_data
from seqrun.errors import UsageError
from seqrun.rundir.evaluations import evaluations_of
from seqrun.rundir.json_files import LARGEST, read_bounded, read_json
from seqrun.rundir.reading import RECORD, RunRecord
from seqrun.rundir.record_shape import RECORD as SHAPE


@dataclass
class Looks:
    """Who measured on one test set."""

    runs: set[Path] = field(default_factory=set)  # finished ones
    evaluations: int = 0  # by `seqrun evaluate`, on the test split


def looks(runs: Sequence[RunRecord], newest: int | None = None) -> dict[str, Looks]:
    """Return for each test set of these runs the finished runs that were measured on it.

    Those beside the given ones count too, as they lie in the same folders, so many of the newest of each if `newest`
    says so; what cannot be read does not.
    """
    found: dict[str, Looks] = {known: Looks() for run in runs if (known := test_data(run)) is not None}
    for path, record in _beside(runs, list(_hashes(runs)), newest):
        run = RunRecord(path, record, None, [], record["status"])
        at = found.get(test_data(run) or "")
        if at is not None and run.status == "finished":
            at.runs.add(path)
            at.evaluations += _evaluated(path)
    return found


def _beside(
    runs: Iterable[RunRecord], hashes: Sequence[bytes], newest: int | None
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield the runs in the folders of the given ones, with their records, where these have one of the hashes."""
    for folder in dict.fromkeys(run.path.resolve().parent for run in runs):
        files = sorted(folder.glob(f"[!.]*/{RECORD}"))  # names begin with the time
        for file in files if newest is None else files[-newest:]:
            try:
                content = read_bounded(file, LARGEST)
                if any(each in content for each in hashes):  # to search is quicker than to read as JSON
                    yield file.parent, read_json(file, SHAPE)
            except (OSError, UsageError):
                continue


def _hashes(runs: Iterable[RunRecord]) -> Iterator[bytes]:
    """Yield what stands in the record of any run on the same data: hashes, or the name of data without files."""
    for data in (run.record.get("data") or {} for run in runs):
        known = [data.get("test_sha256"), *(source["sha256"] for source in data.get("sources") or ())]
        yield from (text.encode() for text in known or [data.get("name")] if text)


def _evaluated(path: Path) -> int:
    try:
        return sum(each.record["data"].get("split") == "test" for each in evaluations_of(path))
    except UsageError:
        return 0
