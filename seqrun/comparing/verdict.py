"""What a comparison says of one row against another: better, worse, a tie, or too few runs to tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Word = Literal["best", "better", "worse", "tie", "too few runs"]
Over = Literal["seeds", "items"]

Interval = tuple[float, float]


@dataclass(frozen=True)
class Verdict:
    """Whether a row differs from the reference, by one metric, and how sure that is.

    All differences are the row's figure minus the reference's, in the metric's units. What is over seeds says whether
    the difference would come again with other seeds; what is over items says whether two trained networks differ on
    more than these test samples, and nothing of other seeds. The two are never mixed.
    """

    word: Word
    metric: str  # `test.auc`
    reference: str  # what --against calls the row compared with; the best row's own
    over: Over | None = None  # None where nothing was tested: of the best row, and where the reason says why
    difference: float | None = None
    interval: Interval | None = None  # of the difference, at 95%, for this row alone
    test: str | None = None  # the name of the test, as people know it
    n: tuple[int, int] | None = None  # runs (or items) of the row and of the reference that were compared
    p: float | None = None  # two-sided, of no difference, for this row alone
    p_adjusted: float | None = None  # by Holm, over `counted` comparisons
    counted: int | None = None
    smallest: float | None = None  # the smallest difference that matters
    runs_needed: int | None = None  # further runs of each row until it can be told; None if it is told, or not known
    bootstrap: Interval | None = None  # of the difference, at 95%, by the bootstrap (BCa)
    probability_better: float | None = None  # that a run of the row is better than one of the reference
    reason: str = ""  # why nothing was tested, or what the test assumed

    @property
    def text(self) -> str:
        """The verdict as a cell says it: `too few runs (about 4 more)`, `worse (over items)`."""
        words: list[str] = []
        if self.over == "items":
            words.append("over items")
        if self.runs_needed is not None:
            words.append(f"about {self.runs_needed:,} more")
        return f"{self.word} ({', '.join(words)})" if words else self.word

    def record(self) -> dict[str, Any]:
        """Return what a script acts on, as plain data."""
        names = ("difference", "interval", "test", "over", "p", "p_adjusted", "n", "runs_needed", "reason")
        return {"verdict": self.word, **{name: getattr(self, name) for name in names}}
