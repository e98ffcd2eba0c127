"""Samples drawn side by side: pictures as pictures, other sequences as lines over time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqrun.tasks.forecasting.panels import number_axis
from seqrun.training.figures import BLUE, INK, QUIET, TEXT_SIZE, new_figure, plain, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from seqrun.tasks.reconstruction.reconstructions import Reconstructions

PICTURES_IN_ROW, LINES_IN_ROW = 10, 5
MOST_FEATURES = 3  # of a sequence that are drawn
OUTLIERS = (0.01, 0.99)  # quantiles of the data; values below and above may lie outside the axes
LEAST_TILE, MOST_TILE, NARROWEST = 0.97, 1.6, 4.8  # inches: a picture's side, at least and at most; a figure's width


class Panel(NamedTuple):
    """One sample as it is, as it was decoded, or both: (time, features) in original units, or an upright picture."""

    title: str
    original: np.ndarray | None = None
    decoded: np.ndarray | None = None


def panels_figure(title: str, panels: Sequence[Panel], shown: Reconstructions) -> Figure:
    """Draw all panels in rows: a picture above its reconstruction, or the lines of both in one pair of axes.

    All lines of a feature share limits, in which nearly all samples of `shown` have room, so that small changes look
    small.
    """
    return _pictures(title, panels) if shown.values.image else _lines(title, panels, shown)


# --- pictures ---------------------------------------------------------------------------------------------------------


def _pictures(title: str, panels: Sequence[Panel]) -> Figure:
    both = panels[0].original is not None and panels[0].decoded is not None
    columns = min(PICTURES_IN_ROW, len(panels))
    blocks = math.ceil(len(panels) / columns)
    rows = blocks * (2 if both else 1)
    tile = min(MOST_TILE, max(LEAST_TILE, NARROWEST / columns))
    titles = 0.2 * blocks * any(panel.title for panel in panels)
    figure = new_figure(max(tile * columns + 0.35 * both, NARROWEST), tile * rows + titles + 0.32)
    _title(figure, title)
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.ravel():
        axes.axis("off")
    for number, panel in enumerate(panels):
        block, column = divmod(number, columns)
        shown = [picture for picture in (panel.original, panel.decoded) if picture is not None]
        for line, picture in enumerate(shown):
            _picture(grid[block * len(shown) + line, column], picture, panel.title if line == 0 else "")
    if both:
        for row in range(rows):
            _row_label(grid[row, 0], ("original", "decoded")[row % 2])
    return figure


def _picture(axes: Axes, picture: np.ndarray, title: str) -> None:
    axes.imshow(picture, cmap="gray_r", vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(title, fontsize=TEXT_SIZE - 1, color=INK, pad=3)
    axes.axis("on")
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set(color=QUIET, linewidth=0.5)


def _row_label(axes: Axes, text: str) -> None:
    axes.set_ylabel(text, fontsize=TEXT_SIZE, color=INK)


# --- lines ------------------------------------------------------------------------------------------------------------


def _lines(title: str, panels: Sequence[Panel], shown: Reconstructions) -> Figure:
    values, features = shown.values, min(len(shown.values.features), MOST_FEATURES)
    columns = min(LINES_IN_ROW, len(panels))
    blocks = math.ceil(len(panels) / columns)
    figure = new_figure(max(2.1 * columns + 0.6, 5.2), (1.35 if features > 1 else 1.7) * blocks * features + 0.8)
    more = f", the first {features} of {len(values.features)} features" if len(values.features) > features else ""
    _title(figure, title + more)
    names = plain(values.features)
    grid = figure.subplots(blocks * features, columns, squeeze=False, sharex=True)
    reaches = [_reach(panels, shown.originals[..., feature], feature) for feature in range(features)]
    for (row, column), axes in np.ndenumerate(grid):
        block, feature = divmod(row, features)
        number = block * columns + column
        if number >= len(panels):
            axes.set_visible(False)
            continue
        _draw_lines(axes, panels[number], feature)
        style(axes, x="step" if row == len(grid) - 1 else "", y=names[feature] if column == 0 else "")
        axes.set_title(panels[number].title if feature == 0 else "", fontsize=TEXT_SIZE, color=INK, pad=4)
        axes.set_ylim(reaches[feature])
        axes.tick_params(labelbottom=feature == features - 1, labelleft=column == 0)
        number_axis(axes.yaxis)
    _line_legend(figure, panels)
    return figure


def _draw_lines(axes: Axes, panel: Panel, feature: int) -> None:
    if panel.original is not None:
        axes.plot(panel.original[:, feature], color=INK, linewidth=1.1, alpha=0.75)
    if panel.decoded is not None:
        axes.plot(panel.decoded[:, feature], color=BLUE, linewidth=1.4)


def _reach(panels: Sequence[Panel], data: np.ndarray, feature: int) -> tuple[float, float]:
    """Return the limits of a feature in all panels: they hold all that is drawn, and nearly all of the data."""
    drawn = [np.nanquantile(data, OUTLIERS)]
    drawn += [part[:, feature] for panel in panels for part in (panel.original, panel.decoded) if part is not None]
    low, high = (float(edge(np.concatenate(drawn))) for edge in (np.nanmin, np.nanmax))
    room = 0.06 * (high - low) or max(1.0, abs(high)) * 0.06
    return low - room, high + room


def _line_legend(figure: Figure, panels: Sequence[Panel]) -> None:
    from matplotlib.lines import Line2D

    handles = []
    if any(panel.original is not None for panel in panels):
        handles.append(Line2D([], [], color=INK, alpha=0.75, linewidth=1.1, label="original"))
    if any(panel.decoded is not None for panel in panels):
        handles.append(Line2D([], [], color=BLUE, linewidth=1.4, label="decoded"))
    if len(handles) > 1:
        figure.legend(handles=handles, loc="outside lower left", ncols=2, frameon=False, fontsize=TEXT_SIZE)


def _title(figure: Figure, text: str) -> None:
    figure.suptitle(text, x=0.01, ha="left", fontsize=TEXT_SIZE + 1.5, color=INK)
