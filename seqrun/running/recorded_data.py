"""The data that a run was trained on, opened again: the files that `run.json` names, with the hashes that it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.provenance import Source
from seqrun.errors import DataError, UsageError
from seqrun.machine.withheld import unmasked
from seqrun.running.recording import rows_of

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.locations import Locations
    from seqrun.components.splits import Splits
    from seqrun.rundir.reading import RunRecord


def recorded_sources(record: Mapping[str, Any]) -> tuple[Source, ...]:
    """Return the files that the run was trained on; none of a run that does not say it."""
    sources = (record.get("data") or {}).get("sources") or ()
    return tuple(Source(each["kind"], unmasked(Path(each["path"])), each["sha256"]) for each in sources)


def recorded_splits(run: RunRecord, experiment: Experiment, locations: Locations) -> Splits:
    """Return the data that the run was trained on, split and encoded as then.

    `locations` has the run's sources. Raises DataError if the data cannot be had, UsageError for a run that does not
    say which they are.
    """
    data = run.record.get("data") or {}
    if data.get("sources") is None or data.get("rows") is None:
        raise UsageError(f"{run.path}: its record does not say what data it was trained on")
    splits = experiment.dataset.load(locations)
    check_data(run.record, splits)
    return splits


def check_data(record: Mapping[str, Any], splits: Splits) -> None:
    """Raise DataError if these are not the data that the run was trained on: other files, or other counts."""
    was, hashes = record["data"], [source.sha256 for source in splits.sources]
    if hashes != [each["sha256"] for each in was["sources"]]:
        paths = ", ".join(str(source.path) for source in splits.sources)
        raise DataError(f"{paths}: not the data that the run was trained on: their SHA-256 is another")
    if rows_of(splits) != was["rows"]:
        raise DataError(f"the data have {rows_of(splits)} samples, and the run was trained on {was['rows']}")
