"""`seqrun evaluate`: a finished run measured again, on its own data or on a file of new, labelled samples."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import (
    data_dir_option,
    device_option,
    json_option,
    no_cache_option,
    print_json,
    threads_option,
)
from seqrun.cli.predict import naming_options
from seqrun.cli.reading_options import OPTIONS, in_options, reading_options
from seqrun.rundir.reading import read_run

if TYPE_CHECKING:
    from seqrun.inference.evaluation import Evaluation
    from seqrun.inference.saved import SavedRun


@click.command(
    epilog="""\b
Examples:
  seqrun evaluate runs/20261122-041530_imdb_lstm
  seqrun evaluate runs/20261122-041530_imdb_lstm --split validation --json
  seqrun evaluate runs/20261122-041530_imdb_lstm --input reviews.csv --column review --label sentiment
  seqrun evaluate runs/20261122-093000_load --input load_2025.csv -o forecasts.parquet"""
)
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option(
    "--split", type=click.Choice(["train", "validation", "test"]), help="Of the run's own data; default: test."
)
@click.option(
    "--input",
    "path",
    type=click.Path(exists=True, allow_dash=True, path_type=Path),
    help="New samples with their labels, in a file (or, of texts, a folder) as the run's own data are; - is the "
    "standard input, as CSV (of tagged words, CoNLL).",
)
@click.option(
    "--column", help="The input's column that holds the texts, by default the run's own; a .npz file's array."
)
@click.option("--label", help="The input's column (or array) that holds the labels, by default the run's own.")
@click.option("--name", help="What the evaluation is called; default: the split, or the input's name without ending.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write each sample with its label and what is predicted (.csv, .json, .jsonl, .parquet, .npy, .npz).",
)
@json_option
@reading_options
@data_dir_option
@no_cache_option
@device_option
@threads_option
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
def command(
    run: str,
    output: Path | None,
    as_json: bool,
    data_dir: Path | None,
    no_cache: bool,
    device: str,
    threads: int | None,
    allow_plugins: bool,
    **options: Any,
) -> None:
    """Measure a finished run again, with its own weights, thresholds and intervals: on a split of its own data, or on
    a file of new, labelled samples, which is read as they were.

    On test the metrics are those that training gave. Metrics, predictions and plots are kept in RUN/evaluations/NAME;
    an evaluation of the same name is replaced if it is of the same data, else the new one's name gets a number. Exit
    code 4: the data cannot be had.
    """
    with naming_options():
        saved, found = _evaluated(run, options, device, threads, allow_plugins, data_dir, cached=not no_cache)
        if output is not None:
            from seqrun.inference.evaluated_rows import rows_of

            click.echo(rows_of(saved, found).write(output), err=True)
    if as_json:
        print_json(_everything(saved, found))
    else:
        _print(saved, found)


def _evaluated(
    run: str,
    options: Mapping[str, Any],
    device: str,
    threads: int | None,
    allow_plugins: bool,
    data_dir: Path | None,
    *,
    cached: bool,
) -> tuple[SavedRun, Evaluation]:
    from seqrun.console import progress
    from seqrun.datasets.files.prepared import prepared_folder
    from seqrun.events.events import Event, Warned
    from seqrun.inference.evaluation import Evaluated, evaluate
    from seqrun.inference.results import check_output
    from seqrun.inference.saved import read_saved
    from seqrun.machine.device import select_device

    reading = {name: options[name] for name in OPTIONS if options[name] not in (None, ())}
    wanted = Evaluated(**{name: value for name, value in options.items() if name not in OPTIONS}, reading=reading)
    wanted.check()
    output = click.get_current_context().params["output"]
    if output is not None:
        check_output(output, wanted.path)
    saved = read_saved(read_run(run), allow_plugins=allow_plugins)
    select_device(device, threads)
    with progress("plain") as emit:

        def tell(event: Event) -> None:
            emit(Warned(in_options(event.text)) if isinstance(event, Warned) else event)

        cache = prepared_folder() if cached else None
        return saved, evaluate(saved, wanted, data_dir=data_dir, cache=cache, emit=tell)


def _everything(saved: SavedRun, found: Evaluation) -> dict[str, Any]:
    return {
        "run": saved.run.path,
        "name": found.name,
        "path": found.path,
        "data": found.data,
        **found.results(),
        "recorded": found.recorded,
        "warnings": found.warnings,
    }


def _print(saved: SavedRun, found: Evaluation) -> None:
    from seqrun.comparing.evaluations import sections
    from seqrun.console import print_table

    for number, section in enumerate(sections(saved.run, found.name, found.results(), found.recorded)):
        if number:
            click.echo()
        print_table(section.headers, section.rows, numeric=section.numeric)
