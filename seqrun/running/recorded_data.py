"""The data that a run was trained on, opened again: the files that `run.json` names, with the hashes that it has."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.provenance import Source
from seqrun.errors import DataError
from seqrun.machine.withheld import unmasked
from seqrun.running.recording import rows_of

if TYPE_CHECKING:
    from seqrun.components.splits import Splits


def recorded_sources(record: Mapping[str, Any]) -> tuple[Source, ...]:
    """Return the files that the run was trained on."""
    return tuple(
        Source(each["kind"], unmasked(Path(each["path"])), each["sha256"]) for each in record["data"]["sources"]
    )


def check_data(record: Mapping[str, Any], splits: Splits) -> None:
    """Raise DataError if these are not the data that the run was trained on: other files, or other counts."""
    was, hashes = record["data"], [source.sha256 for source in splits.sources]
    if hashes != [each["sha256"] for each in was["sources"]]:
        paths = ", ".join(str(source.path) for source in splits.sources)
        raise DataError(f"{paths}: not the data that the run was trained on: their SHA-256 is another")
    if rows_of(splits) != was["rows"]:
        raise DataError(f"the data have {rows_of(splits)} samples, and the run was trained on {was['rows']}")
