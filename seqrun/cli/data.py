"""`seqrun data`: fetches and prepares a dataset ahead of time."""

from __future__ import annotations

from pathlib import Path
from typing import Any, get_args

import click

from seqrun import readable
from seqrun.cli import completing
from seqrun.cli.options import data_dir_option, json_option, no_cache_option, print_json
from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.components.splits import Splits, Windows
from seqrun.config.plugins import installed_registries
from seqrun.datasets.files.prepared import clear, prepared_folder, programs_folder
from seqrun.datasets.files.sources import Pin
from seqrun.errors import UsageError


@click.command(
    epilog="""\b
Examples:
  seqrun data imdb
  seqrun data --clear-cache
  seqrun data imdb --data-dir ~/data --source data_dir"""
)
@click.argument("name", required=False, shell_complete=completing.datasets)
@data_dir_option
@no_cache_option
@click.option("--source", type=click.Choice(get_args(Pin)), help="The one place to take it from.")
@click.option("--clear-cache", "clearing", is_flag=True, help="Remove all prepared data and compiled programs.")
@json_option
def command(
    name: str | None, data_dir: Path | None, no_cache: bool, source: str | None, clearing: bool, as_json: bool
) -> None:
    """Fetch and prepare the dataset NAME, with the settings that it has by default.

    Prints where it came from, and the samples of each split. What takes long to prepare is kept in the cache, for
    runs with the same settings. Exit code 4: it cannot be had.
    """
    if clearing:
        count, size = clear(prepared_folder())
        clear(programs_folder())
        datasets = f"{count} prepared dataset{'s' * (count != 1)}"
        if as_json and name is None:
            print_json({"removed": count, "bytes": size})
        else:
            click.echo(f"removed {datasets} ({readable.size(size)})", err=name is not None)
    if name is not None:
        _prepare(_dataset(name, source), data_dir, None if no_cache else prepared_folder(), as_json)
    elif not clearing:
        raise click.UsageError("Missing argument 'NAME'.")


def _prepare(dataset: Dataset, data_dir: Path | None, cache: Path | None, as_json: bool) -> None:
    from seqrun.console import print_table, progress, show_warning

    with progress() as emit:
        splits = dataset.load(Locations(data_dir, emit, cache))
    header, rows = _sizes(splits)
    if as_json:
        sizes = {name: dict(zip(header[1:], numbers, strict=True)) for name, *numbers in rows}
        print_json({"sources": splits.sources, "splits": sizes, "warnings": splits.warnings})
        return
    if splits.sources:
        print_table(["source", "path", "sha256"], [(s.kind, str(s.path), s.sha256) for s in splits.sources])
        click.echo()
    print_table(header, [[name, *(f"{number:,}" for number in numbers)] for name, *numbers in rows], numeric=header[1:])
    for warning in splits.warnings:
        show_warning(warning)


def _dataset(name: str, source: str | None) -> Dataset:
    """Return the dataset with its default settings.

    Raises UsageError for an unknown name, a dataset with required settings, and a source that it does not have.
    """
    dataset = installed_registries()["dataset"].get(name)
    if not issubclass(dataset, Dataset):
        raise TypeError(f"{name} is registered as a dataset, but {dataset.__name__} is none")
    needs = [key for key, field in dataset.model_fields.items() if field.is_required() and key != "name"]
    if needs:
        needed = ", ".join(f"dataset.{key}" for key in needs)
        raise UsageError(f"{name} has nothing to fetch ahead: a config names its files ({needed})")
    if source == "path":
        raise UsageError("--source path is for a config, which names the file (dataset.path); name another place")
    if source is not None and "source" not in dataset.model_fields:
        raise UsageError(f"{name} comes from one place only, so --source has no meaning")
    return dataset.model_validate({"name": name} if source is None else {"name": name, "source": source})


def _sizes(splits: Splits) -> tuple[list[str], list[list[Any]]]:
    """Return a table's header and rows: each split's samples in all and by class, or the rows of its series."""
    named = {name: getattr(splits, name) for name in ("train", "validation", "test")}
    if isinstance(splits.train, Windows):
        counts = [[len(split), sum(past - first for first, past in split.segments)] for split in named.values()]
        header = ["split", "windows", "rows"]
    else:
        labelled = {name: splits.spec.target.counts(split.targets) for name, split in named.items()}
        counts = [[len(split), *labelled[name].values()] for name, split in named.items()]
        header = ["split", "samples", *labelled["train"]]
    return header, [[name, *row] for name, row in zip(named, counts, strict=True)]
