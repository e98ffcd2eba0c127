"""Where the data of a run came from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Source:
    """One file that the data came from."""

    kind: str  # path, data_dir, cache, download or package
    path: Path  # absolute
    sha256: str
