"""A comparison as a picture: one dot for each run, mean and standard deviation for each experiment."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from seqrun.comparing.settings import Settings
from seqrun.comparing.table import Comparison, TableRow
from seqrun.errors import UsageError
from seqrun.metrics import Direction, direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
MOST_INCHES = 200  # a picture of a thousand rows is still one that can be opened
LABEL_INCHES, PANEL_INCHES, MOST_PANELS_INCHES = 3.4, 3.6, 14.4  # width does not depend on what labels say
LABEL_CHARACTERS, LABEL_LINES, LABEL_POINTS, LINE_INCHES = 48, 4, 8, 0.15


def picture(comparison: Comparison, suffix: str) -> bytes:
    """Return the comparison as an image file of the type `suffix`.

    Raises UsageError for a type that is not in FORMATS, and if there is nothing to draw.
    """
    if suffix not in FORMATS:
        raise UsageError(f"--plot: the file's name must end in {', '.join(FORMATS)}, not {suffix!r}")
    if not any(found for row in comparison.rows for found in row.metrics.values()):
        raise UsageError("--plot: none of the runs has any of these metrics")
    out = io.BytesIO()
    comparison_figure(comparison).savefig(out, format=suffix[1:], dpi=120)
    return out.getvalue()


def comparison_figure(comparison: Comparison) -> Figure:
    """Return a figure with one panel for each metric and one line for each row with a value, in the table's order."""
    from matplotlib.figure import Figure

    rows = [row for row in comparison.rows if any(row.metrics.values())]
    settings = Settings(rows, comparison.keys)
    labels = [_label(row, settings, comparison.unequal) for row in rows]
    lines = sum(label.count("\n") + 1 for label in labels)
    height = min(1.2 + 0.3 * len(rows) + LINE_INCHES * lines, MOST_INCHES)
    width = LABEL_INCHES + min(PANEL_INCHES * len(comparison.metrics), MOST_PANELS_INCHES)
    drawn = Figure(figsize=(width, height), layout="constrained")
    panels = drawn.subplots(1, len(comparison.metrics), sharey=True, squeeze=False)[0]
    for panel, metric in zip(panels, comparison.metrics, strict=True):
        _draw(panel, rows, metric)
        panel.set_xlabel(_axis_label(metric, comparison.directions), fontsize=LABEL_POINTS + 1)
    panels[0].set_yticks(range(len(labels)), labels, fontsize=LABEL_POINTS)
    panels[0].set_ylim(len(labels) - 0.5, -0.5)  # the first on top
    return drawn


def _draw(panel: Axes, rows: Sequence[TableRow], metric: str) -> None:
    from matplotlib.ticker import MaxNLocator

    for number, row in enumerate(rows):
        found = row.metrics[metric]
        if found is None:
            continue
        # Open dots are runs that have not finished.
        panel.plot(found.values, [number] * found.n, "o", color="C0", fillstyle="none" if row.so_far else "full")
        if found.sd is not None:
            panel.errorbar(found.mean, number, xerr=found.sd, fmt="|", color="C1", capsize=4, markersize=14)
    panel.xaxis.set_major_locator(MaxNLocator(nbins=4))
    panel.tick_params(axis="x", labelsize=LABEL_POINTS)
    panel.grid(axis="x", alpha=0.3)


def _axis_label(metric: str, directions: Mapping[str, Direction]) -> str:
    text = metric.replace(".", " ")
    try:
        return f"{text}\n({'larger' if direction(metric, directions) == 'max' else 'smaller'} is better)"
    except KeyError:  # a user's own metric
        return text


def _label(row: TableRow, settings: Settings, unequal: bool) -> str:
    """Return the row's name and, below it, its special settings, cut to the width that there is, and its verdict."""
    lines = [_cut(row.label), *textwrap.wrap(settings.text(row), LABEL_CHARACTERS, break_on_hyphens=False)]
    if len(lines) > LABEL_LINES:
        lines = [*lines[: LABEL_LINES - 1], f"{lines[LABEL_LINES - 1][: LABEL_CHARACTERS - 2]} …"]
    lines += [row.verdict.text] if row.verdict is not None else []
    lines += [f"test data {row.test_data or '?'}"] if unequal else []
    return "\n".join(lines).replace("$", r"\$")


def _cut(line: str) -> str:
    return line if len(line) <= LABEL_CHARACTERS else f"{line[: LABEL_CHARACTERS - 1]}…"
