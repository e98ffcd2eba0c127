"""What mase divides by: the naive forecast's error on the rows that a run was trained on, kept for new data."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.components.evaluating import Kept
from seqrun.components.splits import Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.inference.kept import KeptPredictions
from seqrun.readable import listed_names
from seqrun.rundir.shapes import anything, count, fields, listing, optional, text
from seqrun.tasks.forecasting.fit import season
from seqrun.tasks.forecasting.metrics import naive_mae
from seqrun.tasks.forecasting.options import Forecasting

NAIVE_FILE = "naive_mae.json"
_KEPT = fields({"period": optional(count), "naive_mae": listing(anything), "series": listing(text)})


@dataclass(frozen=True)
class Denominator:
    """A run's season and mase's denominator, as `naive_mae` returns it."""

    period: int | None  # rows of a season
    naive_mae: np.ndarray  # (targets,), or (series, targets)
    series: Sequence[str] = ()  # the names of the series, in the order of their numbers
    warnings: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Return the content of `artifacts/naive_mae.json`."""
        content = {"period": self.period, "naive_mae": self.naive_mae.tolist(), "series": [*self.series]}
        return json.dumps(content, ensure_ascii=False).encode()

    def of_series(self, names: Sequence[str]) -> Denominator:
        """Return that of series of these names, in their order; nan for those that training did not see."""
        place = {name: number for number, name in enumerate(self.series)}
        without = np.full(self.naive_mae.shape[1], np.nan)
        rows = [self.naive_mae[place[name]] if name in place else without for name in names]
        strange = [name for name in names if name not in place]
        told = f"mase leaves out series that the run did not learn from: {listed_names(strange)}"
        return Denominator(self.period, np.array(rows), names, (told,) if strange else ())


def read_denominator(kept: KeptPredictions) -> Denominator | None:
    """Return what a run has kept of the denominator; None of a run of an earlier version, which kept nothing."""
    known = kept.artifact(NAIVE_FILE, _KEPT)
    return None if known is None else _known(known)


def _known(known: Mapping[str, Any]) -> Denominator:
    return Denominator(known["period"], np.array(known["naive_mae"], np.float64), known["series"])


def kept_denominator(kept: Kept[Windows, SeriesTarget], settings: Forecasting, windows: Windows) -> Denominator:
    """Return what training divided by: as the run kept it or, of a run of an earlier version, as its data have it.

    Without either mase is not defined, and a warning says so.
    """
    known = kept.artifact(NAIVE_FILE, _KEPT)
    if known is not None:
        found = _known(known)
        if found.series:
            return found.of_series(kept.series)
        if found.naive_mae.ndim == 1 or kept.splits is not None:
            return found
        return _undefined("the run's own series have no names, by which these could be found among them", kept, windows)
    if kept.splits is not None:
        train = kept.splits.train
        period = kept.metrics["period"] if "period" in kept.metrics else season(settings, train, kept.spec.target)
        return Denominator(period, naive_mae(train, period or 1), series_names(kept.splits))
    return _undefined("the run has not kept what mase divides by (runs of earlier versions did not)", kept, windows)


def _undefined(why: str, kept: Kept[Windows, SeriesTarget], windows: Windows) -> Denominator:
    """Return a denominator by which mase is not defined, with a warning that says why."""
    targets = len(kept.spec.target.names)
    shape = (targets,) if windows.series is None else (len(kept.series), targets)
    return Denominator(kept.metrics.get("period"), np.full(shape, np.nan), (), (f"{why}, so there is no mase",))


def series_names(splits: Splits) -> list[str]:
    """Return the names of the series in the order of their numbers; none where there is one without a name."""
    return [*splits.series.get("train", {})]
