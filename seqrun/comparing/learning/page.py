"""A learning curve as tables of text: what `seqrun curve` prints."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.comparing.learning.curve import TIMES, Curve, Point
from seqrun.comparing.learning.power_law import Interval
from seqrun.readable import figure
from seqrun.tasks.pages import NOTHING, Section

INTERVAL = "interval [95%]"


def sections(curve: Curve) -> Iterator[Section]:
    """Yield the table of the points, and that of the fit if there is one."""
    with_baseline = any(point.baseline for point in curve.points)
    headers = ["fraction", "training samples", "runs", curve.metric, INTERVAL, *(["best baseline"] * with_baseline)]
    rows = [_cells(point)[: len(headers)] for point in curve.points]
    yield Section(headers, rows, tuple(headers[:5]))
    expected = curve.expected(curve.more)
    if curve.law is None or expected is None:
        return
    law = curve.law
    values = f"a {law.scale:.4g}, b {law.exponent:.4g}, c {law.floor:.4g}"
    facts = [
        [f"{curve.fitted} = a * samples^-b + c", values, NOTHING],
        ["b", figure(law.exponent), between(law.exponent_interval)],
        [f"{curve.metric} of {curve.more:,} samples", figure(expected[0]), between(expected[1])],
    ]
    yield Section(["fit", "value", INTERVAL], facts)


def remarks(curve: Curve) -> Iterator[str]:
    """Yield what a reader should know of the curve."""
    yield from curve.notes
    if curve.law is None:
        yield curve.reason
        return
    largest = curve.points[-1].samples
    yield (
        f"{curve.metric} of {curve.more:,} samples is an extrapolation to {TIMES} times the data: nothing was trained "
        f"on more than {largest:,}, and nothing shows that the power law goes on"
    )
    if curve.law.covariance is None:
        yield "the points do not determine the fit: its values have no interval"


def between(found: Interval | None) -> str:
    """Return an interval as a cell."""
    return NOTHING if found is None else f"{figure(found[0])} to {figure(found[1])}"


def _cells(point: Point) -> list[str]:
    scores, best = point.scores, point.baseline
    return [
        f"{point.fraction:g}",
        f"{point.samples:,}",
        str(scores.n),
        figure(scores.mean),
        between(scores.interval),
        NOTHING if best is None else f"{figure(best[1])} {best[0]}",
    ]
