"""Many runs as one table, for Python and for the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.api.telling import warn, withholding
from seqrun.rundir.names import RUNS
from seqrun.rundir.several import read_runs
from seqrun.rundir.tags import with_tags

if TYPE_CHECKING:
    import pandas as pd

    from seqrun.comparing.table import Comparison
    from seqrun.rundir.reading import RunRecord

Named = str | os.PathLike[str]  # a Run is a path, too


@withholding
def compare(
    runs: Named | Iterable[Named],
    *,
    metrics: Sequence[str] = (),
    sort: str | None = None,
    tags: str | Sequence[str] = (),
    against: Named | None = None,
    smallest: float | None = None,
    all_runs: bool = False,
    runs_dir: Named = RUNS,
) -> pd.DataFrame:
    """Return one row a config, the best first, with what differs between the configs, as `seqrun compare` has it.

    Runs are `Run`s, paths, or names as `seqrun.load` takes them; the name of an experiment stands for all its runs.
    `metrics`, `sort`, `tags`, `against`, `smallest` and `all_runs` are the options of `seqrun compare`.

        seqrun.compare(Path("runs").iterdir(), metrics=["auc"])
        seqrun.compare(["imdb_lstm", "imdb_gru"], tags="good")

    Each row has a `verdict` against the best (or `against`): better, worse, tie or too few runs, with the `difference`,
    its interval, the `test` and the `runs_needed`. Figures are means over the runs of a row, beside their standard
    deviations (`auc_sd`); `n` says how many there are. What is not a run is skipped with a warning. What else a reader
    should know stands in `.attrs["notes"]`. Raises UsageError if nothing is called so, for an unknown metric, and if no
    run has the tags.
    """
    from seqrun.api.comparison_table import ComparisonTable

    given = [runs] if isinstance(runs, (str, os.PathLike)) else [*runs]

    def read(names: Iterable[Named]) -> list[RunRecord]:
        return read_runs(names, lambda reason: warn(f"skipped {reason}"), Path(runs_dir))

    asked, beside = [tags] if isinstance(tags, str) else tags, None if against is None else os.fspath(against)
    found = compared(given, read, metrics, sort, tags=asked, all_runs=all_runs, against=beside, smallest=smallest)
    return ComparisonTable.of(found)


def compared(
    runs: Sequence[Named],
    read: Callable[[Iterable[Named]], list[RunRecord]],
    metrics: Sequence[str],
    sort: str | None,
    *,
    tags: Sequence[str],
    all_runs: bool,
    against: str | None,
    smallest: float | None,
    verdicts: bool = True,
) -> Comparison:
    """Return the comparison of the runs that are called so, as `read` finds them, and that have the tags."""
    from seqrun.comparing.comparison import compare as in_rows

    found, reference = chosen(runs, read, tags, against)
    return in_rows(found, metrics, sort, all_runs, against=reference, smallest=smallest, verdicts=verdicts)


def chosen(
    runs: Sequence[Named],
    read: Callable[[Iterable[Named]], list[RunRecord]],
    tags: Sequence[str],
    against: str | None,
) -> tuple[list[RunRecord], list[RunRecord]]:
    """Return the runs that are called so and have the tags, and those of the reference, which are among them."""
    from seqrun.comparing.against import among, runs_called

    found = with_tags(read(runs), tags)
    reference = [] if against is None else runs_called(against, found, lambda name: read([name]))
    return among(found, reference), reference
