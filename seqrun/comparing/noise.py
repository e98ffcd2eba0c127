"""How far runs of one config lie apart by their seeds alone: where the figures of one more are to be expected."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from seqrun.comparing import repeats
from seqrun.comparing.table import aggregate
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.errors import UsageError
from seqrun.rundir.reading import REPRODUCES, RunRecord, read_run

LEVEL = 0.95  # for all metrics together
FEWEST = 3  # runs: of two, the interval says almost nothing


@dataclass(frozen=True)
class Expected:
    """Between what bounds a metric of one more run of a config lies, by those that there are."""

    metric: str
    low: float
    high: float
    runs: tuple[str, ...]  # the names of their directories

    def holds(self, value: float | None) -> bool:
        """Return whether the value lies there."""
        return value is not None and self.low <= value <= self.high


def readable(paths: Iterable[Path]) -> Iterator[RunRecord]:
    """Yield the runs in these directories, each once; a damaged one, of which other commands tell, is left out."""
    for path in dict.fromkeys(paths):
        try:
            yield read_run(path)
        except UsageError:
            continue


def stored_repeats(run: RunRecord, others: Iterable[RunRecord]) -> list[RunRecord]:
    """Return those of the runs that are finished and of the run's config, on the same test data, one for each seed.

    The run itself stands for its seed. Runs that trained another again are none.
    """
    config, data = repeats.experiment_config(run), repeats.test_data(run)
    found = {run.record.get("seed"): run}
    for other in others:
        alike = repeats.test_data(other) == data and repeats.experiment_config(other) == config
        if alike and other.status == "finished" and REPRODUCES not in other.record:
            found.setdefault(other.record.get("seed"), other)
    return [*found.values()]


def expected(runs: Sequence[RunRecord]) -> list[Expected]:
    """Return where the usual metrics of one more run would lie with a probability of LEVEL; none of too few runs.

    These are prediction intervals for one more value of a normal distribution, mean ± t(n - 1) · sd · √(1 + 1/n), by
    Bonferroni for all metrics together. Source: Hahn and Meeker, Statistical Intervals, 4.7.
    """
    if len(runs) < FEWEST:
        return []
    from scipy.special import stdtrit

    tables = [values(run) for run in runs]
    metrics = chosen_metrics([], tables, False, [*declared(runs)])
    names, found = tuple(run.path.name for run in runs), []
    for metric in metrics:
        figures = aggregate(table.get(metric) for table in tables)
        if figures is not None and figures.n == len(runs) and figures.sd is not None:
            quantile = float(stdtrit(figures.n - 1, 1 - (1 - LEVEL) / 2 / len(metrics)))
            reach = quantile * figures.sd * math.sqrt(1 + 1 / figures.n)
            found.append(Expected(metric, figures.mean - reach, figures.mean + reach, names))
    return found
