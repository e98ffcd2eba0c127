"""The look that all plots share: size, colours and axes. Figures are made without pyplot and its global state."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DPI = 120
# Okabe and Ito (2008): told apart by colour-blind readers.
BLUE, VERMILLION, GREEN, PURPLE, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"
COLOURS = (BLUE, VERMILLION, GREEN, PURPLE, SKY)
# For the points of many classes: the same and five more, darker or lighter.
CLASS_COLOURS = (*COLOURS, "#E69F00", "#5B2A86", "#8C510A", "#9ACD32", "#262626")
INK, QUIET, FAINT = "#262626", "#8C8C8C", "#E6E6E6"
TEXT_SIZE = 9
DASHED = (0, (4, 3))
_TEST = re.compile(
    r"(?<=\()test(?=\))|\btest(?= (windows?|samples?)\b)|^test(?= \(calibration)"
)  # in words of a figure


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of this size in inches, which lays out its axes so that no label is cut."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def style(axes: Axes, *, title: str = "", x: str = "", y: str = "", grid: bool = True) -> None:
    """Give axes their title, their labels and the quiet frame."""
    axes.set_title(title, loc="left", fontsize=TEXT_SIZE + 1.5, color=INK, pad=8)
    axes.set_xlabel(x, fontsize=TEXT_SIZE, color=INK)
    axes.set_ylabel(y, fontsize=TEXT_SIZE, color=INK)
    axes.tick_params(which="both", labelsize=TEXT_SIZE - 1, colors=INK, color=QUIET, length=3)
    axes.tick_params(which="minor", length=1.5)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(QUIET)
    axes.set_axisbelow(True)
    if grid:
        axes.grid(color=FAINT, linewidth=0.7)


def legend(axes: Axes, **placement: Any) -> None:
    """Draw the legend, without a frame line; `placement` are arguments of matplotlib's `legend`."""
    box: dict[str, Any] = {
        "frameon": True,
        "framealpha": 0.85,
        "edgecolor": "none",
        "labelcolor": INK,
        "handlelength": 1.8,
    }
    axes.legend(fontsize=TEXT_SIZE - 1, **{**box, **placement})


def note(axes: Axes, text: str) -> None:
    """Write in the middle of axes why nothing is drawn there."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=QUIET, fontsize=TEXT_SIZE)


def diagonal(axes: Axes, label: str) -> None:
    """Draw the line y = x over the unit square."""
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=1, linestyle=DASHED, label=label, zorder=1)


def shown_points(values: np.ndarray) -> list[int]:
    """Return the numbers of the points that need a marker: all of a short curve, else those without neighbours."""
    finite = np.isfinite(values)
    if len(values) <= 30:
        return np.flatnonzero(finite).tolist()
    padded = np.pad(finite, 1)
    return np.flatnonzero(finite & ~padded[:-2] & ~padded[2:]).tolist()


def plain(names: Sequence[str], longest: int = 24) -> list[str]:
    """Return names fit for a plot: on one line, at most `longest` characters, and not read as mathematics."""
    lines = [" ".join(name.split()) for name in names]
    cut = [line if len(line) <= longest else line[: longest - 1] + "…" for line in lines]
    return [line.replace("$", r"\$") for line in cut]


def renamed(figure: Figure, samples: str) -> Figure:
    """Return the figure of other samples than the test split's: its words call them by the given name."""
    from matplotlib.text import Text

    if samples != "test":
        for words in figure.findobj(Text):
            if isinstance(words, Text):
                words.set_text(_TEST.sub(samples, words.get_text()))
    return figure
