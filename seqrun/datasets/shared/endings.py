"""Which files are tables of numbers, by their endings."""

from __future__ import annotations

from pathlib import Path

from seqrun.datasets.files import opening
from seqrun.datasets.shared.layout import DELIMITERS

ENDINGS = (*DELIMITERS, ".parquet")


def ending(path: Path) -> str | None:
    """Return which of ENDINGS a file has, before that of a packed file; None if none."""
    return opening.ending(path, ENDINGS, packed=(*DELIMITERS,))
