"""A learning curve as a picture: a dot for each run, the mean of each size, the fit, and where it would go on."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from seqrun.comparing.learning.curve import Curve

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HIGHEST = 1.02  # of a metric that is 1 where there is no error, with room for a mark
DRAWN = 200  # points of the fitted line


def picture(curve: Curve, suffix: str) -> bytes:
    """Return the curve as an image file of the type `suffix` (.png, .svg, .pdf)."""
    out = io.BytesIO()
    curve_figure(curve).savefig(out, format=suffix[1:], dpi=120)
    return out.getvalue()


def curve_figure(curve: Curve) -> Figure:
    """Return a figure of one panel: the metric by the number of training samples, which is on a logarithmic axis."""
    from matplotlib.figure import Figure

    drawn = Figure(figsize=(6.4, 4.2), layout="constrained")
    panel = drawn.subplots()
    for point in curve.points:
        panel.plot([point.samples] * point.scores.n, point.scores.values, "o", color="C0", alpha=0.4, markersize=4)
    sizes, means = [point.samples for point in curve.points], [point.scores.mean for point in curve.points]
    ends = [point.scores.interval or (point.scores.mean,) * 2 for point in curve.points]
    away = [[abs(mean - end[side]) for mean, end in zip(means, ends, strict=True)] for side in (0, 1)]
    several = [point.scores.n for point in curve.points if point.scores.n > 1]
    told = "mean, 95% interval" if several else "run"
    panel.errorbar(sizes, means, yerr=away, fmt="_", color="C0", capsize=4, label=told)
    baselines = [(point.samples, point.baseline[1]) for point in curve.points if point.baseline is not None]
    if baselines:
        panel.plot(*zip(*baselines, strict=True), "s--", color="C2", markersize=4, label="best baseline")
    _draw_fit(panel, curve)
    panel.set_xscale("log")
    ticks = sizes if curve.law is None else [*sizes, curve.more]
    panel.set_xticks(ticks, [f"{size:,}" for size in ticks], fontsize=8)
    panel.set_xticks([], minor=True)
    panel.set_xlabel("training samples")
    panel.set_ylabel(curve.metric.replace(".", " "))
    panel.grid(alpha=0.3)
    drawn.legend(fontsize=8, loc="outside upper center", ncols=4)  # intervals are long, and may be anywhere
    return drawn


def _draw_fit(panel: Axes, curve: Curve) -> None:
    """Draw the power law, with the part beyond the largest size dotted, and its interval."""
    import numpy as np

    if curve.law is None:
        return
    bottom, top = panel.get_ylim()  # nothing is better than no error, as the law has it
    panel.set_ylim(*((bottom, min(top, HIGHEST)) if curve.way == "max" else (max(bottom, 0), top)))
    largest = curve.points[-1].samples
    for low, high, style, label in (
        (curve.points[0].samples, largest, "-", "power law"),
        (largest, curve.more, ":", "extrapolated"),
    ):
        sizes = np.geomspace(low, high, DRAWN)
        found = [expected for size in sizes if (expected := curve.expected(float(size))) is not None]
        panel.plot(sizes, [mean for mean, _ in found], style, color="C1", label=label)
        if all(interval is not None for _, interval in found):
            lows, highs = zip(*(interval for _, interval in found if interval is not None), strict=True)
            panel.fill_between(sizes, lows, highs, color="C1", alpha=0.15, linewidth=0)
