"""What a finished run is good for, family by family: the largest difference wherever its network is used.

    python -m benchmarks.families [--shipped] [--fresh] [--only WORD] [--output FILE.md|FILE.json]

Each family is trained, loaded through the API, evaluated (against what training measured), exported in every format
(by its own check; then asked raw input by a program without seqrun, against `run.predict`) and served (against the
same). `--shipped`: every config in configs/, an epoch on a few samples, exported. `--fresh`: SavedModel and ONNX file
in virtual environments that hold TensorFlow alone, and NumPy and onnxruntime alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import seqrun
from benchmarks.asking import served
from benchmarks.cases import ROOT
from benchmarks.data import data_folder
from benchmarks.exporting import FORMATS, NO_DROPOUT, export, table, used
from benchmarks.family_cases import FAMILIES, SMOKE, Family, raw_of
from benchmarks.fresh import fresh_environments
from benchmarks.rounds import QUIET

Row = dict[str, Any]  # column -> a difference, or why there is none
FEW = {"trainer.epochs": 1, "dataset.limit": 200, "trainer.steps_per_epoch": 2}
FRESH = (  # a family of each kind of raw input and of answers
    "texts, recurrent",
    "numbers, of unequal length",
    "forecast, direct, with a calendar",
    "forecast of many series",
    "variational autoencoder",
    "tagger",
)


def trained(family: Family, folder: Path) -> seqrun.Run:
    """A run of the family, trained, and loaded again."""
    settings = {"trainer.epochs": 2, **family.settings, **family.prepare(folder)}
    run = seqrun.train(SMOKE / f"{family.config}.yaml", set=settings, runs_dir=folder, progress="none", name="family")
    return seqrun.load(run.path)


def evaluated(run: seqrun.Run) -> float:
    """The largest difference of its test metrics, measured again, from those of training."""
    found, known = run.evaluate().metrics, run.metrics["test"]
    numbers = {name: value for name, value in known.items() if isinstance(value, float)}
    return max(abs(found[name] - value) for name, value in numbers.items())


def predicted(run: seqrun.Run, given: Any) -> tuple[Any, dict[str, Any]]:
    """What `run.predict` gives, as a table and as arrays; that long texts are cut is known."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return run.predict(given), run.predict(given, arrays=True)


def family_row(family: Family, folder: Path) -> Row:
    """All columns of a family."""
    run, given = trained(family, folder), family.given()
    row: Row = {"evaluate": evaluated(run)}
    shown, arrays = predicted(run, given)
    for kind in FORMATS:
        exported = folder / kind
        row[kind] = row[f"{kind}, used"] = export(run.path, kind, exported)
        if isinstance(row[kind], float):
            raw = raw_of(given, json.loads((exported / "input.json").read_text("utf-8")))
            row[f"{kind}, used"] = NO_DROPOUT if "mc_dropout" in family.config else used(exported, raw, arrays, folder)
    return row | served(run.path, given, shown, arrays)


def row_or_failure(make: Callable[..., Row], *given: Any) -> Row:
    """A row; of one that failed why, so that the others are made all the same."""
    try:
        return make(*given)
    except Exception as error:
        traceback.print_exception(error)
        return {"failed": f"{type(error).__name__}: {error}"}


def family_rows(only: str) -> Iterator[tuple[str, Row]]:
    for name, family in FAMILIES.items():
        if only in name:
            with TemporaryDirectory() as folder:
                yield name, row_or_failure(family_row, family, Path(folder))


def shipped_rows(only: str) -> Iterator[tuple[str, Row]]:
    """Every shipped config, on the published data where SEQRUN_DATA_DIR has them, else on generated ones."""
    with TemporaryDirectory() as scratch:
        given = os.environ.get("SEQRUN_DATA_DIR")
        kinds = data_folder(Path(given) if given else None, data_dir := Path(scratch) / "data")
        print(kinds, file=sys.stderr)
        for config in sorted((ROOT / "configs").glob("*.yaml")):
            if only in config.stem:
                yield config.stem, row_or_failure(shipped_row, config, data_dir, Path(scratch) / config.stem)


def shipped_row(config: Path, data_dir: Path, folder: Path) -> Row:
    jena = {"dataset.splits": [0.6, 0.2, 0.2]} if config.stem.startswith("jena") else {}  # generated, it is shorter
    run = seqrun.train(config, set=FEW | jena, runs_dir=folder, data_dir=data_dir, progress="none")
    return {kind: export(run.path, kind, folder / kind, data_dir) for kind in FORMATS}


def fresh_rows(only: str) -> Iterator[tuple[str, Row]]:
    """SavedModels and ONNX files of some families in environments of their own."""
    with TemporaryDirectory() as scratch, fresh_environments(Path(scratch)) as pythons:
        for name in (name for name in FRESH if only in name):
            with TemporaryDirectory() as folder:
                yield name, row_or_failure(fresh_row, FAMILIES[name], Path(folder), pythons)


def fresh_row(family: Family, folder: Path, pythons: dict[str, Any]) -> Row:
    run, given = trained(family, folder), family.given()
    _, arrays = predicted(run, given)
    row: Row = {}
    for kind, python in pythons.items():
        row[kind] = export(run.path, kind, folder / kind)
        if isinstance(row[kind], float):
            raw = raw_of(given, json.loads((folder / kind / "input.json").read_text("utf-8")))
            row[kind] = used(folder / kind, raw, arrays, folder, python.path)
    return {f"{kind} ({pythons[kind].holds})": cell for kind, cell in row.items()}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.families", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--shipped", action="store_true", help="all configs in configs/ instead, exported")
    parser.add_argument("--fresh", action="store_true", help="exports in fresh virtual environments instead")
    parser.add_argument("--only", default="", metavar="WORD", help="those whose name has this in it")
    parser.add_argument("--output", type=Path, help="a file .md or .json for the table")
    arguments = parser.parse_args()
    os.environ |= QUIET
    of: Callable[[str], Iterator[tuple[str, Row]]] = family_rows
    of = shipped_rows if arguments.shipped else fresh_rows if arguments.fresh else of
    rows = {}
    for name, row in of(arguments.only):
        rows[name] = row
        print(f"{name}: {json.dumps(row)}", file=sys.stderr, flush=True)
        if arguments.output:
            as_json = arguments.output.suffix == ".json"
            arguments.output.write_text(json.dumps(rows, indent=1) if as_json else table(rows) + "\n")
    print(table(rows))


if __name__ == "__main__":
    main()
