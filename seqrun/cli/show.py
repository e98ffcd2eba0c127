"""`seqrun show`: one run in full."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from seqrun.cli import completing
from seqrun.cli.options import by_option, json_option, print_json
from seqrun.errors import UsageError
from seqrun.readable import listed_names, printable
from seqrun.rundir.evaluations import evaluations_of
from seqrun.rundir.json_files import read_json
from seqrun.rundir.reading import EXAMPLES, RunRecord, read_run
from seqrun.rundir.shapes import anything, listing, mapping

MOST_NAMED = 5


@click.command(
    epilog="""\b
Examples:
  seqrun show runs/20261122-041530_imdb_lstm
  seqrun show runs/20261122-041530_imdb_lstm --json
  seqrun show imdb_lstm --by length --metric accuracy"""
)
@click.argument("runs", metavar="RUN", nargs=-1, required=True, shell_complete=completing.runs)
@by_option
@click.option(
    "--metric",
    "metrics",
    multiple=True,
    metavar="M",
    shell_complete=completing.metrics,
    help="With --by: which metrics, by default the usual ones. Repeatable.",
)
@json_option
def command(runs: tuple[str, ...], by: str | None, metrics: tuple[str, ...], as_json: bool) -> None:
    """Show one run in full: status, results, evaluations, history, examples, config, data, environment,
    files.

    With --by only its metrics on slices of the test split, with intervals at 95% over the test items.

    `took` is the whole run's time; `training`, as in `seqrun compare`, that of its epochs alone.
    """
    if len(runs) > 1:
        named = listed_names(runs, MOST_NAMED)
        raise UsageError(f"give one run, not {len(runs)} ({named}); seqrun compare shows several side by side")
    found = read_run(runs[0])
    if by is not None:
        _show_slices(found, by, metrics, as_json)
        return
    if metrics:
        raise UsageError("--metric says which metrics --by shows; without it all are shown")
    examples = _examples(found)
    if as_json:
        print_json(_everything(found, examples))
        return
    from seqrun.comparing.details import EXCERPT, LINE_EXCERPT, sections
    from seqrun.console import print_table

    excerpt = EXCERPT if sys.stdout.isatty() else LINE_EXCERPT
    for number, section in enumerate(sections(found, examples, excerpt)):
        if number:
            click.echo()
        print_table(section.headers, section.rows, numeric=section.numeric)


def _show_slices(run: RunRecord, by: str, metrics: Sequence[str], as_json: bool) -> None:
    from seqrun.comparing.slices.formats import as_json as structured
    from seqrun.comparing.slices.formats import section
    from seqrun.comparing.slices.slicing import sliced

    found = sliced(run, by, metrics)
    if as_json:
        print_json(structured(found))
        return
    from seqrun.console import print_table

    table = section(found)
    print_table(table.headers, table.rows, numeric=table.numeric)
    for note in found.notes:
        click.echo(printable(f"note: {note}"), err=True)


def _everything(run: RunRecord, examples: list[dict[str, Any]]) -> dict[str, Any]:
    from seqrun.comparing.leakage import leakage

    return {
        "path": run.path,
        "status": run.status,
        "tags": run.tags,
        "run": run.record,
        "metrics": run.metrics,
        "history": run.history,
        "examples": examples,
        "leakage": [each.record() for each in leakage(run)],
        "evaluations": [{**each.record, "path": each.path, **each.results} for each in evaluations_of(run.path)],
    }


def _examples(run: RunRecord) -> list[dict[str, Any]]:
    """Return the decoded test samples with their predictions, as the trainer kept them; empty if it kept none."""
    try:
        return read_json(run.path / EXAMPLES, listing(mapping(anything)), nan=True)
    except FileNotFoundError:
        return []
    except OSError as error:  # a pipe, a folder, a link to itself
        raise UsageError(f"{error.filename or run.path / EXAMPLES}: cannot be read: {error.strerror}") from None
