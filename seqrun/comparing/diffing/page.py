"""What differs between two runs as tables of text: what `seqrun diff` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from seqrun.comparing.differences import MISSING, show
from seqrun.comparing.diffing.diff import Diff
from seqrun.comparing.surroundings import Surrounding, line
from seqrun.readable import counted, figure, shortened
from seqrun.tasks.pages import NOTHING, Section, cell

if TYPE_CHECKING:
    from seqrun.comparing.diffing.predictions import Changed

PATCH_LINES = 40
LONGEST = 200  # characters of a setting, or of counts
STEPS = 6  # of a prediction with several
CHANGED = 3  # columns of a prediction


def sections(found: Diff, excerpt: int) -> Iterator[Section]:
    """Yield the tables from top to bottom; of a part in which nothing differs, only that this is so.

    Of a sample in words, `excerpt` characters are shown.
    """
    first, second = found.one.path.name, found.other.path.name
    yield _pairs("config", found.config, first, second)
    yield _pairs("data", found.data, first, second, _samples(found))
    yield _surroundings("code", found.code, first, second)
    if found.patch:
        more = len(found.patch) - PATCH_LINES
        lines = [*found.patch[:PATCH_LINES], *([f"and {counted(more, 'line')} more"] if more > 0 else [])]
        yield Section(["uncommitted changes, line by line"], [[text] for text in lines])
    yield _surroundings("environment", found.surroundings, first, second)
    yield _training(found)
    yield _metrics(found)
    if found.verdicts:
        yield _verdicts(found)
    if found.predictions:
        yield _predictions(found, excerpt)


def _pairs(
    name: str,
    pairs: Mapping[str, tuple[Any, Any]],
    first: str,
    second: str,
    others: list[list[str]] | None = None,
) -> Section:
    rows = [[key, *map(_value, pair)] for key, pair in pairs.items()] + (others or [])
    return Section([name, first, second], rows) if rows else Section([name], [["the same"]])


def _value(value: Any) -> str:
    return NOTHING if value is MISSING or value is None else shortened(show(value), LONGEST)


def _samples(found: Diff) -> list[list[str]]:
    """Return the row that says which test samples differ, where that is known and worth saying."""
    if found.samples is None or (found.samples.same and not found.data):
        return []
    return [["test samples", str(found.samples), ""]]


def _surroundings(name: str, found: tuple[Surrounding, ...], first: str, second: str) -> Section:
    rows = [[each.name, line(each.was), line(each.now)] for each in found]
    return Section([name, first, second], rows) if rows else Section([name], [["the same"]])


def _training(found: Diff) -> Section:
    rows = [[f"first in {name}", text] for name, text in found.parting.lines().items()]
    same = [["the same", ", ".join(found.parting.same)]] if found.parting.same else []
    only = [["figures of one run alone", told]] if (told := found.parting.only()) else []
    left_out = [["not compared", ", ".join(found.parting.left_out)]] if found.parting.left_out else []
    return Section(["where they part", ""], [*same, *rows, *only, *left_out])


def _metrics(found: Diff) -> Section:
    """Return the table of the metrics that differ; how many do not."""
    headers, rows, same = (found.one.path.name, found.other.path.name, "difference"), [], 0
    for name, (one, other) in found.metrics.items():
        if one == other:
            same += 1
            continue
        apart = NOTHING if one is None or other is None else f"{other - one:+.4g}"
        rows.append([name, cell(one), cell(other), apart])
    rows += [[f"{same} more", "the same", "the same", ""]] if same and rows else []
    return Section(["metric", *headers], rows, headers) if rows else Section(["metrics"], [[_no_rows(found)]])


def _no_rows(found: Diff) -> str:
    return "the same" if found.metrics else "not compared"


def _verdicts(found: Diff) -> Section:
    """Return the table of what is to be said of the second run against the first."""
    rows = []
    for each in found.verdicts:
        interval = NOTHING if each.interval is None else f"{each.interval[0]:+.4g} to {each.interval[1]:+.4g}"
        difference = NOTHING if each.difference is None else f"{each.difference:+.4g}"
        rows.append([each.metric, difference, interval, each.test or NOTHING, each.text, each.reason])
    headers = ["verdict", "difference", "95% interval", "test", f"{found.other.path.name} is", "because"]
    width = len(headers) if any(row[-1] for row in rows) else len(headers) - 1
    return Section(headers[:width], [row[:width] for row in rows], tuple(headers[1:3]))


def _predictions(found: Diff, excerpt: int) -> Section:
    both = f"{found.one.path.name} and {found.other.path.name}"
    headers = [f"row (most changed of {found.compared:,})", "change", "true", both, "of"]
    rows = [
        [
            str(each.row),
            figure(each.change),
            "; ".join(_cells(value) for value in each.target.values()) or NOTHING,
            _answers(each),
            NOTHING if each.sample is None else shortened(" ".join(each.sample.split()), excerpt),
        ]
        for each in found.predictions
    ]
    return Section(headers, rows)


def _answers(changed: Changed) -> str:
    """Return the first columns that differ, each with what the two runs have."""
    shown = [f"{name} {_cells(one)} and {_cells(other)}" for name, (one, other) in changed.columns.items()][:CHANGED]
    more = len(changed.columns) - CHANGED
    return "; ".join([*shown, *([f"{more} more"] if more > 0 else [])])


def _cells(value: Any) -> str:
    if isinstance(value, list):
        return " ".join(map(_cells, value[:STEPS])) + (" ..." if len(value) > STEPS else "")
    return cell(value) if isinstance(value, float) else NOTHING if value is None else str(value)
