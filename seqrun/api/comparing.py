"""Many runs as one table."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.rundir.names import RUNS

if TYPE_CHECKING:
    import pandas as pd

    from seqrun.rundir.reading import RunRecord

Named = str | os.PathLike[str]  # a Run is a path, too


def compare(
    runs: Named | Iterable[Named],
    *,
    metrics: Sequence[str] = (),
    sort: str | None = None,
    against: Named | None = None,
    smallest: float | None = None,
    all_runs: bool = False,
    runs_dir: Named = RUNS,
) -> pd.DataFrame:
    """Return one row a config, the best first, with what differs between the configs, as `seqrun compare` has it.

    Runs are `Run`s, paths, or names as `seqrun.load` takes them; the name of an experiment stands for all its runs.
    `metrics`, `sort`, `against`, `smallest` and `all_runs` are the options of `seqrun compare`.

        seqrun.compare(Path("runs").iterdir(), metrics=["auc"])
        seqrun.compare(["imdb_lstm", "imdb_gru"])

    Each row has a `verdict` against the best (or `against`): better, worse, tie or too few runs, with the `difference`,
    its interval, the `test` and the `runs_needed`. Figures are means over the runs of a row, beside their standard
    deviations (`auc_sd`); `n` says how many there are. What is not a run is skipped with a warning. What else a reader
    should know stands in `.attrs["notes"]`. Raises UsageError if nothing is called so, and for an unknown metric.
    """
    from seqrun.api.comparison_table import ComparisonTable
    from seqrun.comparing.against import among, runs_called
    from seqrun.comparing.comparison import compare as compared
    from seqrun.rundir.several import read_runs

    given = [runs] if isinstance(runs, (str, os.PathLike)) else [*runs]

    def read(names: Iterable[Named]) -> list[RunRecord]:
        return read_runs(names, lambda reason: warnings.warn(f"skipped {reason}", stacklevel=5), Path(runs_dir))

    found = read(given)
    reference = [] if against is None else runs_called(os.fspath(against), found, lambda name: read([name]))
    found = among(found, reference)
    return ComparisonTable.of(compared(found, metrics, sort, all_runs, against=reference, smallest=smallest))
