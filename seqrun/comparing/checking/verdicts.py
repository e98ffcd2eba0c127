"""Whether a figure differs from the baseline's by more than chance: told beside whether it keeps its limit."""

from __future__ import annotations

from seqrun.comparing.checking.measured import Measured
from seqrun.comparing.deciding import Found, Rule
from seqrun.comparing.first_difference import PREDICTIONS
from seqrun.comparing.items.difference import NotComparable, difference_over_items
from seqrun.comparing.seeds import difference_over_seeds, mean_of
from seqrun.comparing.verdict import Verdict
from seqrun.metrics import Direction


def verdict_of(run: Measured, against: Measured, figure: str, better: Direction | None) -> Verdict | None:
    """Return the verdict on the run's figure against the baseline's, by the rules of `seqrun compare`.

    It is over seeds where both are several runs, else over the test items of one run each. None where nothing can be
    tested: of a figure of which it is not known which way it is better, of metrics without their run, and of what
    single runs have beside test metrics.
    """
    found = None if better is None else _found(run, against, figure)
    if found is None:
        return None
    difference = mean_of([*run.by_seed(figure).values()]) - mean_of([*against.by_seed(figure).values()])
    begun = Verdict("too few runs", figure, against.names, difference=difference, p_adjusted=found.p)
    return Rule(1 if better == "max" else -1, counted=1).tested(begun, found, None)


def _found(run: Measured, against: Measured, figure: str) -> Found | None:
    """Return what a test finds; None if there is none."""
    ours, theirs = run.by_seed(figure), against.by_seed(figure)
    if min(len(ours), len(theirs)) > 1:
        return difference_over_seeds(ours, theirs)
    if max(len(ours), len(theirs)) > 1 or not all(
        (each.runs[0].path / PREDICTIONS).is_file() for each in (run, against)
    ):
        return None
    try:
        return difference_over_items(run.runs[0], against.runs[0], figure, run.directions)
    except NotComparable:
        return None
