"""Forecasts drawn over the actual values: single windows with their past, or many one-step forecasts in a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.splits import Windows
from seqrun.training.figures import BLUE, DASHED, INK, QUIET, SKY, TEXT_SIZE, VERMILLION, new_figure, style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

MOST_TARGETS = 4
MINUS = "\N{MINUS SIGN}"
FEW = 20  # points that are marked one by one
STRETCH = 150  # one-step forecasts in a row
SHORTEST_STRETCH = 10
SHORTEST_PAST = 24  # rows drawn before a forecast, or twice its horizon if that is more; none before the window

Which = tuple[int | slice, int | slice, int]  # an index of arrays (n, horizon, targets)


@dataclass(frozen=True)
class Shown:
    """A split's forecasts as the figures show them; arrays are (n, horizon, targets) in original units.

    A target that the file lacks is NaN, and not drawn.
    """

    windows: Windows
    names: Sequence[str]  # of the targets
    targets: np.ndarray
    predictions: np.ndarray
    baselines: Mapping[str, np.ndarray]  # name -> forecasts
    bounds: tuple[np.ndarray, np.ndarray] | None  # lower and upper, of the prediction intervals
    level: float | None  # of the prediction intervals

    @cached_property
    def best_baseline(self) -> str | None:
        """The name of the baseline with the least mae; None if there are no baselines."""
        errors = {name: np.nanmean(np.abs(forecast - self.targets)) for name, forecast in self.baselines.items()}
        return min(errors, key=errors.__getitem__, default=None)


def forecasts_figure(shown: Shown) -> Figure:
    """Draw forecasts with their intervals, the best baseline's forecasts and the actual values.

    Forecasts of several steps are shown for a few windows spread over the split, each after the end of its past.
    Forecasts of one step are shown for up to two stretches of windows in a row, if there are any.
    """
    stretches = _stretches(shown.windows) if shown.targets.shape[1] == 1 else []
    number = min(len(shown.names), MOST_TARGETS)
    spread = _spread(len(shown.windows), 4 if number == 1 else 3)
    pieces: list[Callable[..., None]] = [partial(_draw_stretch, shown=shown, samples=stretch) for stretch in stretches]
    pieces = pieces or [partial(_draw_window, shown=shown, sample=sample) for sample in spread]
    if number > 1:
        rows, columns = number, len(pieces)
    else:
        columns = min(len(pieces), 1 if stretches else 2)
        rows = -(-len(pieces) // max(columns, 1))
    figure = new_figure(max(3.5 * columns, 9.6) if columns > 1 or stretches else 6.4, 2.5 * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False)
    for cell, axes in enumerate(grid.ravel()):
        target, piece = divmod(cell, len(pieces)) if number > 1 else (0, cell)
        if piece < len(pieces):
            pieces[piece](axes, target=target)
            _tidy(axes, number, cell // columns, rows)
        else:
            axes.set_visible(False)
    _shared_legend(figure, shown, windows=not stretches)
    return figure


def _tidy(axes: Axes, targets: int, row: int, rows: int) -> None:
    """Where each row is another target of the same windows, keep the title in the top row, the x label in the last."""
    if targets > 1 and row > 0:
        axes.set_title("", loc="left")
    if row < rows - 1:
        axes.set_xlabel("")


def _draw_window(axes: Axes, shown: Shown, sample: int, target: int) -> None:
    """Draw one window: the end of its past, its forecast and the actual values."""
    windows = shown.windows
    origin, ahead = windows.index[sample], windows.starts[sample] + windows.horizon_rows
    past = max(2 * (ahead[-1] - origin), SHORTEST_PAST)
    rows = np.arange(max(windows.starts[sample], origin - past), ahead[-1] + 1)
    actual = windows.values[rows, target].astype(np.float64)
    if windows.observed is not None:
        actual[~windows.observed[rows, target]] = np.nan
    x = _x(windows, ahead, origin)
    axes.plot(_x(windows, rows, origin), actual, color=INK, linewidth=1.1, zorder=2)
    axes.axvline(_x(windows, windows.index[[sample]], origin)[0], color=QUIET, linewidth=1, linestyle=DASHED, zorder=1)
    if len(ahead) <= FEW:
        axes.plot(x, shown.targets[sample, :, target], "o", color=INK, markersize=4.5, fillstyle="none", zorder=2)
    _draw_forecast(axes, shown, (sample, slice(None), target), x)
    time_axis(axes.xaxis, x)
    number_axis(axes.yaxis)
    label = "rows after the last input" if windows.times is None else ""
    style(axes, title=f"test window {sample + 1:,}", x=label, y=shown.names[target])


def _draw_stretch(axes: Axes, shown: Shown, samples: slice, target: int) -> None:
    """Draw the one-step forecasts of windows in a row, over the time of each forecast."""
    windows = shown.windows
    rows = windows.starts[samples] + windows.horizon_rows[0]
    x = rows if windows.times is None else windows.times[rows]
    axes.plot(x, shown.targets[samples, 0, target], color=INK, linewidth=1.1, zorder=2)
    _draw_forecast(axes, shown, (samples, 0, target), x)
    time_axis(axes.xaxis, x)
    number_axis(axes.yaxis)
    title = f"test windows {samples.start + 1:,} to {samples.stop:,}"
    style(axes, title=title, x="row" if windows.times is None else "", y=shown.names[target])


def _draw_forecast(axes: Axes, shown: Shown, which: Which, x: np.ndarray) -> None:
    """Draw the network's forecasts of one target over x, their interval, and the best baseline's forecasts."""
    forecast = shown.predictions[which]
    if shown.bounds is not None:
        lower, upper = (bound[which] for bound in shown.bounds)
        if len(x) == 1:
            reach = np.abs([forecast - lower, upper - forecast])
            axes.errorbar(x, forecast, np.where(np.isfinite(reach), reach, np.nan), color=SKY, linewidth=3, zorder=2.5)
        else:
            axes.fill_between(x, lower, upper, color=SKY, alpha=0.35, linewidth=0, zorder=1.5)
    best = shown.best_baseline
    if best is not None:
        # A line of one point cannot be seen. (Any: each of matplotlib's keywords has a type of its own.)
        look: dict[str, Any] = {"marker": "s", "markersize": 3.5} if len(x) == 1 else {}
        axes.plot(
            x, shown.baselines[best][which], color=VERMILLION, linewidth=1.1, linestyle=DASHED, zorder=2.8, **look
        )
    look = {"marker": "o", "markersize": 3.5} if len(x) <= FEW else {}
    axes.plot(x, forecast, color=BLUE, linewidth=1.6, zorder=3, **look)


def _shared_legend(figure: Figure, shown: Shown, *, windows: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Artist] = [
        Line2D([], [], color=INK, label="actual"),
        Line2D([], [], color=BLUE, linewidth=1.6, label="network"),
    ]
    if shown.bounds is not None and shown.level is not None:
        finite = np.isfinite(shown.bounds[0]).all() and np.isfinite(shown.bounds[1]).all()
        label = f"{100 * shown.level:g}% interval" + ("" if finite else " (without bounds: too few validation windows)")
        handles.append(Patch(color=SKY, alpha=0.35, label=label))
    best = shown.best_baseline
    if best is not None:
        label = f"best baseline: {best.replace('_', ' ')}"
        handles.append(Line2D([], [], color=VERMILLION, linestyle=DASHED, linewidth=1, label=label))
    if windows:
        handles.append(Line2D([], [], color=QUIET, linestyle=DASHED, label="last input"))
    figure.legend(handles=handles, loc="outside upper left", ncols=len(handles), frameon=False, fontsize=TEXT_SIZE)


def _spread(samples: int, number: int) -> list[int]:
    """Return up to `number` samples, evenly spread over the split."""
    return np.unique(np.linspace(0, samples - 1, number + 2)[1:-1].round().astype(int)).tolist()


def _stretches(windows: Windows) -> list[slice]:
    """Return up to two stretches of windows in a row, each within one segment; none if all are short."""
    firsts = np.sort([first for first, end in windows.segments if first < end])
    segment = np.searchsorted(firsts, windows.starts, side="right")
    steps = np.diff(windows.starts)
    if not len(steps):
        return []
    broken = (np.diff(segment) != 0) | (steps != np.median(steps))
    edges = [0, *(np.flatnonzero(broken) + 1).tolist(), len(windows)]
    runs = [range(first, end) for first, end in pairwise(edges) if end - first >= SHORTEST_STRETCH]
    if sum(map(len, runs)) <= 2 * STRETCH:
        runs = sorted(runs, key=len)[-2:]
        return [slice(run.start, min(run.stop, run.start + 2 * STRETCH)) for run in sorted(runs, key=lambda r: r.start)]
    numbers = np.concatenate(runs)
    chosen = {}
    for sample in numbers[[len(numbers) // 4, 3 * len(numbers) // 4]].tolist():
        run = next(run for run in runs if sample in run)
        first = max(run.start, min(sample, run.stop - STRETCH))
        chosen[first] = slice(first, min(first + STRETCH, run.stop))
    return list(chosen.values())


# --- axes ---------------------------------------------------------------------------------------------------


def _x(windows: Windows, rows: np.ndarray, origin: int) -> np.ndarray:
    """Return the times of rows; without times, how many rows after `origin` (the last input) each one is."""
    return rows - origin if windows.times is None else windows.times[rows]


def time_axis(axis: Axis, x: np.ndarray) -> None:
    """Give a time axis few ticks, whose dates repeat nothing; x, dates or numbers, is what is drawn over it."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
    from matplotlib.ticker import MaxNLocator

    if np.issubdtype(x.dtype, np.datetime64):
        locator = AutoDateLocator(minticks=3, maxticks=6)  # type: ignore[no-untyped-call]  # matplotlib gives no types
        axis.set_major_locator(locator)
        axis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]  # the same
        axis.get_offset_text().set_fontsize(TEXT_SIZE - 1)
        axis.get_offset_text().set_color(INK)
    else:
        axis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        number_axis(axis)


def number_axis(axis: Axis) -> None:
    """Write an axis's numbers in full, with a comma after the thousands."""
    from matplotlib.ticker import FuncFormatter

    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS)))
