"""A report as one HTML file: readable without network and without JavaScript, and running nothing but its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seqrun import __version__
from seqrun.comparing.report import hardest
from seqrun.comparing.report.contents import Report
from seqrun.machine.opener import read_text
from seqrun.readable import counted, listed_names, printable, size

HERE = Path(__file__).parent
MOST_TEXT = 350_000  # bytes of the runs' sections without pictures: further runs have none
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
    sections = _sections(report, environment)
    notes = sections.notes()
    page = environment.get_template("page.html").render(
        report=report,
        sections=sections.html,
        ids=sections.ids,
        notes=notes,
        version=__version__,
        style=Markup(style),
        script=Markup(script),
        policy=_policy(style, script),
    )
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


def _sections(report: Report, environment: Environment) -> Sections:
    template = environment.get_template("run.html")
    found = Sections()
    for number, (part, run) in enumerate(report.runs(), start=1):
        if found.text > MOST_TEXT:
            found.left_out.append(run.path.name)
            continue
        shown = report.shown(part, run)
        fits = found.pictures < MOST_PICTURES
        drawing = {"width": hardest.WIDTH, "height": hardest.HEIGHT}
        made = {"part": part, "shown": shown, "shared": report.shared, "with_pictures": fits}
        section = template.render(id=f"run-{number}", **made, **drawing)
        urls = sum(map(len, shown.urls(with_plots=fits)))
        found.without_plots += [] if fits or not shown.pictures else [run.path.name]
        found.html.append(Markup(section))
        found.ids[run.path] = f"run-{number}"
        found.text, found.pictures = found.text + len(section.encode()) - urls, found.pictures + urls
    return found


def _policy(style: str, script: str) -> str:
    """Return a Content-Security-Policy: nothing is loaded, and nothing runs but these two parts of the page."""
    styles, scripts = (
        f"'sha256-{base64.b64encode(sha256(part.encode()).digest()).decode()}'" for part in (style, script)
    )
    return (
        f"default-src 'none'; style-src {styles}; script-src {scripts}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
