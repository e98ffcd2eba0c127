"""The verdicts of a table: each row against the best on its test set, or against one that is named."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import count
from pathlib import Path

from seqrun.comparing.against import names_of
from seqrun.comparing.deciding import Found, Rule
from seqrun.comparing.first_difference import PREDICTIONS
from seqrun.comparing.holm import adjusted, pairs
from seqrun.comparing.items.difference import NotComparable, difference_over_items
from seqrun.comparing.seeds import difference_over_seeds, mean_of, pooled
from seqrun.comparing.table import TableRow
from seqrun.comparing.verdict import Verdict
from seqrun.errors import InputError, Parameter
from seqrun.metrics import Direction, direction
from seqrun.rundir.reading import RunRecord

MOST_OVER_ITEMS = 20  # rows of one run, from the top, that are tested over items: a test takes up to a second


@dataclass(frozen=True)
class Judge:
    """What the verdicts of a comparison are given by."""

    scores: Mapping[Path, Mapping[str, float]]  # the metrics of each run
    metrics: Sequence[str]  # `test.auc`; the first that rows have, and of which it is known which way it is better
    directions: Mapping[str, Direction]
    smallest: float | None = None  # difference that matters, in the metric's units; None: what another seed makes

    def sign(self, metric: str) -> int | None:
        """Return 1 if more of the metric is better, -1 if less is, None if that is not known."""
        try:
            return 1 if direction(metric, self.directions) == "max" else -1
        except KeyError:
            return None

    def by_seed(self, row: TableRow, metric: str) -> dict[Hashable, float]:
        """Return the metric of each run of the row by its seed, or by its path if that is not known."""
        found = {run.record.get("seed", run.path): self.scores[run.path].get(metric) for run in row.runs}
        return {seed: value for seed, value in found.items() if value is not None}


@dataclass(frozen=True)
class Contender:
    """A row with the metric of its finished runs by seed."""

    row: TableRow
    values: Mapping[Hashable, float]

    @cached_property
    def mean(self) -> float:
        return mean_of([*self.values.values()])

    def run_like(self, other: Contender) -> RunRecord:
        """Return the run with the first seed that the other has too, else the run that was started first."""
        runs = {run.record.get("seed", run.path): run for run in self.row.runs}
        shared = [seed for seed in runs if seed in other.values and seed in self.values]
        return runs[next(iter(sorted(shared, key=str)), next(iter(self.values)))]


@dataclass(frozen=True)
class Contest:
    """Rows of one family on one test set, with the one that all others are compared with."""

    metric: str
    sign: int
    reference: Contender
    others: Sequence[Contender]
    named: bool  # the reference was named, and not chosen by its figures

    @property
    def is_best(self) -> bool:
        """Whether no row has a better figure than the reference."""
        return all(self.sign * each.mean <= self.sign * self.reference.mean for each in self.others)

    @cached_property
    def spread(self) -> float | None:
        """The standard deviation of one run, rows with several taken together; None if there are none."""
        several = [[*each.values.values()] for each in (self.reference, *self.others) if len(each.values) > 1]
        return pooled(*several) if several else None


def judged(rows: Sequence[TableRow], judge: Judge, against: TableRow | None = None) -> list[TableRow]:
    """Return the rows with their verdicts, in the same order, each against `against` or the best on its test set.

    Rows that have not finished or lack the metric have none, nor do rows with nothing to be compared with. Raises
    InputError if `against` is such a row.
    """
    groups: dict[tuple[str, int], list[TableRow]] = {}
    for row in rows:
        if row.test_data is not None and not row.so_far:
            groups.setdefault((row.family, row.test_data), []).append(row)
    contests = [found for members in groups.values() if (found := _contest(members, judge, against)) is not None]
    if against is not None and not contests:
        why = "it has finished, and there is another row with its metric and its test set"
        raise InputError(Parameter("against", against.label), f": a row can be compared with it if {why}")
    names = names_of(rows)
    verdicts = {
        id(row): verdict
        for contest in contests
        for row, verdict in _verdicts(contest, judge, names[id(contest.reference.row)])
    }
    references = {id(contest.reference.row) for contest in contests}
    return [replace(row, verdict=verdicts.get(id(row)), is_reference=id(row) in references) for row in rows]


def _contest(rows: Sequence[TableRow], judge: Judge, against: TableRow | None) -> Contest | None:
    """Return the rows as a contest; None if there is nothing to compare."""
    if against is not None and not any(row is against for row in rows):
        return None
    for metric in judge.metrics:
        sign = judge.sign(metric)
        there = [Contender(row, values) for row in rows if (values := judge.by_seed(row, metric))]
        if sign is None or not there:
            continue
        named = [each for each in there if each.row is against]
        reference = named[0] if named else max(there, key=lambda each: (sign or 1) * each.mean)
        others = [each for each in there if each is not reference]
        return (
            Contest(metric, sign, reference, others, bool(named)) if others and bool(named) == bool(against) else None
        )
    return None


def _verdicts(contest: Contest, judge: Judge, name: str) -> list[tuple[TableRow, Verdict]]:
    """Return the verdicts of the rows; `name` is the reference's."""
    places = count()
    found = [_difference(each, contest, judge, places) for each in contest.others]
    p = [each.p for each in found if not isinstance(each, str)]
    counted = len(p) if contest.named else pairs(len(p) + 1)
    rule = Rule(contest.sign, max(1, counted), judge.smallest)
    p_adjusted = iter(adjusted(p, counted))
    given = [(contest.reference.row, Verdict("best", contest.metric, name))] if contest.is_best else []
    for each, of_row in zip(contest.others, found, strict=True):
        begun = Verdict("too few runs", contest.metric, name, difference=each.mean - contest.reference.mean)
        if isinstance(of_row, str):
            given.append((each.row, rule.untested(begun, of_row, contest.spread)))
        else:
            tested = replace(begun, p_adjusted=next(p_adjusted))
            given.append((each.row, rule.tested(tested, of_row, contest.spread)))
    return given


def _difference(each: Contender, contest: Contest, judge: Judge, over_items: count[int]) -> Found | str:
    """Return what is found of two rows: over seeds, or over items where one has a single run; or why nothing is."""
    reference = contest.reference
    if min(len(each.values), len(reference.values)) > 1:
        return difference_over_seeds(each.values, reference.values)
    if next(over_items) >= MOST_OVER_ITEMS:
        return f"over test items, only the first {MOST_OVER_ITEMS} such rows are compared"
    runs = each.run_like(reference), reference.run_like(each)
    for run in runs:
        if not (run.path / PREDICTIONS).is_file():  # known without what reads predictions, which takes half a second
            return f"over test items: {run.path.name} has no {PREDICTIONS}"
    try:
        return difference_over_items(*runs, contest.metric, judge.directions)
    except NotComparable as error:
        return f"over test items: {error}"
