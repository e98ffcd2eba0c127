"""A comparison as a picture: a dot a run, mean and standard deviation an experiment."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from seqrun.compare.comparison import Comparison, TableRow
from seqrun.compare.formats import settings_text
from seqrun.errors import UsageError
from seqrun.metric_names import direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
_MOST_INCHES = 200  # a picture of a thousand rows is still one that can be opened


def picture(comparison: Comparison, suffix: str) -> bytes:
    """The comparison as an image file of that type; UsageError if it is none of FORMATS, or nothing can be drawn."""
    if suffix not in FORMATS:
        raise UsageError(f"--plot: the file's name must end in {', '.join(FORMATS)}, not {suffix!r}")
    if not any(found for row in comparison.rows for found in row.metrics.values()):
        raise UsageError("--plot: none of the runs has any of these metrics")
    out = io.BytesIO()
    comparison_figure(comparison).savefig(out, format=suffix[1:], dpi=120, bbox_inches="tight")
    return out.getvalue()


def comparison_figure(comparison: Comparison) -> Figure:
    """One panel a metric, one line a row, in the table's order from the top."""
    from matplotlib.figure import Figure

    height = min(1.0 + 0.7 * len(comparison.rows), _MOST_INCHES)
    drawn = Figure(figsize=(2.5 + 4.0 * len(comparison.metrics), height), layout="constrained")
    panels = drawn.subplots(1, len(comparison.metrics), sharey=True, squeeze=False)[0]
    for panel, metric in zip(panels, comparison.metrics, strict=True):
        _draw(panel, comparison.rows, metric)
    labels = [_label(row, comparison) for row in comparison.rows]
    panels[0].set_yticks(range(len(labels)), labels)
    panels[0].set_ylabel("experiment")
    panels[0].invert_yaxis()
    return drawn


def _draw(panel: Axes, rows: list[TableRow], metric: str) -> None:
    for number, row in enumerate(rows):
        found = row.metrics[metric]
        if found is None:
            continue
        # Open dots are runs that have not finished.
        panel.plot(found.values, [number] * found.n, "o", color="C0", fillstyle="none" if row.so_far else "full")
        if found.sd is not None:
            panel.errorbar(found.mean, number, xerr=found.sd, fmt="|", color="C1", capsize=4, markersize=14)
    panel.set_xlabel(_axis_label(metric))
    panel.grid(axis="x", alpha=0.3)


def _axis_label(metric: str) -> str:
    text = metric.replace(".", " ")
    try:
        return f"{text} ({'larger' if direction(metric) == 'max' else 'smaller'} is better)"
    except KeyError:  # a user's own metric
        return text


def _label(row: TableRow, comparison: Comparison) -> str:
    parts = [row.label, settings_text(row, comparison.keys)]
    parts += [f"test data {row.test_data or '?'}"] if comparison.unequal else []
    return "\n".join(part for part in parts if part).replace("$", r"\$")
