"""One run in the page: its tables as `seqrun show` has them, mistakes first among the examples, and its plots."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from seqrun.comparing.details import origins, sections
from seqrun.comparing.report.hardest import Sketch, sketches
from seqrun.comparing.report.pictures import Picture, pictures
from seqrun.errors import DataError, UsageError
from seqrun.rundir.json_files import read_json
from seqrun.rundir.reading import EXAMPLES, RunRecord
from seqrun.rundir.shapes import anything, listing, mapping
from seqrun.tasks.pages import Section, by_fault, cut

EXCERPT = 300  # characters of an example's text
MOST = 500  # characters of any cell
LEFT_OUT = ("file", "warnings")  # tables of `seqrun show`: the page has warnings apart


@dataclass(frozen=True)
class Shown:
    """A run as the page shows it."""

    run: RunRecord
    warnings: tuple[str, ...]
    results: tuple[Section, ...] = ()
    examples: tuple[Section, ...] = ()  # mistakes first
    mistakes: int = 0  # so many of the examples, the first, are mistakes
    origins: tuple[Section, ...] = ()  # what it was made from, apart from what all runs of its family share
    differing: frozenset[str] = field(default_factory=frozenset)  # keys of its config that other runs have otherwise
    sketches: tuple[Sketch, ...] = ()
    pictures: tuple[Picture, ...] = ()
    notes: tuple[str, ...] = ()  # what is not shown, and why

    def urls(self, *, with_plots: bool) -> Iterator[str]:
        """Yield the pictures' content."""
        yield from (url for sketch in self.sketches for _, url in sketch.images)
        yield from (picture.url for picture in self.pictures if with_plots)


def shown(run: RunRecord, keys: Collection[str], shared: Sequence[Section], with_plots: bool) -> Shown:
    """Return a run as the page shows it.

    `keys` of configs are not the same in all runs of its family; what stands in the tables `shared` is the same in all
    of them, and is left out.
    """
    notes: list[str] = []
    trainer = (run.record.get("config", {}).get("trainer") or {}).get("name")
    examples, mistakes = by_fault(trainer, _examples(run, notes))
    plots = list(pictures(run)) if with_plots else []
    notes += [each for each in plots if isinstance(each, str)]
    tables, made_from = _tables(run, examples, notes), origins(run)
    known = {table.headers[0] for table in made_from if table.headers}
    return Shown(
        run,
        tuple(run.record.get("warnings") or ()),
        results=tuple(table for table in tables if not table.of_examples and table.headers[0] not in known),
        examples=tuple(table for table in tables if table.of_examples),
        mistakes=mistakes,
        origins=tuple(without(shared, made_from)),
        differing=frozenset(keys),
        sketches=_sketches(run, notes),
        pictures=tuple(each for each in plots if isinstance(each, Picture)),
        notes=tuple(notes),
    )


def shared_by(runs: Sequence[RunRecord]) -> list[Section]:
    """Return what several runs have in common of config, data and environment, as tables; nothing of one run alone."""
    if len(runs) < 2:
        return []
    counts = Counter((table.headers[0], *row) for run in runs for table in origins(run) for row in table.rows)
    found = []
    for table in origins(runs[0]):
        rows = [row for row in table.rows if counts[(table.headers[0], *row)] == len(runs)]
        found += [replace(table, rows=rows)] if rows else []
    return found


def without(shared: Sequence[Section], tables: Sequence[Section]) -> list[Section]:
    """Return the tables without the rows that the shared ones have."""
    known = {(table.headers[0], *row) for table in shared for row in table.rows}
    left = [
        replace(table, rows=[row for row in table.rows if (table.headers[0], *row) not in known]) for table in tables
    ]
    return [table for table in left if table.rows]


def _tables(run: RunRecord, examples: Sequence[Mapping[str, Any]], notes: list[str]) -> list[Section]:
    """Return the run's tables; none, and a note, of one whose details are damaged."""
    try:
        found = list(sections(run, [dict(each) for each in examples], EXCERPT))
    except UsageError as error:
        notes.append(str(error))
        return []
    kept = (table for table in found if table.headers[0] not in LEFT_OUT)
    return [replace(table, rows=[[cut(cell, MOST) for cell in row] for row in table.rows]) for table in kept]


def _examples(run: RunRecord, notes: list[str]) -> list[dict[str, Any]]:
    try:
        return read_json(run.path / EXAMPLES, listing(mapping(anything)), nan=True)
    except FileNotFoundError:
        return []
    except (OSError, UsageError) as error:  # a pipe, a folder, a link to itself; not JSON
        notes.append(f"{run.path / EXAMPLES}: cannot be read: {error}")
        return []


def _sketches(run: RunRecord, notes: list[str]) -> tuple[Sketch, ...]:
    try:
        return tuple(sketches(run))
    except DataError as error:
        notes.append(str(error))
        return ()
