"""A report as one HTML file: readable without network and without JavaScript, and running nothing but its own."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seqrun import __version__
from seqrun.comparing.report import hardest
from seqrun.comparing.report.contents import Part, Report
from seqrun.comparing.report.room import rooms
from seqrun.machine.opener import read_text
from seqrun.readable import counted, listed_names, printable, size
from seqrun.rundir.reading import RunRecord

HERE = Path(__file__).parent
MOST_TEXT = 490_000  # bytes of a page without pictures: runs whose sections do not fit have none
FEWEST_TEXT = 100_000  # bytes of the runs' sections, however long the tables would be: those have fewer rows then
LINK = 50  # bytes of a link to a section, beside the name of its run
MOST_PICTURES = 60_000_000  # bytes: further pictures are left out
MOST_NAMED = 5
COLOURS, DASHES = 8, 4  # of curves; page.css has as many


@dataclass
class Sections:
    """The runs' sections of a page, as far as they fit."""

    html: list[Markup] = field(default_factory=list)
    ids: dict[Path, str] = field(default_factory=dict)  # by the run's directory
    left_out: list[str] = field(default_factory=list)  # names of runs without a section
    without_plots: list[str] = field(default_factory=list)  # names of runs whose plots are left out
    text: int = 0  # bytes
    pictures: int = 0  # bytes

    def notes(self) -> list[str]:
        """Return what is to be said of the runs that do not fit."""
        too_large = "as the page would be too large; report fewer to see them"
        told = {
            "no section of their own": self.left_out,
            "no plots in their sections": self.without_plots,
        }
        return [
            f"{counted(len(names), 'run')} with {what}, {too_large}: {listed_names(names, MOST_NAMED)}"
            for what, names in told.items()
            if names
        ]


def to_html(report: Report) -> tuple[str, list[str]]:
    """Return the report as a page, and what is to be said of it: its size, and what was too much for one page."""
    environment = _environment()
    style, script = read_text(HERE / "page.css"), read_text(HERE / "page.js")
    template = environment.get_template("page.html")
    made = {"report": report, "version": __version__, "style": Markup(style), "script": Markup(script)}
    made["policy"] = _policy(style, script)
    ids = {run.path: f"run-{number}" for number, (_, run) in enumerate(report.runs(), start=1)}
    for room in rooms(report):
        made["room"] = room
        bare = len(template.render(sections=[], ids={}, notes=room.notes, **made).encode())
        if bare <= MOST_TEXT - FEWEST_TEXT:
            break
    sections = _sections(report, room.parts, environment, ids, MOST_TEXT - bare)
    notes = [*room.notes, *sections.notes()]
    page = template.render(sections=sections.html, ids=sections.ids, notes=notes, **made)
    weight = f"{size(len(page.encode()) - sections.pictures)} of text, {size(sections.pictures)} of pictures"
    return page, [f"{counted(report.count, 'run')}: {weight}", *notes]


def _environment() -> Environment:
    """Return templates in which every value is escaped, and shown without what a reader's program would obey."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["look"] = _look
    return environment


def _shown(value: Any) -> Any:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _look(number: int) -> str:
    """Return the classes that give a row's curves their colour and dashes."""
    return f"c{number % COLOURS} d{number // COLOURS % DASHES}"


def _sections(
    report: Report, parts: Sequence[Part], environment: Environment, ids: Mapping[Path, str], most: int
) -> Sections:
    """Return the runs' sections in the order of the tables, as far as `most` bytes of text hold them.

    The first runs of all families come before the second ones.
    """
    template = environment.get_template("run.html")
    drawing = {"width": hardest.WIDTH, "height": hardest.HEIGHT}
    found, order = Sections(), {path: number for number, path in enumerate(ids)}
    html: dict[Path, Markup] = {}
    for part, run in _in_turns(parts):
        if found.left_out:
            found.left_out.append(run.path.name)
            continue
        shown = report.shown(part, run)
        fits = found.pictures < MOST_PICTURES
        made = {"part": part, "shown": shown, "shared": report.shared, "with_pictures": fits}
        section = template.render(id=ids[run.path], **made, **drawing)
        urls = sum(map(len, shown.urls(with_plots=fits)))
        text = len(section.encode()) - urls + _links(run)
        if html and found.text + text > most:
            found.left_out.append(run.path.name)
            continue
        found.without_plots += [] if fits or not shown.pictures else [run.path.name]
        html[run.path] = Markup(section)
        found.text, found.pictures = found.text + text, found.pictures + urls
    found.ids = {path: ids[path] for path in sorted(html, key=lambda path: order[path])}
    found.html = [html[path] for path in found.ids]
    return found


def _links(run: RunRecord) -> int:
    """Return how many bytes of the page lead to a run's section, at most: from its row, and from each warning."""
    return (1 + len(run.record.get("warnings") or ())) * (LINK + len(run.path.name))


def _in_turns(parts: Sequence[Part]) -> Iterator[tuple[Part, RunRecord]]:
    """Yield the first run of each family, then the second of each, and so on."""
    for runs in zip_longest(*(part.family.shown for part in parts)):
        yield from ((part, run) for part, run in zip(parts, runs, strict=True) if run is not None)


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy: nothing is loaded, and nothing runs but these two parts of the page."""
    styles, scripts = (
        f"'sha256-{base64.b64encode(sha256(part.encode()).digest()).decode()}'" for part in (style, script)
    )
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
