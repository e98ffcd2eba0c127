"""`seqrun export`: a finished run's network as files that other programs load."""

from __future__ import annotations

from pathlib import Path

import click

from seqrun.cli import completing
from seqrun.cli.options import data_dir_option, json_option, no_cache_option, print_json, threads_option
from seqrun.export.formats import FORMATS
from seqrun.rundir.reading import read_run


@click.command(
    epilog="""\b
Examples:
  seqrun export runs/20261122-041530_imdb_lstm --format savedmodel
  seqrun export runs/20261122-041530_imdb_lstm --format onnx -o imdb_onnx"""
)
@click.argument("run", metavar="RUN", shell_complete=completing.runs)
@click.option("--format", "kind", type=click.Choice(FORMATS), required=True, help="What loads it.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="The folder to make; by default RUN/exports/FORMAT.",
)
@click.option("--overwrite", is_flag=True, help="Replace an export that is there already.")
@click.option("--allow-plugins", is_flag=True, help="Run the plugins that the run was trained with; they are code.")
@json_option
@data_dir_option
@no_cache_option
@threads_option
def command(
    run: str,
    kind: str,
    output: Path | None,
    overwrite: bool,
    allow_plugins: bool,
    as_json: bool,
    data_dir: Path | None,
    no_cache: bool,
    threads: int | None,
) -> None:
    """Write a run's network, made of Keras' own layers, with what makes its input of raw input and answers of its
    output.

    A SavedModel takes raw texts and numbers in original units itself. Beside the other formats input.json says how, and
    read_input.py, which needs NumPy alone, does it. What was written is loaded again, without seqrun, and its answers
    to the run's test split are compared with the run's own (parity.json); if they differ by more than 1e-4, nothing is
    left and the exit code is 1. Prints the folder. All is computed on the CPU.
    """
    from seqrun.cli.train import workshop
    from seqrun.components.locations import Locations
    from seqrun.console import show_warning
    from seqrun.export.exporting import default_path, export
    from seqrun.inference.saved import read_saved
    from seqrun.running.ending import shown
    from seqrun.running.recorded_data import recorded_sources

    found = read_run(run)
    saved = read_saved(found, allow_plugins=allow_plugins)
    if warning := saved.unfinished():
        show_warning(warning)
    path = output or default_path(saved, kind)
    with workshop("cpu", threads, found.path.parent, data_dir, not no_cache, "none") as shop:
        locations = Locations(data_dir, shop.emit, shop.cache, recorded_sources(found.record))
        exported = export(saved, locations, kind, path, overwrite=overwrite)
    told = exported.parity
    click.echo(
        f"{told['samples']:,} test samples: answers differ by at most {told['difference']:.3g} from {told['against']}",
        err=True,
    )
    if as_json:
        print_json({"path": shown(exported.path), "format": kind, **told})
    else:
        click.echo(shown(exported.path))
