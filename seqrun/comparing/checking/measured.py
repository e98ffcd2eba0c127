"""The figures that are checked, and those they are held against: of a run, of repeats, or of a metrics.json."""

from __future__ import annotations

import os
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from seqrun.comparing import repeats
from seqrun.comparing.differences import differing_keys
from seqrun.comparing.repeats import Repeats
from seqrun.comparing.table import Aggregate, aggregate
from seqrun.comparing.values import declared, training_seconds, values
from seqrun.errors import UsageError
from seqrun.metrics import Direction
from seqrun.readable import listed_names
from seqrun.rundir.json_files import read_json
from seqrun.rundir.names import RECORD
from seqrun.rundir.reading import RunRecord
from seqrun.rundir.record_shape import METRICS
from seqrun.rundir.several import read_runs

SHOWN = 5  # names, or settings, in a message


@dataclass(frozen=True)
class Measured:
    """The runs of one config, one for each seed, or metrics without their run."""

    runs: tuple[RunRecord, ...]

    @property
    def names(self) -> str:
        """The names of the run directories or files, a few of many."""
        return listed_names([run.path.name for run in self.runs], SHOWN)

    @property
    def unfinished(self) -> str | None:
        """Why there are no figures, None of runs that have finished."""
        run = next((run for run in self.runs if run.status != "finished"), None)
        return None if run is None else f"{run.path.name}: {run.status}, not finished"

    @property
    def test_data(self) -> str | None:
        """The test set of the runs (see `repeats.test_data`); None if they do not say it."""
        return next((found for run in self.runs if (found := repeats.test_data(run)) is not None), None)

    @property
    def directions(self) -> dict[str, Direction]:
        """Which way metrics are better, as far as trainers declared it."""
        return declared(self.runs)

    def figures(self) -> dict[str, Aggregate]:
        """Return what all runs have: metrics under their full names, and `limits.FIGURES`; none before they finished.

        A metric that is no finite number in one of the runs is left out.
        """
        if self.unfinished:
            return {}
        tables = [_figures_of(run) for run in self.runs]
        names = [name for name in tables[0] if all(name in table for table in tables)]
        return {name: found for name in names if (found := aggregate(table[name] for table in tables))}

    def by_seed(self, figure: str) -> dict[Hashable, float]:
        """Return the figure of each run by its seed, or by its path if that is not known."""
        return {run.record.get("seed", run.path): _figures_of(run)[figure] for run in self.runs}


def _figures_of(run: RunRecord) -> dict[str, float]:
    others = {
        "skill": (run.metrics or {}).get("skill"),
        "parameters": (run.record.get("parameters") or {}).get("total"),
        "epochs": run.history[-1]["epoch"] if run.history else None,
        "seconds": training_seconds(run),
    }
    return {**values(run), **{name: value for name, value in others.items() if value is not None}}


def to_check(given: Iterable[str]) -> Measured:
    """Return the runs that are called so, repeats of one config; UsageError for others, and for what is no run."""
    return Measured(_one_config(read_runs(given, _refuse, purpose="check"), "RUN"))


def baseline(given: Sequence[str], checked: Measured) -> Measured:
    """Return what runs are held against: runs, names of theirs, or files as metrics.json is one.

    Where a name stands for all runs of an experiment, those that are `checked` are left out. Raises UsageError for
    what cannot be read, for runs that are no repeats of one config, and for a run without results.
    """
    files = [name for name in given if Path(name).is_file() and not (Path(name).parent / RECORD).is_file()]
    named = [name for name in given if name not in files]
    runs = read_runs(named, _refuse, purpose="compare with") if named else []
    own = {run.path.resolve() for run in checked.runs}
    others = [run for run in runs if run.path.resolve() not in own]
    found = Measured((*_one_config(others or runs, "--against"), *map(_of_file, files)))
    if found.unfinished:
        raise UsageError(f"--against: {found.unfinished}: it has no results to compare with")
    return found


def _one_config(runs: Sequence[RunRecord], what: str) -> tuple[RunRecord, ...]:
    """Return the runs, one for each seed; UsageError if they are of several configs, or on several test sets."""
    groups = repeats.group(runs)
    if len(groups) > 1:
        raise UsageError(
            f"{what}: these runs are no repeats of one config, of which the mean would be taken: {_apart(groups)}"
        )
    return groups[0].counted if groups else ()


def _apart(groups: Sequence[Repeats]) -> str:
    keys = differing_keys([one.config for one in groups])
    names = listed_names([one.runs[-1].path.name for one in groups], SHOWN)
    return f"{names} differ in {listed_names(keys, SHOWN) if keys else 'their test data'}"


def _of_file(given: str) -> RunRecord:
    """Return the metrics in a file as those of a run of which nothing else is known."""
    path = Path(given)
    try:
        return RunRecord(path, {}, read_json(path, METRICS), [], "finished")
    except OSError as error:
        raise UsageError(f"{os.fspath(path)}: cannot be read: {error.strerror}") from None


def _refuse(reason: str) -> NoReturn:
    raise UsageError(reason)
