"""`seqrun check`: a gate for CI."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqrun.cli import completing
from seqrun.cli.options import json_option, print_json, write_output
from seqrun.comparing.checking.checks import Checked, check
from seqrun.comparing.checking.limits import Limit, read_tolerance
from seqrun.comparing.checking.measured import baseline, to_check
from seqrun.readable import printable

if TYPE_CHECKING:
    from collections.abc import Sequence

file_option = click.Path(dir_okay=False, path_type=Path)


@click.command(
    epilog="""\b
Examples:
  seqrun check @latest --against baseline/ --tolerance auc=0.01 --tolerance test.loss=5%
  seqrun check @latest --against imdb_lstm --tolerances limits.yaml --junit check.xml --summary check.md"""
)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=completing.runs)
@click.option(
    "--against",
    multiple=True,
    metavar="BASELINE",
    shell_complete=completing.runs,
    help="A run, an experiment's name (all its runs), or a metrics.json. Repeatable: repeats, whose mean counts.",
)
@click.option(
    "--tolerance",
    "tolerances",
    multiple=True,
    metavar="M=X",
    shell_complete=completing.tolerances,
    help="How much worse than the baseline a metric may be: auc=0.01, validation.loss=5%. Repeatable.",
)
@click.option(
    "--tolerances",
    "file",
    type=click.Path(path_type=Path),
    metavar="FILE.yaml",
    help="Limits: auc: 0.01, test.loss: 5%, accuracy: {at_least: 0.9}, seconds: {at_most: 60}.",
)
@click.option("--two-sided", is_flag=True, help="A change for the better counts as one for the worse.")
@click.option("--junit", type=file_option, metavar="FILE.xml", help="Write the checks as JUnit XML.")
@click.option("--summary", type=file_option, metavar="FILE.md", help="Write the checks as Markdown.")
@json_option
def command(
    runs: tuple[str, ...],
    against: tuple[str, ...],
    tolerances: tuple[str, ...],
    file: Path | None,
    two_sided: bool,
    junit: Path | None,
    summary: Path | None,
    as_json: bool,
) -> None:
    """Check that a run is no worse than a baseline, or reaches what it must: a gate for CI.

    Several runs are repeats of one config, and their mean is checked. A metric's limit counts in its bad direction
    alone. Figures are metrics (auc means test.auc), skill, parameters, epochs and seconds (of training).

    Beside each tolerance stands whether the difference is more than chance (better, worse, a tie or too few runs), over
    seeds of several runs, else over the test samples of two. It decides nothing: the exit code is by the limits alone.

    Exit codes: 0 all limits hold; 1 one does not, or the run lacks the figure; 2 nothing can be told: a metric that
    there is not, unequal test data.
    """
    limits = _limits(tolerances, file, two_sided=two_sided)
    run = to_check(runs)
    checked = check(run, baseline(against, run) if against else None, limits)
    _write(checked, junit, summary)
    if as_json:
        print_json(_everything(checked))
    else:
        _print(checked)
    for note in checked.notes:
        click.echo(printable(f"note: {note}"), err=True)
    sys.exit(1 if checked.failed else 0)


def _limits(tolerances: Sequence[str], file: Path | None, *, two_sided: bool) -> list[Limit]:
    found = [read_tolerance(word, two_sided=two_sided) for word in tolerances]
    if file is not None:
        from seqrun.comparing.checking.limits_file import read_limits

        found += read_limits(file, two_sided=two_sided)
    return found


def _write(checked: Checked, junit_file: Path | None, summary_file: Path | None) -> None:
    if junit_file is not None:
        from seqrun.comparing.checking.junit import junit

        write_output(junit_file, junit(checked))
    if summary_file is not None:
        from seqrun.comparing.checking.table import summary

        write_output(summary_file, printable(summary(checked)).encode())


def _everything(checked: Checked) -> dict[str, object]:
    return {
        "passed": not checked.failed,
        "runs": [run.path for run in checked.run.runs],
        "against": [run.path for run in checked.against.runs] if checked.against else [],
        "checks": [each.record() for each in checked.checks],
        "notes": checked.notes,
    }


def _print(checked: Checked) -> None:
    from seqrun.comparing.checking.table import NUMERIC, conclusion, headers, rows
    from seqrun.console import print_fitting

    print_fitting(headers(checked), rows(checked), numeric=NUMERIC)
    click.echo()
    for failed in checked.failed:
        click.echo(printable(f"{failed.limit.figure}: {failed.reason}"))
    click.echo(printable(conclusion(checked)))
