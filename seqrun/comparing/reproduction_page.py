"""A reproduction as tables of text: what `seqrun reproduce` prints."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.comparing.reproduction import Reproduction
from seqrun.comparing.surroundings import line
from seqrun.comparing.values import values
from seqrun.readable import listed_names
from seqrun.tasks.pages import NOTHING, Section, cell


def sections(found: Reproduction) -> Iterator[Section]:
    """Yield the tables from top to bottom; what there is nothing to say of is left out."""
    facts = {"original": str(found.original.path), "again": str(found.again.path)}
    same = ", ".join(found.parting.same)
    facts |= {"the same": same or NOTHING, **{f"first in {name}": line for name, line in found.parting.lines().items()}}
    if only := found.parting.only():
        facts["figures of one run alone"] = only
    if found.noise:
        facts["repeats"] = listed_names(found.noise[0].runs)
    yield Section(["reproduction", found.word], [[key, value] for key, value in facts.items()])
    if found.noise:
        yield _noise(found)
    if found.surroundings:
        rows = [[each.name, *(line(value) for value in (each.was, each.now))] for each in found.surroundings]
        yield Section(["not as it was", "then", "now"], rows)


def _noise(found: Reproduction) -> Section:
    """Return the table of the metrics, and where those of one more repeat would be."""
    was, now = values(found.original), values(found.again)
    headers = ("then", "now", "expected from", "to")
    rows = [
        [
            each.metric,
            *map(cell, (was.get(each.metric), now.get(each.metric), each.low, each.high)),
            str(len(each.runs)),
        ]
        for each in found.noise
    ]
    return Section(["metric", *headers, "by repeats"], rows, (*headers, "by repeats"))
