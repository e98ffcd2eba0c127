"""The results as a plot: bars of the steps, and curves of the growth."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.cases import CASES
from benchmarks.kept import Setting
from seqrun.training.figures import BLUE, INK, QUIET, VERMILLION, legend, new_figure, note, style

LABELS = {
    "fit": "Keras fit",
    "pytorch": "PyTorch",
    "pytorch fused": "PyTorch, fused Adam",
    "pytorch compiled": "PyTorch, compiled",
    "pytorch bfloat16": "PyTorch, bfloat16",
    "pytorch float16": "PyTorch, float16",
    "seqrun": "seqrun",
    "bucketed": "seqrun, bucketed",
    "seqrun bfloat16": "seqrun, bfloat16",
    "seqrun float16": "seqrun, float16",
    "products": "products alone",
}
COLOURS = {
    "fit": QUIET,
    "pytorch": VERMILLION,
    "pytorch fused": "#E8A87C",
    "pytorch compiled": "#F2D0A9",
    "seqrun": BLUE,
}
WIDTH = 0.84  # of a case's bars together


def figure(setting: Setting):
    """Return bars of the steps, and a panel for each thing that grew."""
    growth = next((result.taken for result in setting.of("growth")), {})
    grown = {what: points for what, points in growth.items() if what != "missed"}
    drawn = new_figure(12.5, 6.4 if grown else 3.6)
    panels = [["steps"] * len(grown), [*grown]] if grown else [["steps"]]
    axes = drawn.subplot_mosaic(panels, height_ratios=(1.25, 1) if grown else None)
    steps = {part: result.taken["ms"] for part in CASES for result in setting.of(part)}
    _bars(axes["steps"], steps)
    for what, points in grown.items():
        _curves(axes[what], what, points)
    return drawn


def _bars(axes, steps: dict[str, dict[str, list[float]]]) -> None:
    """Draw each case's sides as many times as high as they are fast against Keras' fit."""
    names = [name for name, ms in steps.items() if "fit" in ms]
    told: set[str] = set()  # sides that the legend has
    for number, name in enumerate(names):
        medians = {side: np.median(ms) for side, ms in steps[name].items()}
        sides = [side for side in COLOURS if side in medians]
        width = WIDTH / len(sides)
        for place, side in enumerate(sides):
            x = number + (place - (len(sides) - 1) / 2) * width
            height = medians["fit"] / medians[side]
            axes.bar(x, height, 0.95 * width, color=COLOURS[side], label=None if side in told else LABELS[side])
            told.add(side)
            label = f"{medians[side]:.3g}"
            axes.annotate(label, (x, height), (0, 2), textcoords="offset points", ha="center", fontsize=6, color=INK)
    style(axes, title="A training step: speed against Keras' fit (figures: ms a step)", y="times as fast as fit")
    axes.grid(visible=False, axis="x")
    if not names:
        note(axes, "not measured")
        return
    axes.axhline(1, color=QUIET, linewidth=0.8)
    axes.set_ylim(0, 1.2 * axes.get_ylim()[1])  # room for the legend
    axes.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names])
    legend(axes, loc="upper left", ncols=5)


def _curves(axes, what: str, points: dict[str, Any]) -> None:
    unit = {"batch": "samples", "length": "steps", "units": "of the state"}[what]
    style(
        axes,
        title=f"The LSTM as its {what} grow{'' if what == 'units' else 's'}",
        x=f"{what} ({unit})",
        y="samples a second",
    )
    if not points:
        note(axes, "not measured")
        return
    sides = [side for side in COLOURS if any(side in speeds for speeds in points.values())]
    for side in sides:
        known = {int(size): speeds[side] for size, speeds in points.items() if side in speeds}
        low, middle, high = np.array([np.percentile(values, [25, 50, 75]) for values in known.values()]).T
        axes.plot([*known], middle, "o-", color=COLOURS[side], markersize=3.5, linewidth=1.4, label=LABELS[side])
        axes.fill_between([*known], low, high, color=COLOURS[side], alpha=0.2, linewidth=0)
    sizes = [*map(int, points)]
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, map(str, sizes))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_minor_formatter("")
    legend(axes)
