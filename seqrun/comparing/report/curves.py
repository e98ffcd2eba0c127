"""The runs' epochs as curves: what `history.csv` has, in the coordinates of a drawing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from seqrun.comparing.report.families import Family
from seqrun.comparing.report.scale import Scale, drawable, whole
from seqrun.comparing.values import best_epoch_of, monitor
from seqrun.metrics import HEADLINES
from seqrun.readable import figure
from seqrun.rundir.columns import figure_names, metric_names
from seqrun.rundir.reading import RunRecord

MOST_CHARTS = 4  # metrics of a family
MOST_LINES = 32  # rows of a family whose runs are drawn: as many as there are looks of a line
BUDGET = 8_000  # points of a family's charts together
MOST_POINTS = 16_000  # of all charts of a report
FEWEST, MOST = 12, 200  # points of a line
WIDTH, HEIGHT = 480, 290  # of a drawing, in its own units
LEFT, TOP, RIGHT, BOTTOM = 56, 12, 12, 46  # around the plot

Points = list[tuple[float, float]]  # (epoch, value)


@dataclass(frozen=True)
class Curve:
    """One run's curve."""

    look: int  # number of its row, which says colour and dashes
    path: str  # of an SVG path
    told: str  # the run, and what the curve shows of it
    best: tuple[float, float] | None  # where the best epoch lies


@dataclass(frozen=True)
class Tick:
    """A labelled place of an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Panel:
    """The curves of one column of the histories."""

    title: str  # training or validation
    told: str  # what it shows, in words
    curves: tuple[Curve, ...]


@dataclass(frozen=True)
class Chart:
    """The curves of a metric: on the training samples and on the validation samples, on the same axes."""

    metric: str
    panels: tuple[Panel, ...]
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    epochs: Scale
    scale: Scale

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def height(self) -> int:
        return HEIGHT

    left, top, right, bottom = LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM


def charts(family: Family, budget: int) -> list[Chart]:
    """Return the family's charts, the most telling metric first; none where no run has trained for an epoch.

    Their curves have about `budget` points together, and each at least FEWEST.
    """
    runs = [
        (look, run) for look, row in enumerate(family.comparison.rows[:MOST_LINES]) for run in row.runs if run.history
    ]
    names = _metrics([run for _, run in runs])
    columns = 2 * len(names) * len(runs)
    most = min(max(budget // columns, FEWEST), MOST) if columns else MOST
    return [chart for name in names if (chart := _chart(name, runs, most)) is not None]


def _metrics(runs: Sequence[RunRecord]) -> list[str]:
    """Return the names of the metrics to draw: what decides the best epoch, the usual ones, then others."""
    there = dict.fromkeys(name for run in runs for name in metric_names(figure_names(run.history[0])))
    watched = dict.fromkeys(monitor(run).removeprefix("val_") for run in runs)
    usual = [name for name in HEADLINES if name in there]
    return list(dict.fromkeys([*watched, "loss", *usual, *there]))[:MOST_CHARTS] if runs else []


def _chart(metric: str, runs: Sequence[tuple[int, RunRecord]], most: int) -> Chart | None:
    columns = {"training": metric, "validation": f"val_{metric}"}
    found = {
        title: [(look, run, points) for look, run in runs if (points := _points(run, column))]
        for title, column in columns.items()
    }
    drawn = [points for lines in found.values() for _, _, points in lines]
    if not drawn:
        return None
    last = max(points[-1][0] for points in drawn)
    epochs = Scale(1, max(last, 2), WIDTH - LEFT - RIGHT)
    scale = Scale.of([value for points in drawn for _, value in points], HEIGHT - TOP - BOTTOM)
    panels = [
        Panel(title, _told(columns[title], lines), tuple(_curves(lines, columns[title], epochs, scale, most)))
        for title, lines in found.items()
        if lines
    ]
    across = tuple(Tick(LEFT + epochs.at(tick), str(tick)) for tick in whole(epochs.ticks(6)))
    up = tuple(Tick(HEIGHT - BOTTOM - scale.at(tick), _tick(tick)) for tick in scale.ticks())
    return Chart(metric, tuple(panels), across, up, epochs, scale)


def _points(run: RunRecord, column: str) -> Points:
    found = [(row["epoch"], row[column]) for row in run.history if column in row]
    return [point for point in found if drawable(point[1])]


def _curves(
    lines: Sequence[tuple[int, RunRecord, Points]], column: str, epochs: Scale, scale: Scale, most: int
) -> Iterator[Curve]:
    for look, run, points in lines:
        best = best_epoch_of(run)
        at = {epoch: (LEFT + epochs.at(epoch), HEIGHT - BOTTOM - scale.at(value)) for epoch, value in points}
        kept = [at[epoch] for epoch, _ in _thinned(points, best, most)]
        path = f"M{' '.join(f'{x:.1f},{y:.2f}' for x, y in kept)}"
        yield Curve(look, path, _in_words(run, column, points, best), at.get(best or 0))


def _thinned(points: Points, best: int | None, most: int) -> Points:
    """Return some `most` of the points, evenly chosen, with the last and that of the best epoch."""
    step = -(-len(points) // most)
    return [
        point for number, point in enumerate(points) if number % step == 0 or point[0] == best or point is points[-1]
    ]


def _in_words(run: RunRecord, column: str, points: Points, best: int | None) -> str:
    values = dict(points)
    told = f"{run.path.name}: {column} {figure(points[-1][1])} at epoch {points[-1][0]:.0f}, its last"
    return told if best is None or best not in values else f"{told}, {figure(values[best])} at epoch {best}, its best"


def _told(column: str, lines: Sequence[tuple[int, RunRecord, Points]]) -> str:
    ends = [points[-1][1] for _, _, points in lines]
    which = "1 run" if len(ends) == 1 else f"{len(ends)} runs"
    span = figure(ends[0]) if len(ends) == 1 else f"{figure(min(ends))} to {figure(max(ends))}"
    return f"{column} of {which} by epoch; at the end {span}"


def _tick(value: float) -> str:
    return f"{value:,.6g}" if abs(value) < 1e6 and (value == 0 or abs(value) >= 1e-4) else f"{value:.0e}"
