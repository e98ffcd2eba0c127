"""Prediction with a forecaster: what follows the end of a series, in original units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqrun.components.keys import Key, cells
from seqrun.components.reading import NewSamples
from seqrun.components.targets import SeriesTarget
from seqrun.errors import UsageError
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request
from seqrun.inference.results import Results, figures, shown_figures
from seqrun.inference.saved import SavedRun
from seqrun.rundir.shapes import fields, flag, listing, number, real
from seqrun.tasks.forecasting.forecasts import BATCH, Forecasts, mc_forecasts
from seqrun.tasks.forecasting.options import MCDropout

INTERVALS_FILE = "intervals.json"
_INTERVALS = fields({"level": number, "half_widths": listing(listing(real))}, {"scaled": flag})


@dataclass(frozen=True)
class Bounds:
    """Prediction intervals, (series, horizon, targets) in original units."""

    level: float
    lower: np.ndarray
    upper: np.ndarray


def forecast(saved: SavedRun, samples: NewSamples) -> Results:
    """Return the run's forecasts past the end of each series, with prediction intervals if the run has them.

    A row is one horizon step of one series; a target's forecasts and its bounds are columns.
    """
    names = saved.spec.of(SeriesTarget).target.names
    values, bounds = _predicted(saved, samples)
    series, ahead = samples.ids, _ahead(samples, values.shape[1])
    first = {} if series is None else {series.name: [name for name in series.cells for _ in range(values.shape[1])]}
    first[ahead.name] = cells(ahead.values.ravel())
    numbers: dict[str, np.ndarray] = {}  # column -> (series * horizon,)
    headers: dict[str, str] = {}
    for target, name in enumerate(names):
        numbers[name], headers[name] = values[..., target].ravel(), name
        if bounds is not None:
            numbers |= {
                f"{name}_lower": bounds.lower[..., target].ravel(),
                f"{name}_upper": bounds.upper[..., target].ravel(),
            }
            headers |= {f"{name}_{side}": f"{name} {side} {100 * bounds.level:g}%" for side in ("lower", "upper")}
    shown = {header: list(map(str, column)) for header, column in first.items()}
    # Series with scales of their own are of different levels, and each is shown with digits of its own.
    parts = 1 if samples.units is None else len(values)
    for column, found in numbers.items():
        shown[headers[column]] = [cell for part in np.split(found, parts) for cell in shown_figures(part)]
    arrays = {"predictions": values, "times": ahead.values, "targets": np.array(names)}
    arrays |= {} if series is None else {"series": series.values}
    arrays |= {} if bounds is None else {"lower": bounds.lower, "upper": bounds.upper}
    columns = {**first, **{column: figures(found) for column, found in numbers.items()}}
    return Results(columns, arrays, shown, tuple(headers.values()))


def _ahead(samples: NewSamples, horizon: int) -> Key:
    """Return the times of the forecasts, (series, horizon); steps from 0 if the reader knows no times."""
    return samples.ahead or Key("step", np.tile(np.arange(horizon), (len(samples.inputs), 1)))


def _predicted(saved: SavedRun, samples: NewSamples) -> tuple[np.ndarray, Bounds | None]:
    """Return forecasts (series, horizon, targets) and their intervals, in original units."""
    spec, inputs = saved.spec.of(SeriesTarget), samples.inputs
    units = spec.target.units_of(None) if samples.units is None else samples.units
    forecasts = Forecasts(saved.model, spec)
    batches = (inputs[first : first + BATCH] for first in range(0, len(inputs), BATCH))
    options = getattr(saved.experiment.trainer, "intervals", None)
    if isinstance(options, MCDropout):
        values, lower, upper = mc_forecasts(forecasts, batches, options, units)
        return values, Bounds(options.level, lower, upper)
    values = units.original(np.concatenate([forecasts(batch) for batch in batches]))
    known = saved.kept(INTERVALS_FILE, _INTERVALS)
    if known is None:
        return values, None
    _, horizon, targets = values.shape
    if [len(step) for step in known["half_widths"]] != [targets] * horizon:
        wanted = f"half_widths must be {horizon} steps of {targets}"
        raise UsageError(f"{saved.run.path}/artifacts/{INTERVALS_FILE}: damaged: {wanted}")
    reach = np.array(known["half_widths"], float)  # (horizon, targets)
    if known.get("scaled"):  # which it is not in runs of earlier versions
        reach = reach * np.abs(units.scale)
    return values, Bounds(known["level"], values - reach, values + reach)


def _read(saved: SavedRun, request: Request) -> Question:
    samples = read_new(saved, request)
    return Question(lambda: forecast(saved, samples), samples.warnings)


PREDICTION = Prediction("forecast", "forecasts", frozenset({"input"}), _read)
