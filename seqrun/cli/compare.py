"""`seqrun compare`: many runs side by side."""

from __future__ import annotations

import contextlib
import gc
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from seqrun.api.comparing import compared
from seqrun.cli import completing
from seqrun.cli.options import (
    against_option,
    all_option,
    by_option,
    json_option,
    metric_option,
    smallest_option,
    tag_option,
    write_output,
)
from seqrun.comparing import formats
from seqrun.comparing.comparison import ALIASES, COLUMNS
from seqrun.comparing.formats import Grid
from seqrun.comparing.table import Comparison
from seqrun.errors import UsageError
from seqrun.readable import printable
from seqrun.rundir.reading import RunRecord
from seqrun.rundir.several import read_runs, without_collections

T = TypeVar("T")
Writers = Mapping[str, Callable[[T], str]]  # by format, for programs

FORMATS = {".txt": "table", ".md": "md", ".csv": "csv", ".json": "json"}  # file name's ending -> format

file_option = click.Path(dir_okay=False, path_type=Path)


@click.command(
    cls=completing.DashedValues,
    epilog="""\b
Examples:
  seqrun compare runs/*
  seqrun compare runs/* --metric auc --metric validation.loss --sort auc -o results.md
  seqrun compare runs/* --tag good --tag -draft
  seqrun compare runs/* --against imdb_lstm --smallest 0.005
  seqrun compare runs/* --metric accuracy --by length""",
)
@click.argument("runs", metavar="RUN...", nargs=-1, required=True, shell_complete=completing.runs)
@metric_option
@click.option(
    "--sort",
    metavar="M",
    shell_complete=completing.sortable,
    help=f"Best first by a metric, or by {', '.join([*COLUMNS, *ALIASES])}; -M: worst first. Default: first metric.",
)
@against_option
@smallest_option
@by_option
@tag_option
@all_option
@click.option(
    "--format", "form", type=click.Choice([*FORMATS.values()]), help="By default what -o's name says, else table."
)
@json_option
@click.option("-o", "--output", type=file_option, help="Write to this file, not to stdout.")
@click.option("--plot", type=file_option, help="Draw the runs into this file too (.png, .svg, .pdf).")
def command(
    runs: tuple[str, ...],
    metrics: tuple[str, ...],
    sort: str | None,
    against: str | None,
    smallest: float | None,
    by: str | None,
    tags: tuple[str, ...],
    all_runs: bool,
    form: str | None,
    as_json: bool,
    output: Path | None,
    plot: Path | None,
) -> None:
    """Compare runs: their metrics at the best epoch, and what differs in their configs.

    Repeats of one config with several seeds are one row: mean ± standard deviation (runs). Of runs that have not
    finished it shows validation metrics so far. What is not a run is skipped.

    Each row has a verdict against the best, or --against another, by the metric that sorts them: better, worse, tie or
    too few runs, with about how many more would tell. It is over seeds, from repeats; where one side is a single run,
    it is over test items, and says nothing of other seeds.

    --by shows a metric on slices of the test split instead: with the interval over the test items of one run, or
    mean ± standard deviation of repeats.

    The column training is what all epochs took, validation included; sort by it as time. Loading data, baselines and
    plots come on top: `seqrun show` has the whole run's time as well. Where more settings differ than fit into
    columns, config has what is not as in most of the runs.
    """
    how: dict[str, Any] = {"tags": tags, "all_runs": all_runs, "against": against, "smallest": smallest}
    with without_collections():
        comparison = compared(runs, _read, metrics, sort, **how, verdicts=by is None)
    if as_json and form not in (None, "json"):
        raise UsageError(f"--json and --format {form} are given; what is meant?")
    form = "json" if as_json else form or (FORMATS.get(output.suffix, "table") if output else "table")
    tables: Mapping[str, Grid]
    if by is None:
        tables = formats.grids(comparison) if plot or form in ("table", "md") else {}
        _show({"csv": formats.to_csv, "json": formats.to_json}, comparison, tables, form, output)
    else:
        tables = _show_slices(comparison, by, metrics, form, output)
    if plot is not None:
        _draw(comparison, plot)
    _tell_notes(comparison, tables)


def _draw(comparison: Comparison, plot: Path) -> None:
    from seqrun.comparing.plot import picture

    write_output(plot, picture(comparison, plot.suffix.lower()))


def _tell_notes(comparison: Comparison, tables: Mapping[str, Grid]) -> None:
    """Tell on stderr what a reader of the tables should know."""
    for name, cells in tables.items():
        if cells.usual is not None:
            _note(f"{name}: {cells.usual}" if len(tables) > 1 else cells.usual)
    for note in comparison.notes:
        _note(note)


def _show_slices(
    comparison: Comparison, by: str, metrics: Sequence[str], form: str, output: Path | None
) -> Mapping[str, Grid]:
    """Show the comparison by slices of its test sets; return its tables."""
    from seqrun.comparing.slices import formats as of_slices
    from seqrun.comparing.slices.slicing import compared

    found = compared(comparison, by, metrics)
    tables = of_slices.grids(found)
    _show({"csv": of_slices.to_csv, "json": of_slices.to_json}, found, tables, form, output)
    for note in found.notes:
        _note(note)
    return tables


def _show(writers: Writers[T], found: T, tables: Mapping[str, Grid], form: str, output: Path | None) -> None:
    """Print what was found, or write it to a file: tables for people, or all of it for programs."""
    if output is not None:
        write_output(output, printable(_as_text(writers, found, tables, form)).encode())
    elif form == "table":
        _print_tables(tables)
    else:
        click.echo(printable(_as_text(writers, found, tables, form)), nl=False)


def _as_text(writers: Writers[T], found: T, tables: Mapping[str, Grid], form: str) -> str:
    if form == "table":
        with contextlib.redirect_stdout(io.StringIO()) as out:
            _print_tables(tables)
        return out.getvalue()
    if form == "md":
        return formats.to_markdown(tables)
    return writers[form](found)


def _print_tables(tables: Mapping[str, Grid]) -> None:
    for number, (name, cells) in enumerate(tables.items()):
        if len(tables) > 1:
            head = printable(name)
            click.echo(("\n" if number else "") + (click.style(head, bold=True) if sys.stdout.isatty() else head))
        _print_table(cells)


def _print_table(cells: Grid) -> None:
    from seqrun.console import print_row_by_row, print_table

    if not sys.stdout.isatty() or cells.fits(shutil.get_terminal_size().columns):
        print_table(cells.headers, cells.rows, numeric=cells.numeric)
    else:
        print_row_by_row(cells.headers, cells.rows)  # too narrow: folded figures could not be read


def _read(names: Iterable[str | os.PathLike[str]]) -> list[RunRecord]:
    found = read_runs(names, _skipped)
    gc.freeze()  # they are kept until the process ends: to look for garbage in ten thousand takes seconds
    return found


def _skipped(reason: str) -> None:
    _note(f"skipped {reason}")


def _note(text: str) -> None:
    click.echo(printable(f"note: {text}"), err=True)
