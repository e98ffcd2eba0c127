"""A run's export in every format: how near it is to the run, by its own check and by a program without seqrun."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner

from benchmarks.cases import ROOT
from benchmarks.rounds import QUIET
from seqrun.cli import main

FORMATS = ("keras", "savedmodel", "onnx", "litert")
OUTSIDE = Path(__file__).with_name("outside.py")
NO_DROPOUT = "the run's are means over dropout, which an export has none of"


def ours() -> dict[str, str]:
    """The environment of a process that imports seqrun from here, and leaves a GPU alone."""
    return {**os.environ, **QUIET, "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])}


def export(run: Path, kind: str, to: Path, data_dir: Path | None = None) -> float | str:
    """Exports the run; the largest difference by its own check (parity.json), or why there is no export.

    The command runs in this process, which has TensorFlow; what it wrote it loads in another.
    """
    arguments = ["export", str(run), "--format", kind, "-o", str(to), "--json"]
    arguments += [] if data_dir is None else ["--data-dir", str(data_dir)]
    done = CliRunner().invoke(main, arguments)
    if done.exit_code:
        return last_line(done.stderr).removeprefix("error: ")
    return float(json.loads(done.stdout)["difference"])


def last_line(said: str) -> str:
    return (said.strip().splitlines() or ["it said nothing"])[-1]


def answers(python: str | Path, exported: Path, raw: Mapping[str, Any], folder: Path) -> dict[str, np.ndarray] | str:
    """What the export answers to raw input, asked by a program without seqrun; or the last words of that program."""
    given, found = folder / "input.json", folder / "answers.npz"
    given.write_text(json.dumps(raw))
    command = [str(python), "-I", str(OUTSIDE), str(exported), str(given), str(found)]
    done = subprocess.run(command, env={**os.environ, **QUIET}, capture_output=True, text=True)
    if done.returncode:
        return last_line(done.stderr)
    with np.load(found) as kept:
        return dict(kept)


def used(
    exported: Path, raw: Mapping[str, Any], wanted: Mapping[str, np.ndarray], folder: Path, python: str = sys.executable
) -> float | str:
    """The largest difference of what the export answers, asked without seqrun, from what `run.predict` gives."""
    found = answers(python, exported, raw, folder)
    return found if isinstance(found, str) else largest_of(found, wanted)


def largest_of(found: Mapping[str, np.ndarray], wanted: Mapping[str, np.ndarray]) -> float:
    """The largest difference of an export's answers from the arrays of `run.predict`."""
    given = dict(found)
    if "probabilities" in given:
        given["predictions"] = given.pop("probabilities")
        if wanted["predictions"].ndim == 1:  # of two classes the run gives the second's
            given["predictions"] = given["predictions"][:, 1]
    return max(difference(given[name], wanted[name]) for name in given.keys() & wanted.keys())


def difference(found: Any, wanted: Any) -> float:
    """The largest distance of two arrays; of numbers above 1, in proportion to the largest. Infinite if one lacks a
    number that the other has."""
    found, wanted = (np.asarray(values, np.float64) for values in (found, wanted))
    if found.shape != wanted.shape or not np.array_equal(np.isnan(found), np.isnan(wanted)):
        return float("inf")
    scale = max(1.0, float(np.nanmax(np.abs(wanted), initial=0.0)))
    return float(np.nanmax(np.abs(found - wanted), initial=0.0)) / scale


def shown(cell: float | str | None) -> str:
    """A difference, or in words why there is none."""
    if cell is None:
        return ""
    return cell.replace("|", "\\|") if isinstance(cell, str) else f"{cell:.1e}" if cell else "0"


def table(rows: Mapping[str, Mapping[str, float | str | None]]) -> str:
    """A table in Markdown, a row a family; reasons in words are notes below it."""
    columns: Sequence[str] = [*dict.fromkeys(column for row in rows.values() for column in row)]
    notes: dict[str, int] = {}
    lines = [["", *columns], ["---"] * (len(columns) + 1)]
    for name, row in rows.items():
        cells = [row.get(column) for column in columns]
        told = [
            f"({notes.setdefault(cell, len(notes) + 1)})" if isinstance(cell, str) else shown(cell) for cell in cells
        ]
        lines.append([name, *told])
    numbers = {
        column: [row[column] for row in rows.values() if isinstance(row.get(column), float)] for column in columns
    }
    lines.append(["**largest**", *(shown(max(found)) if found else "" for found in numbers.values())])
    below = [f"({number}) {shown(why)}  " for why, number in notes.items()]
    return "\n".join([*("| " + " | ".join(line) + " |" for line in lines), "", *below])
