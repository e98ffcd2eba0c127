"""The rule by which a difference becomes a word: docs/verdicts.md says it for those who read tables."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace

from seqrun.comparing.bootstrap import bootstrap_interval
from seqrun.comparing.items.difference import ItemDifference
from seqrun.comparing.power import Plan, runs_in_all
from seqrun.comparing.seeds import LEVEL, SeedDifference, pooled
from seqrun.comparing.verdict import Interval, Verdict, Word

Found = SeedDifference | ItemDifference


@dataclass(frozen=True)
class Rule:
    """What is the same for all rows of a table."""

    sign: int  # 1 if more of the metric is better, else -1
    counted: int  # comparisons that there could have been
    smallest: float | None = None  # difference that matters; None: what another seed makes

    def untested(self, verdict: Verdict, reason: str, spread: float | None) -> Verdict:
        """Return the verdict where nothing could be tested; `spread` is as far as other rows tell how runs vary."""
        return replace(verdict, reason=reason, runs_needed=self._more_than_one(verdict.difference or 0.0, spread))

    def tested(self, verdict: Verdict, found: Found, spread: float | None) -> Verdict:
        """Return the verdict of a difference that was tested, over seeds or over items."""
        told = replace(verdict, difference=found.difference, test=found.test, p=found.p, counted=self.counted)
        if isinstance(found, SeedDifference):
            return self._over_seeds(told, found)
        return self._over_items(told, found, spread)

    def _over_seeds(self, verdict: Verdict, found: SeedDifference) -> Verdict:
        """Return the verdict over seeds. Without a smallest difference, it is the standard deviation of one run."""
        smallest = self.smallest if self.smallest is not None else pooled(found.row, found.reference)
        word = self._word(verdict, found.interval(), found.interval(2 * LEVEL), smallest)
        if found.difference and not found.error and found.p >= LEVEL:  # it has no interval, and may be chance
            word = "too few runs"
        plan = Plan(found.difference, found.deviation, found.paired)
        return replace(
            verdict,
            word=word,
            over="seeds",
            interval=found.interval() if found.error or not found.difference else None,
            n=found.n,
            smallest=smallest,
            runs_needed=self._more(plan, smallest, min(found.n)) if word == "too few runs" else None,
            bootstrap=bootstrap_interval(found),
            probability_better=probability_better(found.row, found.reference, self.sign),
        )

    def _over_items(self, verdict: Verdict, found: ItemDifference, spread: float | None) -> Verdict:
        """Return the verdict of two runs over test items; runs are needed where the items do not tell them apart.

        Without a smallest difference only equal predictions are a tie: items cannot tell what another seed changes.
        `spread` is the standard deviation of one run over seeds, as far as other rows tell.
        """
        word = "tie" if found.equal else self._word(verdict, found.interval, found.interval, self.smallest)
        undecided = replace(verdict, runs_needed=self._more_than_one(found.difference, spread))
        return replace(
            undecided if word == "too few runs" else verdict,
            word=word,
            over="items",
            interval=found.interval,
            n=(found.n, found.n),
            smallest=self.smallest,
            reason=found.note,
        )

    def _more_than_one(self, difference: float, spread: float | None) -> int | None:
        """Return the further runs that are needed where there is one; None if it is not known how much runs spread."""
        if spread is None:
            return None
        return self._more(Plan(difference, spread, paired=False), spread if self.smallest is None else self.smallest, 1)

    def _word(self, verdict: Verdict, interval: Interval, of_tie: Interval, smallest: float | None) -> Word:
        """Return the word; a difference that matters to nobody is a tie even where it is sure.

        Where it is not known which differences matter, `smallest` is None, and nothing is a tie.
        """
        if self.smallest is not None and _within(interval, self.smallest):
            return "tie"
        if verdict.p_adjusted is not None and verdict.p_adjusted < LEVEL:
            return "better" if self.sign * (verdict.difference or 0.0) > 0 else "worse"
        return "tie" if smallest is not None and _within(of_tie, smallest) else "too few runs"

    def _more(self, plan: Plan, smallest: float, there: int) -> int | None:
        needed = runs_in_all(plan, smallest, LEVEL / self.counted)
        return None if needed is None else max(1, needed - there)


def probability_better(row: Sequence[float], reference: Sequence[float], sign: int) -> float:
    """Return how often a run of the row is better than one of the reference, of all pairs; ties count half."""
    others = sorted(sign * value for value in reference)
    below = sum(bisect_left(others, sign * value) + bisect_right(others, sign * value) for value in row)
    return below / (2 * len(row) * len(others))


def _within(interval: Interval, smallest: float) -> bool:
    return -smallest <= interval[0] and interval[1] <= smallest
