"""What a reader says of a file: how many rows it read, what it left out and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from seqrun.datasets.shared.places import places
from seqrun.readable import counted

SHOWN = 5  # places of a kind


@dataclass
class Account:
    """Rows read, and lines left out by kind; a reader adds to it as it goes."""

    unit: str = "line"  # in which places are counted
    rows: int = 0
    left_out: dict[str, list[int]] = field(default_factory=dict)  # what (one "blank line") -> where
    notes: list[str] = field(default_factory=list)  # what else was decided about the file

    def leave_out(self, what: str, where: int) -> None:
        """Add a line that is left out."""
        self.left_out.setdefault(what, []).append(where)

    def told(self, path: Path | str, made: str) -> str:
        """Return all of it in a line: what was `made` of the rows ("120 samples"), and what was left out."""
        parts = [f"{path}: {counted(self.rows, 'row')} read, {made}"]
        for what, lines in self.left_out.items():
            first, more = lines[:SHOWN], len(lines) - SHOWN
            where = places([f"{self.unit} {line}" for line in first]) + (f" and {more:,} more" if more > 0 else "")
            parts.append(f"{counted(len(lines), what)} left out ({where})")
        return "; ".join([*parts, *self.notes])
