"""The table that a comparison is: its rows, their figures over repeats, and what a reader should know of them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from seqrun.comparing.seeds import mean_interval
from seqrun.comparing.verdict import Verdict
from seqrun.metrics import Direction
from seqrun.rundir.reading import RunRecord

FOR_INTERQUARTILE = 10  # runs
DIVIDER = " · "


@dataclass(frozen=True)
class Aggregate:
    """The values of one metric, or other number, over repeats."""

    values: tuple[float, ...]

    @property
    def n(self) -> int:
        return len(self.values)

    @property
    def mean(self) -> float:
        return math.fsum(self.values) / self.n

    @property
    def sd(self) -> float | None:
        """The sample standard deviation (n - 1); None for one value."""
        if self.n < 2:
            return None
        mean = self.mean if min(self.values) < max(self.values) else self.values[0]  # equal ones have no deviation
        return math.sqrt(math.fsum((value - mean) ** 2 for value in self.values) / (self.n - 1))

    @property
    def interval(self) -> tuple[float, float] | None:
        """The t interval of the mean at 95%; None for one value."""
        return mean_interval(self.values) if self.n > 1 else None

    @property
    def interquartile_mean(self) -> float | None:
        """The mean of the middle half, which single runs that failed do not move; None for fewer than 10 values.

        Agarwal et al. 2021, "Deep reinforcement learning at the edge of the statistical precipice".
        """
        cut = self.n // 4
        middle = sorted(self.values)[cut : self.n - cut]
        return math.fsum(middle) / len(middle) if self.n >= FOR_INTERQUARTILE else None


def aggregate(found: Iterable[float | None]) -> Aggregate | None:
    """Return the values that are not None, as an Aggregate; None if there are none."""
    kept = tuple(value for value in found if value is not None)
    return Aggregate(kept) if kept else None


def mean(found: Aggregate | None) -> float | None:
    """Return the mean of a figure; None if there is no figure."""
    return None if found is None else found.mean


def family_of(run: RunRecord) -> str:
    """Return what a run is of: the dataset's and the trainer's name, "imdb · classifier"."""
    config = run.record.get("config", {})
    return DIVIDER.join(str(config.get(section, {}).get("name", "?")) for section in ("dataset", "trainer"))


@dataclass(frozen=True)
class Selection:
    """How the best row was chosen: by one run, which was the best of many, and so looks better than it is."""

    of: int
    among: Literal["seeds", "configs"]
    fresh: Aggregate | None  # the verdict's metric of runs with other seeds that were started afterwards

    @property
    def text(self) -> str:
        return f"the best of {self.of} {self.among}"


@dataclass(frozen=True)
class TableRow:
    """One experiment, or one run with --all. A number that none of its runs has is None."""

    name: str
    runs: tuple[RunRecord, ...]  # whose figures these are
    status: str
    so_far: bool  # the figures are of runs that have not finished
    test_data: int | None  # number of the test set, from 1; None while it is not known
    config: dict[str, Any]  # differing key -> value; a key that the config does not have is left out
    metrics: dict[str, Aggregate | None]  # metric -> figure
    skill: Aggregate | None
    parameters: int | None
    epochs: Aggregate | None
    seconds: Aggregate | None  # of training: all epochs, validation included
    verdict: Verdict | None = None  # None: nothing to compare with, or not finished
    selected: Selection | None = None  # None: it was not, as far as is known
    is_reference: bool = False  # others are compared with it

    @cached_property
    def family(self) -> str:
        """What the runs are of, see `family_of`."""
        return family_of(self.runs[-1])

    @property
    def label(self) -> str:
        """The name in the table: that of the run directory if there is one run, else that of the experiment."""
        return self.runs[0].path.name if len(self.runs) == 1 else self.name

    @property
    def tags(self) -> list[str]:
        """The tags of the runs, each once."""
        return list(dict.fromkeys(tag for run in self.runs for tag in run.tags))

    @property
    def warnings(self) -> list[str]:
        """What the runs warn of, each text once."""
        return list(dict.fromkeys(text for run in self.runs for text in run.record.get("warnings") or ()))


@dataclass(frozen=True)
class Comparison:
    """The table: its rows in order, the config keys and metrics that are its columns, and notes for the reader."""

    rows: list[TableRow]
    keys: list[str]
    metrics: list[str]
    notes: list[str] = field(default_factory=list)
    directions: Mapping[str, Direction] = field(default_factory=dict)  # of metrics, as trainers declare them
    asked: bool = False  # the order is one that the user asked for

    @property
    def all_finished(self) -> bool:
        return all(row.status == "finished" for row in self.rows)

    @property
    def unequal(self) -> bool:
        """Whether the rows were measured on more than one test set."""
        return len({row.test_data for row in self.rows} - {None}) > 1
