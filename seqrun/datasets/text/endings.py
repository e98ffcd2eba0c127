"""Which files are tables of texts, by their endings."""

from __future__ import annotations

from pathlib import Path

from seqrun.datasets.files.opening import ending
from seqrun.datasets.shared.layout import DELIMITERS

PACKED = (*DELIMITERS, ".jsonl")  # may be
TABLES = (*PACKED, ".parquet")


def table_ending(path: Path) -> str | None:
    """Return which of TABLES a file has, before that of a packed file; None if none."""
    return ending(path, TABLES, packed=PACKED)
