"""How many samples of each class, label or series there are in each split: what a person looks at first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqrun.readable import SHOWN, counted

if TYPE_CHECKING:
    from seqrun.components.splits import Splits

SPLITS = ("train", "validation", "test")
_NOUNS = {"classes": "class", "reconstruction": "class", "labels": "label", "tags": "tag", "series": "series"}
_PLURALS = {"class": "classes", "series": "series"}


@dataclass(frozen=True)
class Counts:
    """Of each split how many samples there are of each class, label or series, or how many steps of each tag."""

    noun: str  # class, label, tag or series
    splits: Mapping[str, Mapping[str, int]]  # split -> name -> count

    @classmethod
    def of(cls, splits: Splits) -> Counts | None:
        """Return the counts of these splits; None if their samples have no names to be counted by."""
        from seqrun.components.splits import Windows  # here: to show a run needs none of it

        found = splits.series
        if not found:
            parts = {name: getattr(splits, name) for name in SPLITS}
            found = {
                name: {} if isinstance(part, Windows) else splits.spec.target.counts(part.targets)
                for name, part in parts.items()
            }
        return cls(_NOUNS.get(splits.spec.target.kind, "class"), found) if any(found.values()) else None

    @classmethod
    def recorded(cls, data: Mapping[str, Any]) -> Counts | None:
        """Return what `record` made; None if the run has recorded no counts."""
        found = data.get("counts")
        return None if not found else cls(found["of"], {name: found[name] for name in SPLITS})

    def record(self) -> dict[str, Any]:
        """Return the counts as run.json keeps them."""
        return {"of": self.noun, **self.splits}

    @property
    def plural(self) -> str:
        """The noun for several."""
        return _PLURALS.get(self.noun, f"{self.noun}s")

    def rows(self) -> list[tuple[str, tuple[int, ...]]]:
        """Return each name with its counts in training, validation and test."""
        names = dict.fromkeys(name for split in SPLITS for name in self.splits[split])
        return [(name, tuple(self.splits[split].get(name, 0) for split in SPLITS)) for name in names]

    def __str__(self) -> str:
        rows = self.rows()
        what = "steps" if self.noun == "tag" else "windows" if self.noun == "series" else "samples"
        listed = ", ".join(f"{name} {' / '.join(f'{count:,}' for count in counts)}" for name, counts in rows[:SHOWN])
        more = f" and {len(rows) - SHOWN:,} more" if len(rows) > SHOWN else ""
        number = counted(len(rows), self.noun) if len(rows) == 1 else f"{len(rows):,} {self.plural}"
        return f"{number} ({what} in train / validation / test): {listed}{more}"
