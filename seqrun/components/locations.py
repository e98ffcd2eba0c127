"""Where a dataset looks for its files."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqrun.components.provenance import Source
    from seqrun.events.events import Emit


@dataclass(frozen=True)
class Locations:
    """Where a dataset may look for its files, and the follower that it sends events to.

    `known` are the files that a run to be gone on with was trained on: they are looked at first, and a file of another
    hash is none of its data.
    """

    data_dir: Path | None  # --data-dir, else SEQRUN_DATA_DIR
    emit: Emit
    cache: Path | None = None  # the folder where prepared data are kept (datasets/files/prepared.py); None: nowhere
    known: tuple[Source, ...] = ()
