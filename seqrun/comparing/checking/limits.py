"""Limits of a run's figures: how much worse than a baseline they may be, or what they must reach."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args

from seqrun.comparing.comparison import ALIASES
from seqrun.comparing.values import full_name
from seqrun.errors import UsageError
from seqrun.metrics import Direction, direction
from seqrun.spelling import suggest

Kind = Literal["absolute", "relative", "at_least", "at_most"]
KINDS: tuple[Kind, ...] = get_args(Kind)
TOLERANCES: tuple[Kind, ...] = ("absolute", "relative")  # against a baseline
# What a run has beside metrics, and which way it is better.
FIGURES: Mapping[str, Direction] = {"skill": "max", "parameters": "min", "epochs": "min", "seconds": "min"}


@dataclass(frozen=True)
class Limit:
    """What one figure must keep to."""

    figure: str  # test.auc, or one of FIGURES
    kind: Kind
    amount: float  # a relative one as a share of the baseline's figure: 0.05
    two_sided: bool  # of a tolerance: whether a better figure counts as well
    given: str  # where and how it was given, for messages: --tolerance auc=0.01

    @property
    def against_baseline(self) -> bool:
        """Whether it takes a baseline to tell."""
        return self.kind in TOLERANCES

    def better(self, declared: Mapping[str, Direction]) -> Direction | None:
        """Return which way the figure is better, None if that does not count.

        Raises UsageError where it counts and is not known.
        """
        if self.two_sided or not self.against_baseline:
            return None
        if self.figure in FIGURES:
            return FIGURES[self.figure]
        try:
            return direction(self.figure, declared)
        except KeyError as error:
            raise UsageError(f"{self.given}: {error.args[0]}; two-sided, any change counts") from None

    def __str__(self) -> str:
        if self.kind == "at_least":
            return f"at least {number(self.amount)}"
        if self.kind == "at_most":
            return f"at most {number(self.amount)}"
        amount = f"{number(100 * self.amount)}%" if self.kind == "relative" else number(self.amount)
        return f"at most {amount} {'off' if self.two_sided else 'worse'}"


def number(value: float) -> str:
    """Return a figure as text, with six digits: 0.912346, 652577, 1.5e-07."""
    return str(int(value)) if float(value).is_integer() and abs(value) < 1e15 else f"{value:.6g}"


def figure_name(given: str) -> str:
    """Return the full name of a figure: test.auc for auc, seconds for time."""
    name = ALIASES.get(given, given)
    return name if name in FIGURES else full_name(name)


def read_tolerance(word: str, *, two_sided: bool) -> Limit:
    """Return the limit that `auc=0.01` or `test.loss=5%` says; UsageError for anything else."""
    given = f"--tolerance {word}"
    name, equals, text = (part.strip() for part in word.partition("="))
    if not name or not equals:
        raise UsageError(f"{given}: is a metric and how much worse it may be, as auc=0.01 or test.loss=5%")
    try:
        kind, amount = tolerance(text)
    except ValueError as error:
        raise UsageError(f"{given}: {error}") from None
    return Limit(figure_name(name), kind, amount, two_sided, given)


def tolerance(value: str | float) -> tuple[Kind, float]:
    """Return the kind and amount of a tolerance: 0.01 and "0.01" are absolute, "5%" is relative.

    Raises ValueError for what is no number from 0 on.
    """
    text = str(value).strip()
    relative = text.endswith("%")
    try:
        amount = float(text.removesuffix("%"))
    except ValueError:
        raise ValueError(f"{text!r} is no number: give one such as 0.01, or a share such as 5%") from None
    if not (math.isfinite(amount) and amount >= 0):
        raise ValueError(f"{text} must be a number from 0 on, how much worse the figure may be")
    return ("relative", float(Decimal(repr(amount)) / 100)) if relative else ("absolute", amount)


def unknown_figure(limit: Limit, known: list[str]) -> UsageError:
    """Return the error of a limit on a figure that no run has."""
    names = [*known, *FIGURES]
    bare = [name.removeprefix("test.") for name in known]
    near = suggest(limit.figure.removeprefix("test."), [*bare, *names])
    return UsageError(f"{limit.given}: no run has {limit.figure}{near}; there are {', '.join(names)}")
