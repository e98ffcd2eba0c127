"""A run's scores as a flat table, `test.auc` -> value, for finished runs and for those still under way."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from seqrun.errors import UsageError
from seqrun.metrics import HEADLINES, WITHOUT_SEEN, Direction
from seqrun.rundir.columns import figure_names
from seqrun.rundir.history import Row
from seqrun.rundir.reading import RunRecord
from seqrun.spelling import suggest

Mode = Direction | Literal["auto"]

SPLITS = ("train", "validation", "test")
TELLING = 2  # metrics shown for trainers without a usual one


def values(run: RunRecord) -> dict[str, float]:
    """Return the run's metrics: those of `metrics.json` if it has finished, else those of its best epoch so far.

    Values that are not finite numbers (null, NaN) are left out.
    """
    return _final_values(run.metrics or {}) if run.status == "finished" else _values_so_far(run)


def _final_values(metrics: Mapping[str, Any]) -> dict[str, float]:
    groups = {split: metrics.get(split) or {} for split in (*SPLITS, WITHOUT_SEEN)}
    groups |= {f"baselines.{name}": figures for name, figures in (metrics.get("baselines") or {}).items()}
    return {
        _below(group, name): value
        for group, found in groups.items()
        for name, value in found.items()
        if value is not None  # all that is read are finite numbers, or null
    }


@cache
def _below(group: str, name: str) -> str:
    """Return the name of a group's figure, the same text for all runs: it is kept tens of thousands of times."""
    return f"{group}.{name}"


def _values_so_far(run: RunRecord) -> dict[str, float]:
    """Return the training and validation metrics at the best epoch of the history."""
    found = {}
    row = _numbers(best_row(run) or {})
    for name in figure_names(row):
        split = "validation" if name.startswith("val_") else "train"
        found[f"{split}.{name.removeprefix('val_')}"] = row[name]
    return found


def best_epoch_of(run: RunRecord) -> int | None:
    """Return the epoch whose weights count: the recorded one of a finished run, else the best so far."""
    if run.status == "finished" and run.metrics is not None:
        return run.metrics.get("best_epoch")
    best = best_row(run)
    return None if best is None else int(best["epoch"])


def best_row(run: RunRecord) -> Row | None:
    """Return the row of the best epoch so far; None if no epoch can be judged.

    It is judged by the monitored column, or by loss if the history does not have that.
    """
    if not run.history:
        return None
    from seqrun.training.plateau import best_epoch  # here: finished runs do not need it

    watched = monitor(run)
    watches = [row.get(watched, math.nan) for row in run.history]
    try:
        number = best_epoch(watches, watched, _mode(run, watched))
    except KeyError:  # a user's own metric, declared without a direction
        return None
    return run.history[number - 1] if number else None


def _mode(run: RunRecord, watched: str) -> Mode:
    """Return which way the monitored column is better, by the config or else the trainer; `auto` if neither says it."""
    mode: Mode = _early_stopping(run).get("mode", "auto")
    return mode if mode in ("min", "max") else declared([run]).get(watched.removeprefix("val_"), "auto")


def declared(runs: Iterable[RunRecord]) -> dict[str, Direction]:
    """Return which way the runs' metrics are better, as their trainers declared it; the most telling come first."""
    return {name: way for run in runs for name, way in (run.record.get("metric_directions") or {}).items()}


def monitor(run: RunRecord) -> str:
    """Return the history column that decides which epoch is best: the monitored one, or loss if it is missing."""
    watched = _early_stopping(run).get("monitor", "val_loss")
    return watched if run.history and watched in run.history[0] else "loss"


def _early_stopping(run: RunRecord) -> Mapping[str, Any]:
    found = run.record.get("config", {}).get("trainer", {}).get("early_stopping")
    return found if isinstance(found, Mapping) else {}  # off, or as an environment variable said


def training_seconds(run: RunRecord) -> float | None:
    """Return the seconds that all epochs took, validation included; None before the first epoch.

    Unlike `took` in `seqrun show`, it leaves out downloads, baselines and plots, and holds for running and resumed runs
    too.
    """
    return math.fsum(row.get("seconds", 0.0) for row in run.history) if run.history else None


def _numbers(figures: Mapping[str, Any]) -> dict[str, float]:
    return {name: value for name, value in figures.items() if isinstance(value, (int, float)) and math.isfinite(value)}


# --- which metrics ------------------------------------------------------------------------------------------


def full_name(metric: str) -> str:
    """Return the metric's name with its split: a bare `auc` means `test.auc`."""
    return metric if "." in metric else f"test.{metric}"


def chosen_metrics(
    asked: Sequence[str], tables: Iterable[Mapping[str, float]], so_far: bool, telling: Sequence[str] = ()
) -> list[str]:
    """Return the full names of the metrics to show: those asked for, or the usual ones that the runs have.

    `so_far` says that some runs have not finished and have no test metrics yet; the first usual metric is then shown on
    validation too, so that all runs can be compared. If the runs have no usual metric, the first of `telling` are
    shown: metrics in the order in which trainers declared them. Raises UsageError for a metric that no run has.
    """
    known = dict.fromkeys(name for table in tables for name in table)
    pending = {full_name(name.partition(".")[2]) for name in known} if so_far else set()
    for name in map(full_name, asked):
        if name not in known and name not in pending:
            raise UsageError(_unknown(name, known))
    if asked:
        return list(dict.fromkeys(map(full_name, asked)))
    choices = (HEADLINES, tuple(telling)[:TELLING], ("loss",))
    there = (names for names in choices if any(f"{split}.{name}" in known for name in names for split in SPLITS))
    names = next(there, ())
    tested = [f"test.{name}" for name in names if f"test.{name}" in known]
    checked = [f"validation.{name}" for name in names if f"validation.{name}" in known] if so_far else []
    return [*tested, *checked[:1]] if tested else checked


def check_possible(metric: str, figures: Iterable[str] | None) -> None:
    """Raise UsageError for a metric that no run can come to, whose trainer's metrics are `figures` (None: anything)."""
    group, _, name = full_name(metric).rpartition(".")
    groups = (*SPLITS, WITHOUT_SEEN)
    if figures is not None and not (name in figures and (group in groups or group.startswith("baselines."))):
        raise UsageError(_unknown(full_name(metric), [f"{split}.{each}" for each in figures for split in groups[:-1]]))


def _unknown(name: str, known: Iterable[str]) -> str:
    known = sorted(known)
    there_are = f"there are {', '.join(known)}" if known else "the runs have none yet"
    return f"unknown metric {name!r}{suggest(name, known)}; {there_are}"
