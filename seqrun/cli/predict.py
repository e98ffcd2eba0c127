"""`seqrun predict`: new raw input through a finished run's network."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seqrun.cli.options import device_option
from seqrun.errors import UsageError
from seqrun.rundir.reading import read_run
from seqrun.splits import SeriesTarget

if TYPE_CHECKING:
    from seqrun.inference.results import Results
    from seqrun.inference.saved import SavedRun


@click.command(
    epilog="""\b
Examples:
  seqrun predict runs/20261122-041530_imdb_lstm --text "A film to remember." --text "Two hours of my life."
  seqrun predict runs/20261122-041530_imdb_lstm --input reviews.csv --column review -o predictions.csv
  seqrun predict runs/20261122-093000_load --input load.csv -o forecast.csv"""
)
@click.argument("run", metavar="RUN")
@click.option("--text", "texts", multiple=True, metavar="T", help="A text to classify. Repeatable.")
@click.option(
    "--input",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Texts: .txt (one a line), .csv, .tsv, .jsonl, .parquet, or - (standard input, one a line). Series: .csv or "
    ".parquet with the run's columns. Arrays: .npy, (samples, time) token ids or (samples, time, features) values.",
)
@click.option("--column", help="The input's column that holds the texts; by default the run's own.")
@click.option(
    "--threshold",
    metavar="P|chosen",
    help="Of two classes, predict the second from this probability on; chosen: the one that the run chose on "
    "validation. By default above 0.5.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file (.csv, .jsonl, .npz), in full, not to stdout.",
)
@device_option
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
def command(
    run: str,
    texts: tuple[str, ...],
    path: Path | None,
    column: str | None,
    threshold: str | None,
    output: Path | None,
    device: str,
    allow_plugins: bool,
) -> None:
    """Predict with a finished run: the class of new texts, or what follows the end of a series.

    Texts go through the run's own vocabulary. Of a series the last rows, as many as the run's window has, are read in
    its columns' own units, and so is the forecast printed, with the run's prediction intervals.
    """
    if bool(texts) == (path is not None):
        raise UsageError("give either --text (as often as you like) or --input FILE")
    from seqrun.console import print_table
    from seqrun.inference.results import check_output
    from seqrun.inference.saved import read_saved

    if output is not None:
        check_output(output)
    saved = read_saved(read_run(run), allow_plugins=allow_plugins)
    if isinstance(saved.spec.target, SeriesTarget):
        options = {"--text": texts, "--column": column, "--threshold": threshold}
        _refuse(saved, [name for name, value in options.items() if value])
        results = _forecast(saved, path, device)
    else:
        results = _classify(saved, texts, path, column, threshold, device)
    if output is not None:
        results.write(output)
    else:
        print_table([*results.shown], zip(*results.shown.values(), strict=True), numeric=results.numeric)


def _refuse(saved: SavedRun, options: Sequence[str]) -> None:
    if options:
        raise UsageError(f"{options[0]} is for runs that classify, and {saved.run.path} forecasts; give --input FILE")


def _classify(
    saved: SavedRun, texts: Sequence[str], path: Path | None, column: str | None, threshold: str | None, device: str
) -> Results:
    from seqrun.console import show_warning
    from seqrun.device import select_device
    from seqrun.inference.classes import classify, read_threshold
    from seqrun.inference.samples import given_texts, read_samples

    limit = read_threshold(saved, threshold)
    samples = given_texts(saved, texts) if path is None else read_samples(saved, path, column)
    for warning in samples.warnings:
        show_warning(warning)
    select_device(device)
    return classify(saved, samples, limit)


def _forecast(saved: SavedRun, path: Path, device: str) -> Results:
    from seqrun.console import show_warning
    from seqrun.device import select_device
    from seqrun.inference.forecasts import forecast
    from seqrun.inference.new_series import read_series

    series = read_series(saved, path)
    for warning in series.warnings:
        show_warning(warning)
    select_device(device)
    return forecast(saved, series)
