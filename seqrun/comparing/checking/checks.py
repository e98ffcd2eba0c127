"""A run's figures held against its limits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from seqrun.comparing.checking.limits import FIGURES, Limit, number, unknown_figure
from seqrun.comparing.checking.measured import Measured
from seqrun.comparing.checking.verdicts import verdict_of
from seqrun.comparing.table import Aggregate
from seqrun.comparing.verdict import Verdict
from seqrun.errors import UsageError
from seqrun.metrics import Direction

# What of a verdict `--json` has, under the names that it has in a comparison.
VERDICT = ("verdict", "over", "test", "interval", "p", "n", "runs_needed")


@dataclass(frozen=True)
class Check:
    """One limit, and what was found."""

    limit: Limit
    passed: bool
    value: float | None  # of the run, the mean of repeats; None if it has no such figure
    baseline: float | None = None  # None where none is needed
    reason: str | None = None  # why it did not pass
    verdict: Verdict | None = None  # against the baseline; None where none is needed, or nothing can be tested

    @property
    def change(self) -> float | None:
        """The run's figure less the baseline's."""
        if self.value is None or self.baseline is None:
            return None
        return float(_exact(self.value) - _exact(self.baseline))

    def record(self) -> dict[str, Any]:
        """Return the check as `--json` has it."""
        limit = {"kind": self.limit.kind, "amount": self.limit.amount, "two_sided": self.limit.two_sided}
        figures = {"value": self.value, "baseline": self.baseline, "change": self.change}
        found = {"figure": self.limit.figure, "passed": self.passed, **figures, **limit, "reason": self.reason}
        told = {} if self.verdict is None else self.verdict.record()
        return {**found, **{name: told.get(name) for name in VERDICT}}


@dataclass(frozen=True)
class Checked:
    """What came of all limits."""

    run: Measured
    against: Measured | None
    checks: tuple[Check, ...]
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Check, ...]:
        """The checks that did not pass."""
        return tuple(check for check in self.checks if not check.passed)


def check(run: Measured, against: Measured | None, limits: Sequence[Limit]) -> Checked:
    """Return what comes of the limits.

    A figure that the run lacks, or that is no number there, did not pass. Raises UsageError where nothing can be told:
    no baseline for a tolerance, unequal test data, a figure that neither has, or that the baseline lacks.
    """
    if not limits:
        raise UsageError("nothing is asked: give --tolerance auc=0.01, or --tolerances FILE.yaml")
    compared = [limit for limit in limits if limit.against_baseline]
    if compared and against is None:
        raise UsageError(f"{compared[0].given}: worse than what? give --against BASELINE")
    if against is not None and any(limit.figure not in FIGURES or limit.figure == "skill" for limit in compared):
        _check_data(run, against)
    found, former = run.figures(), {} if against is None else against.figures()
    _check_known(limits, run, found, former)
    checks = tuple(_judged(_checked(limit, run, found, former), run, against) for limit in limits)
    return Checked(run, against, checks, tuple(_notes(against, compared)))


def _check_data(run: Measured, against: Measured) -> None:
    """Raise UsageError if it is known that the two were measured on unequal test data."""
    own, other = run.test_data, against.test_data
    if own is not None and other is not None and own != other:
        raise UsageError(
            f"{run.names} and {against.names} were measured on unequal test data: their metrics cannot be compared "
            "(seqrun diff says what differs)"
        )


def _check_known(
    limits: Sequence[Limit], run: Measured, found: Mapping[str, Aggregate], former: Mapping[str, Aggregate]
) -> None:
    """Raise UsageError for a figure that neither has, which may be misspelt, or with which nothing can be compared."""
    for limit in limits:
        if limit.figure not in {*found, *former} and not (run.unfinished and (limit.figure in FIGURES or not former)):
            raise unknown_figure(limit, sorted({*found, *former} - FIGURES.keys()))
        if limit.against_baseline and limit.figure in found and limit.figure not in former:
            raise UsageError(f"{limit.given}: the baseline has no {limit.figure}: it cannot be compared")


def _checked(limit: Limit, run: Measured, found: Mapping[str, Aggregate], former: Mapping[str, Aggregate]) -> Check:
    value, base = found.get(limit.figure), former.get(limit.figure) if limit.against_baseline else None
    baseline = None if base is None else base.mean
    if value is None:
        return Check(limit, False, None, baseline, run.unfinished or f"{run.names} has no {limit.figure}, or no number")
    reason = _fault(limit, value.mean, baseline, limit.better(run.directions))
    return Check(limit, reason is None, value.mean, baseline, reason)


def _judged(found: Check, run: Measured, against: Measured | None) -> Check:
    """Return the check with the verdict on its difference, which decides nothing of whether it passed."""
    if found.change is None or against is None:
        return found
    verdict = verdict_of(run, against, found.limit.figure, found.limit.better(run.directions))
    return replace(found, verdict=verdict)


def _fault(limit: Limit, value: float, baseline: float | None, better: Direction | None) -> str | None:
    """Return why the figure does not keep to its limit, None if it does.

    The figures are compared as the decimal numbers that they are written as: 0.91 is 0.01 above 0.9, not a little more.
    """
    amount, exact = _exact(limit.amount), _exact(value)
    if limit.kind == "at_least":
        return f"{number(value)} is below {number(limit.amount)}" if exact < amount else None
    if limit.kind == "at_most":
        return f"{number(value)} is above {number(limit.amount)}" if exact > amount else None
    if baseline is None:
        raise UsageError(f"{limit.given}: worse than what? give --against BASELINE")
    change, base = exact - _exact(baseline), _exact(baseline)
    worse = abs(change) if better is None else -change if better == "max" else change
    if worse <= (amount * abs(base) if limit.kind == "relative" else amount):
        return None
    side = "above" if change > 0 else "below"
    return f"{number(value)} is {number(float(abs(change)))} {side} the baseline's {number(baseline)}; {limit}"


def _exact(value: float) -> Decimal:
    return Decimal(repr(value))


def _notes(against: Measured | None, compared: Sequence[Limit]) -> list[str]:
    if against is None or not compared or against.test_data is not None:
        return []
    return [f"{against.names} does not say on what data it was measured; that these are the same is taken for granted"]
