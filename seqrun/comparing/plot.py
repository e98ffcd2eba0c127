"""A comparison as a picture, by families: one dot for each run, mean and standard deviation for each experiment."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from seqrun.comparing.families import families
from seqrun.comparing.settings import Settings
from seqrun.comparing.table import Comparison, TableRow
from seqrun.errors import UsageError
from seqrun.metrics import Direction, direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FORMATS = (".png", ".svg", ".pdf")
MOST_INCHES = 200  # a picture of a thousand rows is still one that can be opened
TITLE_INCHES = 0.4  # of a family's name
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
    """Return a figure with a row of panels for each family of the runs, one panel for each metric that the family has.

    A panel has one line for each row of the family's table with a value, in the table's order.
    """
    from matplotlib.figure import Figure

    drawn = {name: found for name, each in families(comparison).items() if (found := _Family.of(each)).rows}
    columns = max(len(each.metrics) for each in drawn.values())
    heights = [each.inches + (TITLE_INCHES if len(drawn) > 1 else 0) for each in drawn.values()]
    width = LABEL_INCHES + min(PANEL_INCHES * columns, MOST_PANELS_INCHES)
    whole = Figure(figsize=(width, min(sum(heights), MOST_INCHES)), layout="constrained")
    places = whole.subfigures(len(drawn), 1, squeeze=False, height_ratios=heights)[:, 0]
    for (name, each), place in zip(drawn.items(), places, strict=True):
        if len(drawn) > 1:
            place.suptitle(name, fontsize=LABEL_POINTS + 3)
        panels = place.subplots(1, columns, sharey=True, squeeze=False)[0]
        for panel in panels[len(each.metrics) :]:
            panel.remove()  # its place stays empty, so that panels of all families are equally wide
        each.draw(panels[: len(each.metrics)])
    return whole


@dataclass(frozen=True)
class _Family:
    """What is drawn of a comparison of like runs."""

    rows: Sequence[TableRow]  # that have a figure
    metrics: Sequence[str]
    labels: Sequence[str]  # of the rows
    directions: Mapping[str, Direction]

    @classmethod
    def of(cls, comparison: Comparison) -> Self:
        rows = [row for row in comparison.rows if any(row.metrics.values())]
        settings = Settings(rows, comparison.keys)
        labels = [_label(row, settings, comparison.unequal) for row in rows]
        metrics = [name for name in comparison.metrics if any(row.metrics[name] for row in rows)]
        return cls(rows, metrics, labels, comparison.directions)

    @property
    def inches(self) -> float:
        """How high it is."""
        lines = sum(label.count("\n") + 1 for label in self.labels)
        return 1.2 + 0.3 * len(self.rows) + LINE_INCHES * lines

    def draw(self, panels: Sequence[Axes]) -> None:
        """Draw one metric on each of the panels."""
        for panel, metric in zip(panels, self.metrics, strict=True):
            _draw(panel, self.rows, metric)
            panel.set_xlabel(_axis_label(metric, self.directions), fontsize=LABEL_POINTS + 1)
        panels[0].set_yticks(range(len(self.labels)), self.labels, fontsize=LABEL_POINTS)
        panels[0].set_ylim(len(self.labels) - 0.5, -0.5)  # the first on top


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
