"""Whether the metrics of two runs differ by more than chance: over stored repeats, else over the test items."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqrun.comparing.comparison import compare
from seqrun.comparing.first_difference import PREDICTIONS
from seqrun.comparing.noise import readable, stored_repeats
from seqrun.comparing.repeats import experiment_config, test_data
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.comparing.verdict import Verdict
from seqrun.errors import UsageError
from seqrun.rundir.names import find_runs
from seqrun.rundir.reading import RunRecord


def verdicts(one: RunRecord, other: RunRecord) -> Iterator[Verdict]:
    """Yield for each usual metric what is to be said of the second run against the first.

    It is over seeds where both configs have stored repeats, and over test items where one has none, or the two runs are
    of one config. Nothing is said of runs that have not finished, or were measured on unequal test data, and without
    repeats of runs that keep no predictions.
    """
    if one.status != "finished" or one.status != other.status or test_data(one) != test_data(other):
        return
    runs, single = [one, other], True
    if experiment_config(one) != experiment_config(other):
        repeated = [stored_repeats(run, readable(_called_alike(run))) for run in runs]
        if min(map(len, repeated)) > 1:
            runs, single = [run for each in repeated for run in each], False
    if single and not all((run.path / PREDICTIONS).is_file() for run in runs):
        return
    tables = [values(one), values(other)]
    for metric in chosen_metrics([], tables, False, [*declared([one, other])]):
        if all(metric in table for table in tables):
            table = compare(runs, [metric], all_runs=single, against=[one])
            yield from (row.verdict for row in table.rows if row.verdict and other in row.runs)


def _called_alike(run: RunRecord) -> list[Path]:
    """Return the runs beside this one that have its experiment's name: to read all others would take too long."""
    try:
        return find_runs(run.record.get("name") or run.path.name, run.path.resolve().parent)
    except UsageError:  # their directories were renamed
        return []
