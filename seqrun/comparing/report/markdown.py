"""A report as Markdown for a pull request: tables, notes, warnings and cards, without curves and plots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from seqrun import __version__
from seqrun.comparing.formats import grid
from seqrun.comparing.markdown import escaped, markdown_table
from seqrun.comparing.report.contents import Report
from seqrun.readable import printable

HERE = Path(__file__).parent
MOST_WARNINGS = 20  # of a family


def to_markdown(report: Report) -> str:
    """Return the report as GitHub-flavoured Markdown; no text of a run is a mark, a tag or a mention in it."""
    environment = Environment(  # what is shown is Markdown, not HTML: `finalize` escapes it as such
        loader=FileSystemLoader(HERE), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_shown
    )
    grids = [grid(part.family.comparison) for part in report.parts]
    tables = [Markup(printable(markdown_table(each.headers, each.rows, each.numeric))) for each in grids]
    text = environment.get_template("report.md").render(
        report=report, tables=tables, most=MOST_WARNINGS, version=__version__
    )
    return text.strip() + "\n"


def _shown(value: Any) -> Any:
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return escaped(printable(value))
