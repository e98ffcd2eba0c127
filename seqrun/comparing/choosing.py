"""Which of many runs are meant, by their age, status, tags and metrics: what `seqrun delete` is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from seqrun.comparing.repeats import started, test_data
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.errors import UsageError
from seqrun.metrics import direction
from seqrun.rundir.reading import RunRecord
from seqrun.rundir.tags import is_tagged


@dataclass(frozen=True)
class Choice:
    """What runs must be like; all of it together."""

    older_than: timedelta | None = None  # since they ended
    statuses: tuple[str, ...] = ()  # one of them
    tags: tuple[str, ...] = ()  # see `is_tagged`
    keep_best: str | None = None  # a metric by which they are not the best
    keep: int | None = None  # how many are the best; 1 by default

    def __bool__(self) -> bool:
        return self != Choice(keep=self.keep)

    def among(self, runs: Sequence[RunRecord]) -> list[RunRecord]:
        """Return the runs that are meant; raise UsageError for a metric by which no run is the best."""
        kept = best_by(runs, self.keep_best, self.keep or 1) if self.keep_best else []
        return [run for run in runs if run not in kept and self._fits(run)]

    def _fits(self, run: RunRecord) -> bool:
        if (self.statuses and run.status not in self.statuses) or not is_tagged(run, self.tags):
            return False
        ended = last_time(run)
        return self.older_than is None or (ended is not None and datetime.now(UTC) - ended > self.older_than)


def last_time(run: RunRecord) -> datetime | None:
    """Return when the run ended, or else when it last went on; None if it has recorded no time."""
    ended, resumed = run.record.get("finished"), [each["resumed"] for each in run.record.get("resumed") or ()]
    times = [ended] if ended and run.status == "finished" else [ended, run.record.get("started"), *resumed]
    known = [datetime.fromisoformat(each) for each in times if each]
    return max((each if each.tzinfo else each.replace(tzinfo=UTC) for each in known), default=None)


def best_by(runs: Sequence[RunRecord], metric: str, count: int) -> list[RunRecord]:
    """Return the `count` best runs by a metric, of equal ones the newest, on each test set by itself.

    All runs on a test set of which none has the metric are among them, for nothing is known that is better; runs that
    ended without data are not. Raises UsageError for a metric that no run has, or of which it is not known which way
    it is better.
    """
    tables = {run.path: values(run) for run in runs}
    (name,) = chosen_metrics([metric], tables.values(), so_far=False)
    try:
        sign = -1 if direction(name, declared(runs)) == "max" else 1
    except KeyError as error:
        raise UsageError(f"no best runs by {name}: {error.args[0]}") from None
    groups: dict[str | None, list[RunRecord]] = {}
    for run in sorted(runs, key=started, reverse=True):
        groups.setdefault(test_data(run), []).append(run)
    kept: list[RunRecord] = []
    for data, members in groups.items():
        measured = [run for run in members if name in tables[run.path]]
        if not measured:
            kept += members if data is not None else []
        kept += sorted(measured, key=lambda run: sign * tables[run.path][name])[:count]
    return kept
