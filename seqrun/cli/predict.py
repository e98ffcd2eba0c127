"""`seqrun predict`: new raw input through a finished run's network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import as_option, device_option, json_option, threads_option
from seqrun.cli.reading_options import in_options, reading_options
from seqrun.errors import DataError, InputError, UsageError
from seqrun.readable import printable
from seqrun.rundir.reading import read_run

if TYPE_CHECKING:
    from seqrun.inference.results import Results

MOST_ROWS = 10_000  # of a table on stdout; who wants more wants a file


@click.command(
    epilog="""\b
Examples:
  seqrun predict runs/20261122-041530_imdb_lstm --text "A film to remember." --text "Two hours of my life."
  seqrun predict runs/20261122-041530_imdb_lstm --input reviews.csv --column review -o predictions.csv
  seqrun predict runs/20261122-093000_load --input load.csv -o forecast.csv
  seqrun predict runs/20261122-093000_load --input other.csv --delimiter ';' --decimal , -o forecast.parquet
  seqrun predict runs/20261122-110000_tagger --text "Mrs Hill lives in York ."
  seqrun predict runs/20261122-120000_gestures --input new.npz --column x -o classes.csv
\b
An autoencoder's run, with digits in the file mnist.npz:
  seqrun predict runs/20261122-140000_mnist_vae --input mnist.npz --column x_test
  seqrun predict runs/20261122-140000_mnist_vae --encode --input mnist.npz --column x_test -o codes.npy
  seqrun predict runs/20261122-140000_mnist_vae --decode --input codes.npy -o digits.npy
  seqrun predict runs/20261122-140000_mnist_vae --sample 16 --seed 1 -o new_digits.npy"""
)
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option(
    "--text",
    "texts",
    multiple=True,
    metavar="T",
    help="A text to classify, or words to tag, with blanks between them. Repeatable.",
)
@click.option(
    "--input",
    "path",
    type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path),
    help="Texts: .txt (one a line), .csv, .tsv, .jsonl, .parquet, or - (standard input, one a line, or, with --column, "
    "CSV); words to tag also .conll or .conllu (one a line, a blank line after each sentence). Series: .csv, .tsv, "
    ".parquet, or - (CSV), with the run's columns. Samples of numbers: .npy or .npz of (samples, time, features) in "
    "original units; .parquet with the run's columns if it was trained on Parquet. Token ids: .npy or .npz of "
    "(samples, time).",
)
@click.option(
    "--column", help="The input's column that holds the texts, by default the run's own; a .npz file's array."
)
@click.option(
    "--threshold",
    metavar="P|chosen",
    help="Of two classes, predict the second from this probability on; chosen: the one that the run chose on "
    "validation. By default above 0.5. Of several labels, predict each from this probability on, in place of its own "
    "threshold, which the run chose on validation.",
)
@click.option("--encode", is_flag=True, help="With an autoencoder: the code of each sample of the input.")
@click.option(
    "--decode",
    is_flag=True,
    help="With an autoencoder: the sample behind each code of the input (.npy, .npz, or the .csv or .parquet of "
    "--encode), always at the network's full length, for a code does not say how long its sample was.",
)
@click.option(
    "--reconstruct",
    is_flag=True,
    help="With an autoencoder: encode and decode, and say which samples are anomalous. The default with --input.",
)
@click.option("--sample", type=click.IntRange(min=1), metavar="N", help="With an autoencoder: N random new samples.")
@click.option("--seed", type=click.IntRange(min=0), metavar="S", help="Of --sample: what is drawn. By default 0.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write to this file (.csv, .json, .jsonl, .parquet, .npy, .npz), in full, not to stdout, where a table has "
    f"{MOST_ROWS:,} rows at most.",
)
@reading_options
@device_option
@threads_option
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
@json_option
def command(run: str, device: str, threads: int | None, allow_plugins: bool, as_json: bool, **options: Any) -> None:
    """Predict with a finished run: the class or the labels of new samples, the tag of each of their steps, what follows
    the end of a series, or what an autoencoder makes of them.

    Texts go through the run's own vocabulary; numbers are read and given in their original units. Of a series the last
    rows, as many as the run's window has, are read, and the forecast comes with the run's prediction intervals. Samples
    are told apart by their rows, from 0, or, of a Parquet file, by what its own column calls them.
    """
    with naming_options():
        _predict(run, device, threads, allow_plugins, as_json, options)


def _print(results: Results) -> None:
    from seqrun.console import print_table

    rows = zip(*results.shown.values(), strict=True)
    print_table([*results.shown], islice(rows, MOST_ROWS), numeric=results.numeric)
    count = max(map(len, results.shown.values()), default=0)
    if count > MOST_ROWS:
        click.echo(f"the first {MOST_ROWS:,} of {count:,} rows; -o FILE.csv writes all", err=True)


@contextmanager
def naming_options() -> Iterator[None]:
    """Reword an error of the block: where the API has parameters or a config settings, it names options."""
    try:
        yield
    except InputError as error:
        raise UsageError(error.worded(as_option)) from error
    except DataError as error:
        raise DataError(in_options(str(error))) from error


def _predict(
    run: str, device: str, threads: int | None, allow_plugins: bool, as_json: bool, options: Mapping[str, Any]
) -> None:
    from seqrun.api.asking import answer
    from seqrun.console import show_warning
    from seqrun.inference.request import Request
    from seqrun.inference.results import check_output
    from seqrun.inference.saved import read_saved
    from seqrun.machine.device import select_device

    request = Request.of(**options)
    if request.output is not None:
        if as_json:
            raise UsageError("--json prints and -o writes: give one of the two (-o FILE.json writes the same)")
        check_output(request.output, request.path)
    saved = read_saved(read_run(run), allow_plugins=allow_plugins)
    results = answer(
        saved, request, lambda text: show_warning(in_options(text)), lambda: select_device(device, threads)
    )
    if request.output is not None:
        click.echo(results.write(request.output), err=True)
    elif as_json:
        click.echo(printable(results.as_json()), nl=False)
    else:
        _print(results)
    if results.summary is not None:
        click.echo(results.summary, err=True)
