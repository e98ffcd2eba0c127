"""A learning curve: a metric by the number of training samples, with what more of them would be expected to give."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seqrun.comparing.learning.power_law import Interval, NoFit, PowerLaw, fit_power_law
from seqrun.comparing.repeats import test_data
from seqrun.comparing.table import Aggregate, aggregate
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.errors import UsageError
from seqrun.metrics import Direction, direction
from seqrun.rundir.reading import RunRecord

TIMES = 2  # as many training samples: what is told of what more data would give


@dataclass(frozen=True)
class Point:
    """The runs on one fraction of the training split."""

    fraction: float
    samples: int  # to train on
    runs: tuple[RunRecord, ...]
    scores: Aggregate
    baseline: tuple[str, float] | None = None  # the name and the mean of the best one; None: the runs have none

    def record(self) -> dict[str, Any]:
        """Return the point as plain data."""
        return {
            "fraction": self.fraction,
            "samples": self.samples,
            "mean": self.scores.mean,
            "sd": self.scores.sd,
            "interval": self.scores.interval,
            "values": {str(run.record.get("seed")): v for run, v in zip(self.runs, self.scores.values, strict=True)},
            "baseline": None if self.baseline is None else dict(zip(("name", "mean"), self.baseline, strict=True)),
            "runs": [str(run.path) for run in self.runs],
        }


@dataclass(frozen=True)
class Curve:
    """The points of a metric, from the smallest fraction to the largest, and the power law through them."""

    metric: str  # `test.auc`
    way: Direction | None  # which way it is better; None: not known
    points: tuple[Point, ...]
    law: PowerLaw | None
    reason: str  # why there is no law; empty if there is one
    notes: tuple[str, ...] = ()

    def score(self, error: float) -> float:
        """Return the metric of an error: what is better the larger it is counts as 1 less the error."""
        return 1 - error if self.way == "max" else error

    def expected(self, samples: float) -> tuple[float, Interval | None] | None:
        """Return the metric that the law expects of so many training samples, and its interval; None without a law."""
        if self.law is None:
            return None
        found = self.law.interval(samples)
        ends = None if found is None else sorted(map(self.score, (max(found[0], 0.0), found[1])))
        return self.score(self.law.error(samples)), None if ends is None else (ends[0], ends[1])

    @cached_property
    def more(self) -> int:
        """How many training samples TIMES the largest fraction's are."""
        return TIMES * self.points[-1].samples

    def record(self) -> dict[str, Any]:
        """Return the curve as plain data."""
        law, expected = self.law, self.expected(self.more)
        fit = law and {"scale": law.scale, "exponent": law.exponent, "floor": law.floor}
        told = expected and {"samples": self.more, "mean": expected[0], "interval": expected[1], "extrapolated": True}
        return {
            "metric": self.metric,
            "better": self.way,
            "points": [point.record() for point in self.points],
            "fit": fit and law and {**fit, "exponent_interval": law.exponent_interval, "of": self.fitted},
            "no_fit": self.reason or None,
            "more_data": told,
            "notes": [*self.notes],
        }

    @property
    def fitted(self) -> str:
        """What the power law is of."""
        return f"1 - {self.metric}" if self.way == "max" else self.metric


def learning_curve(runs: Mapping[float, Sequence[RunRecord]], metric: str | None, notes: Iterable[str] = ()) -> Curve:
    """Return the curve of finished runs, given by the fraction that they were trained on.

    The metric is by default the first that a comparison would show. Raises UsageError for a metric that no run has, or
    if no run has finished.
    """
    every = [run for found in runs.values() for run in found]
    if not every:
        raise UsageError("no run has finished: there is no curve to show")
    ways = declared(every)
    name, *_ = chosen_metrics([metric] if metric else [], [values(run) for run in every], False, [*ways])
    try:
        way = direction(name, ways)
    except KeyError:
        way = None
    found = (_point(fraction, runs[fraction], name, way) for fraction in sorted(runs))
    points = tuple(point for point in found if point is not None)
    law, reason = _law(points, name, way)
    return Curve(name, way, points, law, reason, (*notes, *_test_notes(every)))


def _point(fraction: float, runs: Sequence[RunRecord], metric: str, way: Direction | None) -> Point | None:
    """Return the point of these runs; None if none of them has the metric."""
    measured = {run.path: values(run).get(metric) for run in runs}
    kept = tuple(run for run in runs if measured[run.path] is not None)
    scores = aggregate(measured[run.path] for run in kept)
    if scores is None:
        return None
    samples = {int(run.record["data"]["rows"]["train"]) for run in kept}
    if len(samples) > 1:
        raise UsageError(f"runs on the fraction {fraction:g} had {sorted(samples)} training samples: not the same data")
    return Point(fraction, samples.pop(), kept, scores, _best_baseline(kept, metric, way))


def _best_baseline(runs: Sequence[RunRecord], metric: str, way: Direction | None) -> tuple[str, float] | None:
    """Return the name of the baseline with the best mean on the test split, and that mean."""
    split, _, name = metric.partition(".")
    if split != "test" or way is None:
        return None
    tables = [values(run) for run in runs]
    names = dict.fromkeys(each for run in runs for each in (run.metrics or {}).get("baselines") or {})
    found = {each: aggregate(table.get(f"baselines.{each}.{name}") for table in tables) for each in names}
    means = {each: scores.mean for each, scores in found.items() if scores is not None}
    best = max if way == "max" else min
    return best(means.items(), key=lambda item: item[1], default=None)


def _law(points: Sequence[Point], metric: str, way: Direction | None) -> tuple[PowerLaw | None, str]:
    """Return the power law through all runs of the points, or None and why there is none."""
    if way is None:
        return None, f"no power law is fitted: it is not known whether a larger or a smaller {metric} is better"
    every = [(point.samples, value) for point in points for value in point.scores.values]
    errors = [1 - value if way == "max" else value for _, value in every]
    try:
        return fit_power_law([samples for samples, _ in every], errors), ""
    except NoFit as error:
        return None, str(error)


def _test_notes(runs: Iterable[RunRecord]) -> Iterable[str]:
    """Yield that the runs were not measured on equal data, if they were not."""
    if len({test_data(run) for run in runs}) > 1:
        yield (
            "the fractions were not measured on equal test data, as where a scaler that is fitted on the training "
            "samples changes what is reconstructed: the points cannot be compared"
        )
