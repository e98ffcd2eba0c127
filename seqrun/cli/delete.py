"""`seqrun delete`: runs into the trash, and out of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from seqrun.cli import completing
from seqrun.cli.options import json_option, print_json, tag_option
from seqrun.comparing.choosing import Choice
from seqrun.errors import UsageError
from seqrun.readable import counted, printable, size
from seqrun.rundir import lock, trash
from seqrun.rundir.names import find_run, is_store
from seqrun.rundir.reading import RunRecord, read_run
from seqrun.rundir.record_shape import STATUSES

UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def _age(context: click.Context, parameter: click.Parameter, given: str | None) -> timedelta | None:
    """Return a span such as 30d; raise BadParameter for anything else."""
    if given is None:
        return None
    match = re.fullmatch(rf"(\d{{1,6}})([{''.join(UNITS)}])", given)
    if match is None:
        raise click.BadParameter(f"{given!r} is no span of time such as 12h, 30d or 8w (hours, days, weeks)")
    return timedelta(**{UNITS[match[2]]: int(match[1])})


@click.command(
    cls=completing.DashedValues,
    epilog="""\b
Examples:
  seqrun delete runs/20261122-041530_imdb_lstm
  seqrun delete runs/* --older-than 30d --tag -good --dry-run
  seqrun delete runs/* --keep-best auc --keep 3
  seqrun delete --restore runs/20261122-041530_imdb_lstm
  seqrun delete --empty-trash""",
)
@click.argument("runs", metavar="RUN...", nargs=-1, type=click.Path(path_type=Path), shell_complete=completing.runs)
@click.option("--older-than", metavar="30d", callback=_age, help="Runs that ended so long ago: 12h, 30d, 8w.")
@click.option(
    "--status", "statuses", type=click.Choice(STATUSES[1:]), multiple=True, help="Of this status. Repeatable."
)
@tag_option
@click.option(
    "--keep-best",
    metavar="M",
    shell_complete=completing.metrics,
    help="All but the best by a metric (auc, validation.loss...), on each test set.",
)
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Of --keep-best: how many. By default 1.")
@click.option("--restore", "restoring", is_flag=True, help="Move the runs back from the trash.")
@click.option("--empty-trash", "emptying", is_flag=True, help="Remove for ever what is in the trash. Asks first.")
@click.option(
    "--runs-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("runs"),
    show_default=True,
    help="Of --empty-trash: the folder of runs.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be moved or removed, with sizes, and do nothing.")
@click.option("--yes", is_flag=True, help="Of --empty-trash: do not ask.")
@json_option
def command(
    runs: tuple[Path, ...],
    restoring: bool,
    emptying: bool,
    runs_dir: Path,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Move runs to the trash, a folder .trash beside them, from where they can be moved back.

    Options that choose among the RUNs hold together: --older-than 30d --status failed are failed runs of the last
    month and before. A run that is going on is never moved. What is not a run is skipped.
    """
    choice = Choice(**options)
    _check(runs, restoring, emptying, choice)
    if restoring:
        for run in runs:
            click.echo(printable(str(trash.restore(run))))
        return
    if emptying:
        _empty(runs_dir, dry_run, yes, as_json)
        return
    chosen = _chosen(runs, choice)
    rows = [_row(run) for run in chosen]
    if dry_run:
        _print(rows, as_json)
        _tell(f"would move {_many(rows)} to the trash; nothing was moved")
        return
    moved: list[Path] = []
    try:
        for run in chosen:
            moved.append(trash.move_to_trash(run))
    finally:
        _print(rows[: len(moved)], as_json)
        _tell_of_moved(chosen, moved, rows)


def _tell_of_moved(chosen: Sequence[Path], moved: Sequence[Path], rows: Sequence[dict[str, Any]]) -> None:
    if not moved:
        _tell("nothing was moved" if chosen else "nothing was moved: no run is left by these options")
        return
    folders = ", ".join(dict.fromkeys(_short(path.parent) for path in moved))
    back = chosen[0] if moved[0].name == chosen[0].name else _short(moved[0])
    _tell(f"moved {_many(rows[: len(moved)])} to {folders}; back: seqrun delete --restore {back}")


def _many(rows: Sequence[dict[str, Any]]) -> str:
    return f"{counted(len(rows), 'run')} ({size(sum(row['bytes'] for row in rows))})"


def _check(runs: Sequence[Path], restoring: bool, emptying: bool, choice: Choice) -> None:
    """Raise UsageError for options that have no meaning together."""
    if restoring and emptying:
        raise UsageError("--restore moves runs back, --empty-trash removes them: give one of the two")
    if emptying and runs:
        raise UsageError("--empty-trash removes all that is in the trash of --runs-dir; it takes no RUN")
    if not emptying and not runs:
        raise UsageError("no run is given, as in seqrun delete runs/20261122-041530_imdb_lstm")
    if choice and (restoring or emptying):
        raise UsageError(
            "--older-than, --status, --tag and --keep-best choose what is moved to the trash, nothing else"
        )
    if choice.keep is not None and choice.keep_best is None:
        raise UsageError("--keep says how many --keep-best M leaves; give the metric, too")


def _chosen(given: Iterable[Path], choice: Choice) -> list[Path]:
    """Return the runs to move, each once; what is no run is skipped with a note.

    Raises UsageError if a path does not exist, no run is left, or a run is going on that is meant without a choice.
    """
    found: dict[Path, Path] = {}
    for path in given:
        path = path if path.exists() else find_run(path)
        if trash.is_run(path):
            trash.trash_of(path)
            found.setdefault(path.resolve(), path)
        elif not is_store(path):
            _tell(f"note: skipped {path}: no run")
    if not found:
        raise UsageError("there is no run to delete")
    runs = _matching(found.values(), choice) if choice else [*found.values()]
    going_on = [run for run in runs if lock.is_held(run)]
    if going_on and not choice:
        raise UsageError(
            f"{going_on[0]}: is still running; end it first (Ctrl-C, or kill its process). Nothing was moved"
        )
    for run in going_on:
        _tell(f"note: left where it is: {run}: is still running")
    return [run for run in runs if run not in going_on]


def _matching(paths: Iterable[Path], choice: Choice) -> list[Path]:
    """Return the paths of the runs that are meant; one that cannot be read is none of them, and told."""
    runs: list[RunRecord] = []
    for path in paths:
        try:
            runs.append(read_run(path))
        except UsageError as error:
            _tell(f"note: left where it is: {error}")
    return [run.path for run in choice.among(runs)]


def _empty(runs_dir: Path, dry_run: bool, yes: bool, as_json: bool) -> None:
    runs = trash.in_trash(runs_dir)
    rows = [_row(run) for run in runs]
    _print(rows, as_json)
    if dry_run or not runs:
        _tell(f"would remove {_many(rows)} for ever; nothing was removed" if runs else "the trash is empty")
        return
    if not yes:
        click.confirm(f"remove {_many(rows)} for ever?", abort=True, err=True)
    for run in runs:
        trash.remove_for_ever(run)
    _tell(f"removed {_many(rows)}")


def _row(run: Path) -> dict[str, Any]:
    try:
        status = read_run(run).status
    except UsageError:
        status = "damaged"
    return {"path": str(run), "status": status, "bytes": trash.folder_size(run)}


def _print(rows: Sequence[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
    elif rows:
        from seqrun.console import print_table

        cells = [(Path(row["path"]).name, row["status"], size(row["bytes"])) for row in rows]
        print_table(["run", "status", "size"], cells, numeric=["size"])


def _short(path: Path) -> str:
    """Return the path from the working directory if it lies below it."""
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _tell(text: str) -> None:
    click.echo(printable(text), err=True)
