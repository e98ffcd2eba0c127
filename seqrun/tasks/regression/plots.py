"""What a regressor shows of its test split: predicted against true numbers, and how far they lie apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.tasks.regression.intervals import Interval
from seqrun.tasks.regression.metrics import metrics_by_target
from seqrun.training.figures import BLUE, DASHED, INK, QUIET, SKY, TEXT_SIZE, legend, new_figure, note, plain, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

MOST_TARGETS = 6
COLUMNS = 3  # of targets side by side
FEW = 500  # points that are drawn large
MINUS = "\N{MINUS SIGN}"


def regression_figures(
    targets: np.ndarray, predictions: np.ndarray, names: Sequence[str], interval: Interval | None
) -> dict[str, Figure]:
    """Return the figures `predicted_against_true` and `residuals` of the test split.

    Takes targets and predictions (samples, targets) in original units, the targets' names and the interval about a
    prediction. Of more than six targets the first six are shown.
    """
    shown = plain(names)[:MOST_TARGETS]
    scores = [*metrics_by_target(targets, predictions, [*map(str, range(targets.shape[1]))]).values()]
    against, residuals = _grid(len(shown), 4.0), _grid(len(shown), 2.9)
    for number, name in enumerate(shown):
        y, f = targets[:, number], predictions[:, number]
        half_width = None if interval is None else float(interval.half_widths[number])
        level = 0.0 if interval is None else interval.level
        _draw_against(against[1][number], y, f, half_width, level)
        style(against[1][number], title=f"{name} (test), r2 {scores[number]['r2']:.3g}", x="true", y="predicted")
        _draw_residuals(residuals[1][number], y - f, half_width, level)
        style(residuals[1][number], title=f"Residuals: {name} (test)", x="true minus predicted", y="share (%)")
    return {"predicted_against_true": against[0], "residuals": residuals[0]}


def _grid(number: int, height: float) -> tuple[Figure, Sequence[Axes]]:
    """Return a figure with axes for so many targets."""
    columns = min(number, COLUMNS)
    rows = -(-number // columns)
    figure = new_figure(4.2 * columns if columns > 1 else 5.4, height * rows * (1 if columns > 1 else 1.2))
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes in grid[number:]:
        axes.set_visible(False)
    return figure, list(grid)


def _draw_against(axes: Axes, y: np.ndarray, f: np.ndarray, half_width: float | None, level: float) -> None:
    """Points over the line where predicted is true; the band holds those whose interval holds the true number."""
    known = np.isfinite(f)
    if not known.any():
        note(axes, "not defined: no prediction is finite")
        return
    low, high = _range(np.concatenate([y, f[known]]))
    ends = np.array([low, high])
    if half_width is not None and np.isfinite(half_width):
        inside = np.abs(y - f) <= half_width
        label = f"{100 * level:g}% interval (holds {100 * inside.mean():.1f}%)"
        axes.fill_between(ends, ends - half_width, ends + half_width, color=SKY, alpha=0.25, linewidth=0, label=label)
    axes.plot(ends, ends, color=QUIET, linewidth=1, linestyle=DASHED, zorder=1.5)
    size, alpha = (4.0, 0.6) if len(y) <= FEW else (2.5, max(0.08, 0.6 * (FEW / len(y)) ** 0.5))
    axes.plot(y, f, "o", color=BLUE, markersize=size, alpha=alpha, markeredgewidth=0, zorder=2)
    axes.set(xlim=(low, high), ylim=(low, high), aspect="equal")
    for axis in (axes.xaxis, axes.yaxis):
        _number_axis(axis)
    if half_width is not None:
        _legend(axes, half_width)


def _legend(axes: Axes, half_width: float) -> None:
    if np.isfinite(half_width):
        legend(axes, loc="upper left")
    else:
        text = "intervals without bounds: too few validation samples"
        axes.text(0.02, 0.97, text, transform=axes.transAxes, va="top", color=QUIET, fontsize=TEXT_SIZE - 1)


def _draw_residuals(axes: Axes, residuals: np.ndarray, half_width: float | None, level: float) -> None:
    """Draw the distribution of the residuals, and the range of the interval."""
    residuals = residuals[np.isfinite(residuals)]
    if not len(residuals):
        note(axes, "not defined: no prediction is finite")
        return
    reach = 1.05 * float(np.abs(residuals).max()) or 1.0
    bins = np.linspace(-reach, reach, 2 * min(20, max(3, round(len(residuals) ** 0.5))) + 2)  # an odd number of them
    weights = np.full(len(residuals), 100 / len(residuals))
    if half_width is not None and np.isfinite(half_width):
        axes.axvspan(-half_width, half_width, color=SKY, alpha=0.25, linewidth=0, label=f"{100 * level:g}% interval")
    axes.hist(residuals, bins=bins.tolist(), weights=weights, color=BLUE, alpha=0.6)
    axes.axvline(0, color=INK, linewidth=0.8)
    mean = float(residuals.mean())
    axes.axvline(mean, color=INK, linewidth=1, linestyle=DASHED, label=f"mean {_figure(float(f'{mean:.3g}'))}")
    axes.set_xlim(-reach, reach)
    axes.margins(y=0.3)
    _number_axis(axes.xaxis)
    legend(axes, loc="upper left")


def _range(values: np.ndarray) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    room = 0.05 * (high - low) or max(1.0, abs(high))
    return low - room, high + room


def _number_axis(axis: Axis) -> None:
    """Few numbers, written out, thousands apart."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5))
    axis.set_major_formatter(FuncFormatter(lambda value, _: _figure(value)))


def _figure(value: float) -> str:
    return f"{value:,.6g}".replace("-", MINUS)
