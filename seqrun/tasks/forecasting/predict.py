"""Prediction with a forecaster: what follows the end of a series, in original units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.components.keys import Key, as_text, beside, cells
from seqrun.components.reading import NewSamples
from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.errors import UsageError
from seqrun.inference.evaluated_rows import PARTS
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import Request
from seqrun.inference.results import Results, figures, shown_figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.forecasting.forecasts import BATCH, Forecasts, mc_forecasts
from seqrun.tasks.forecasting.intervals import INTERVALS_FILE, KEPT, Reach
from seqrun.tasks.forecasting.options import MCDropout


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
    forecasts = saved.network.once("forecasts", lambda: Forecasts(saved.model, spec))
    batches = (inputs[first : first + BATCH] for first in range(0, len(inputs), BATCH))
    options = getattr(saved.experiment.trainer, "intervals", None)
    if isinstance(options, MCDropout):
        with saved.network.alone:  # what is drawn depends on what was drawn before
            values, lower, upper = mc_forecasts(forecasts, batches, options, units)
        return values, Bounds(options.level, lower, upper)
    forecast_of = saved.network.passing("forecast", lambda: forecasts)
    values = units.original(np.concatenate([forecast_of(batch) for batch in batches]))
    known = saved.kept(INTERVALS_FILE, KEPT)
    if known is None or known["half_widths"] is None:
        return values, None
    _, horizon, targets = values.shape
    if [len(step) for step in known["half_widths"]] != [targets] * horizon:
        wanted = f"half_widths must be {horizon} steps of {targets}"
        raise UsageError(f"{saved.run.path}/artifacts/{INTERVALS_FILE}: damaged: {wanted}")
    reach = Reach.kept(known)
    half = reach.original(units)
    return values, Bounds(reach.level, values - half, values + half)


def evaluated(saved: SavedRun, found: Evaluation) -> Results:
    """Return a row for each horizon step of each window: when the forecast is made, of when, true and predicted values.

    True values that the file lacks are None.
    """
    windows, arrays = found.labelled.split, found.predictions
    if not isinstance(windows, Windows):
        raise TypeError(f"forecasts are of Windows, not of {type(windows).__name__}")
    target = (found.labelled.spec or saved.spec).of(SeriesTarget).target
    ahead = windows.starts[:, None] + windows.horizon_rows  # (windows, horizon)
    count, horizon = ahead.shape
    when = np.arange(windows.features.shape[0]) if windows.times is None else windows.times
    first: dict[str, list[Any]] = {
        "made_at": cells(np.repeat(when[windows.index], horizon)),
        "time": cells(when[ahead].ravel()),
        "step": np.tile(np.arange(1, horizon + 1), count).tolist(),
    }
    if (series := _series(found, windows)) is not None:
        first = beside({"series": np.repeat(series, horizon).tolist()}, first)
    numbers = {
        what.format(name): arrays[array][..., place].ravel()
        for place, name in enumerate(target.names)
        for what, array in PARTS.items()
        if array in arrays
    }
    columns = {name: [None if np.isnan(v) else v for v in figures(column)] for name, column in numbers.items()}
    return Results(
        columns={**first, **columns},
        arrays={**arrays, "times": when[ahead], "names": np.array(target.names)},
        shown={**as_text(first), **{name: shown_figures(column) for name, column in numbers.items()}},
        numeric=("step", *numbers),
    )


def _series(found: Evaluation, windows: Windows) -> np.ndarray | None:
    """Return the name of each window's series, (windows,), or its number; None if there is one series."""
    numbers, names = windows.sample_series, found.labelled.series
    if numbers is None:
        return None
    return np.array([names[number] for number in numbers.tolist()]) if names else numbers


def _read(saved: SavedRun, request: Request) -> Question:
    samples = read_new(saved, request)
    return Question(lambda: forecast(saved, samples), samples.warnings)


PREDICTION = Prediction("forecast", "forecasts", frozenset({"input"}), _read, evaluated, forecast)
