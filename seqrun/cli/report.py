"""`seqrun report`: many runs as one document."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from seqrun.cli import completing
from seqrun.cli.options import (
    against_option,
    all_option,
    metric_option,
    smallest_option,
    tag_option,
    write_output,
)
from seqrun.errors import UsageError
from seqrun.readable import printable
from seqrun.rundir.several import read_runs

FORMATS = {".html": "html", ".htm": "html", ".md": "md"}  # file name's ending -> format


@click.command(
    cls=completing.DashedValues,
    epilog="""\b
Examples:
  seqrun report runs/* -o report.html
  seqrun report imdb_lstm imdb_gru --metric auc --no-plots -o report.html
  seqrun report runs/* --format md""",
)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=completing.runs)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file, not to stdout."
)
@click.option("--format", "form", type=click.Choice(["html", "md"]), help="By default what -o's name says, else html.")
@metric_option
@against_option
@smallest_option
@tag_option
@all_option
@click.option("--no-plots", is_flag=True, help="Without the runs' plots, which take most of the page's bytes.")
@click.option("--title", metavar="T", help="What stands on top.")
def command(
    runs: tuple[str, ...],
    output: Path | None,
    form: str | None,
    metrics: tuple[str, ...],
    against: str | None,
    smallest: float | None,
    tags: tuple[str, ...],
    all_runs: bool,
    no_plots: bool,
    title: str | None,
) -> None:
    """Write runs as one document: a page for a browser, or Markdown for a pull request.

    The page is one file that needs no network: tables that can be sorted, with verdicts, curves, and each run's
    config, environment, warnings, examples and plots. There is a table for each trainer and dataset. What is not a
    run is skipped. Verdicts are those of seqrun compare, of each table by its first metric.
    """
    form = form or (FORMATS.get(output.suffix.lower()) if output else "html")
    if form is None:
        raise UsageError(f"-o {output}: what format is meant? Give --format html or --format md")
    if form == "html" and output is None and sys.stdout.isatty():
        raise UsageError("a page is nothing for a terminal: give -o report.html, or --format md")
    skipped: list[str] = []
    from seqrun.api.comparing import chosen
    from seqrun.comparing.report.contents import report
    from seqrun.comparing.report.families import Asked

    found, reference = chosen(runs, lambda names: read_runs(names, skipped.append, purpose="report"), tags, against)
    asked = Asked(metrics, all_runs, reference, smallest)
    made = report(found, asked, title=title, skipped=skipped, with_plots=not no_plots)
    for reason in skipped:
        _note(f"skipped {reason}")
    if form == "md":
        from seqrun.comparing.report.markdown import to_markdown

        _write(output, to_markdown(made))
        return
    from seqrun.comparing.report.page import to_html

    text, notes = to_html(made)
    _write(output, text)
    for note in notes:
        _note(note)


def _write(output: Path | None, text: str) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        write_output(output, text.encode())


def _note(text: str) -> None:
    click.echo(printable(f"note: {text}"), err=True)
