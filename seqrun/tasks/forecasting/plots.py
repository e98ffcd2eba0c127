"""A forecaster's figures of its test split: forecasts over the actual values, errors by horizon step, residuals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.splits import Windows
from seqrun.components.units import squarable
from seqrun.tasks.forecasting.panels import MINUS, MOST_TARGETS, Shown, forecasts_figure, number_axis, time_axis
from seqrun.training.figures import BLUE, CLASS_COLOURS, INK, QUIET, TEXT_SIZE, legend, new_figure, note, plain, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NAMES = ("last_value", "seasonal_naive", "mean", "ridge", "auto_ets", "auto_theta", "auto_arima")
LOOKS = dict(zip(NAMES, CLASS_COLOURS[1:8], strict=True))
MOST_POINTS = 3_000  # residuals drawn one by one; of more, quantiles are drawn
MOST_RESIDUALS = 500_000  # of one target, about; of more, every second (third, ...) sample is used
BINS = 150  # spans of time with quantiles of their own


def forecast_figures(
    windows: Windows,
    names: Sequence[str],
    predictions: np.ndarray,
    baselines: Mapping[str, np.ndarray],
    bounds: tuple[np.ndarray, np.ndarray] | None = None,
    level: float | None = None,
) -> dict[str, Figure]:
    """Return the figures `forecasts`, `error_by_step` and `residuals` of the test split.

    Takes the windows that were forecast, and the names of the targets. The network's predictions, those of
    the baselines, and the lower and upper bounds of intervals of the given level are (n, horizon, targets) in original
    units. Of more than four targets the first four are shown.
    """
    shown = Shown(windows, plain(names), windows.actual(), predictions, baselines, bounds, level)
    return {
        "forecasts": forecasts_figure(shown),
        "error_by_step": _error_figure(shown),
        "residuals": _residual_figure(shown),
    }


# --- errors -------------------------------------------------------------------------------------------------


def _error_figure(shown: Shown) -> Figure:
    """Draw the mean absolute errors of network and baselines: lines over the horizon, or bars for one step."""
    number = min(len(shown.names), MOST_TARGETS)
    horizon = shown.targets.shape[1]
    errors = {
        name: _mean_of_known(np.abs(forecast - shown.targets))  # (horizon, targets)
        for name, forecast in {"network": shown.predictions, **shown.baselines}.items()
    }
    figure = new_figure(8, (2.9 if horizon > 1 else 0.9 + 0.32 * len(errors)) * number + 0.3)
    for target, axes in enumerate(figure.subplots(number, squeeze=False).ravel()):
        draw, title = (_error_lines, "Error by horizon step") if horizon > 1 else (_error_bars, "Error")
        draw(axes, {name: error[:, target] for name, error in errors.items()})
        x, y = ("horizon step", "mean absolute error") if horizon > 1 else ("mean absolute error", "")
        style(axes, title=f"{title}: {shown.names[target]} (test)", x=x if target == number - 1 else "", y=y)
    return figure


def _mean_of_known(errors: np.ndarray) -> np.ndarray:
    """Return the mean over the samples, without the targets that the file lacks; NaN where it lacks all of a step."""
    known = ~np.isnan(errors)
    total, count = errors.sum(axis=0, where=known), known.sum(axis=0)
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


def _error_lines(axes: Axes, errors: Mapping[str, np.ndarray]) -> None:
    from matplotlib.ticker import MaxNLocator

    for name, error in errors.items():
        steps = np.arange(1, len(error) + 1)
        # Any: each of matplotlib's keywords has a type of its own.
        look: dict[str, Any] = {"linewidth": 2, "zorder": 3} if name == "network" else {"linewidth": 1.2}
        look |= {"marker": "o", "markersize": 3.5} if len(error) <= 30 else {}
        label = f"{name.replace('_', ' ')} ({_figure(np.nanmean(error))})"
        axes.plot(steps, error, color=_colour(name), label=label, **look)
    axes.set_ylim(0)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=12, integer=True, min_n_ticks=1))
    number_axis(axes.yaxis)
    legend(
        axes,
        loc="upper left",
        bbox_to_anchor=(1.01, 1.03),
        title="forecast (mean error)",
        alignment="left",
        title_fontsize=TEXT_SIZE - 1,
    )


def _error_bars(axes: Axes, errors: Mapping[str, np.ndarray]) -> None:
    names = sorted(errors, key=lambda name: -np.nan_to_num(errors[name][0], nan=np.inf))  # the best one on top
    values = [errors[name][0] for name in names]
    bars = axes.barh(range(len(names)), values, color=[_colour(name) for name in names], height=0.62)
    axes.bar_label(bars, [_figure(value) for value in values], padding=4, fontsize=TEXT_SIZE - 1, color=INK)
    axes.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
    axes.margins(x=0.16)
    number_axis(axes.xaxis)


def _colour(name: str) -> str:
    return BLUE if name == "network" else LOOKS.get(name, QUIET)


def _figure(value: float) -> str:
    return (f"{value:,.0f}" if abs(value) >= 1e4 else f"{value:.4g}").replace("-", MINUS)


# --- residuals ----------------------------------------------------------------------------------------------


def _residual_figure(shown: Shown) -> Figure:
    """Draw the residuals (actual minus forecast) over time and as a distribution, all horizon steps together."""
    number = min(len(shown.names), MOST_TARGETS)
    figure = new_figure(9.6, 2.7 * number + 0.4)
    grid = figure.subplots(number, 2, squeeze=False, sharey="row", width_ratios=(3.2, 1))
    step = max(1, shown.targets[..., 0].size // MOST_RESIDUALS)
    rows = shown.windows.starts[::step, None] + shown.windows.horizon_rows
    samples = np.broadcast_to(np.arange(len(shown.targets))[::step, None], rows.shape)
    x = samples if shown.windows.times is None else shown.windows.times[rows]
    for target, (over_time, distribution) in enumerate(grid):
        residuals = (shown.targets - shown.predictions)[::step, :, target]
        known = np.isfinite(residuals)
        last = target == number - 1
        style(over_time, x="test sample" if last and shown.windows.times is None else "", y="actual minus forecast")
        style(distribution, x="share (%)" if last else "")
        _residual_panels(over_time, distribution, x[known], residuals[known], shown.names[target])
    return figure


def _residual_panels(over_time: Axes, distribution: Axes, x: np.ndarray, residuals: np.ndarray, name: str) -> None:
    if not len(residuals):
        note(over_time, "not defined: no forecast is finite")
        return
    unit = squarable(float(np.abs(residuals).max()))
    mean, deviation = _figure(residuals.mean()), _figure(unit * (residuals / unit).std())
    title = f"Residuals: {name} (test), mean {mean}, standard deviation {deviation}"
    over_time.set_title(title, loc="left", fontsize=TEXT_SIZE + 1.5, color=INK, pad=8)
    if len(residuals) <= MOST_POINTS:
        size, alpha = (3, 0.7) if len(residuals) <= 500 else (2.2, 0.45)
        over_time.plot(x, residuals, "o", color=BLUE, markeredgewidth=0, markersize=size, alpha=alpha)
    else:
        _draw_quantiles(over_time, x, residuals)
    time_axis(over_time.xaxis, x)
    _draw_distribution(over_time, distribution, residuals)


def _draw_distribution(over_time: Axes, distribution: Axes, residuals: np.ndarray) -> None:
    """Draw the histogram, and give both axes the same limits, outside of which a few residuals may lie."""
    reach = _reach(residuals)
    inside = residuals[np.abs(residuals) <= reach]
    weights = np.full(len(inside), 100 / len(residuals))
    bins = np.linspace(-reach, reach, 42).tolist()  # an odd number of bins, one about 0
    distribution.hist(inside, bins=bins, weights=weights, orientation="horizontal", color=BLUE, alpha=0.6)
    for axes in (over_time, distribution):
        axes.axhline(0, color=INK, linewidth=0.8, zorder=1.5)
    number_axis(over_time.yaxis)
    over_time.set_ylim(-reach, reach)
    if len(inside) < len(residuals):
        text = f"{len(residuals) - len(inside):,} of {len(residuals):,} lie outside"
        place = over_time.transAxes
        over_time.text(0.995, 0.02, text, transform=place, ha="right", color=QUIET, fontsize=TEXT_SIZE - 1)


def _draw_quantiles(axes: Axes, x: np.ndarray, residuals: np.ndarray) -> None:
    """Draw the median and the 5% and 95% quantiles of spans of time, each with as many residuals as the others."""
    order = np.argsort(x, kind="stable")
    spans = np.array_split(order, BINS)
    low, middle, high = np.array([np.quantile(residuals[span], (0.05, 0.5, 0.95)) for span in spans]).T
    centres = np.array([x[span[len(span) // 2]] for span in spans])
    axes.fill_between(centres, low, high, color=BLUE, alpha=0.2, linewidth=0, label="90% of the residuals")
    axes.plot(centres, middle, color=BLUE, linewidth=1.4, label="median")
    legend(axes, loc="upper right", ncols=2)


def _reach(residuals: np.ndarray) -> float:
    """Return how far from 0 the axis goes: to the largest residual, unless a few are far larger than all others."""
    size = np.abs(residuals)
    most, common = size.max(), 2 * np.quantile(size, 0.999)
    return 1.05 * float(min(most, common)) or 1.0
