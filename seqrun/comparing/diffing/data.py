"""In what the data of two runs differ, as far as the runs know it: files, rows, classes, and which test samples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from seqrun.comparing.repeats import test_data
from seqrun.comparing.values import SPLITS
from seqrun.rundir.reading import RunRecord

if TYPE_CHECKING:
    import numpy as np

SHOWN = 5  # rows of samples


@dataclass(frozen=True)
class TestSamples:
    """Which rows of the source are test samples of one run alone, and where both say something else of one row."""

    both: int
    only_first: tuple[int, ...]
    only_second: tuple[int, ...]
    targets: tuple[int, ...]  # rows of both, with another target
    targets_told: bool = True  # whether targets can be compared: they are of one shape

    @property
    def same(self) -> bool:
        """Whether they are the same samples with the same targets."""
        return self.targets_told and not (self.only_first or self.only_second or self.targets)

    def __str__(self) -> str:
        if self.same:
            return f"the same {self.both:,} rows, with the same targets"
        parts = [f"{self.both:,} rows are test samples of both"]
        for which, rows in (("the first", self.only_first), ("the second", self.only_second)):
            parts += [f"{len(rows):,} of {which} alone ({_few(rows)})"] if rows else []
        parts += [f"{len(self.targets):,} of both have another target ({_few(self.targets)})"] if self.targets else []
        return ", ".join([*parts, *([] if self.targets_told else ["with targets of another kind"])])


def differing_data(one: RunRecord, other: RunRecord) -> dict[str, tuple[Any, Any]]:
    """Return what two runs record otherwise of their data, by name: the dataset, files with hashes, rows, counts.

    Where a file lies does not count, if it is the same file.
    """
    first, second = _facts(one), _facts(other)
    names = dict.fromkeys([*first, *second])
    return {name: (first.get(name), second.get(name)) for name in names if first.get(name) != second.get(name)}


def same_test_data(one: RunRecord, other: RunRecord) -> bool | None:
    """Return whether two runs were measured on equal test data; None where one does not say it."""
    first, second = test_data(one), test_data(other)
    return None if first is None or second is None else first == second


def _facts(run: RunRecord) -> dict[str, Any]:
    data: Mapping[str, Any] = run.record.get("data") or {}
    facts: dict[str, Any] = {"dataset": data.get("name")}
    for number, source in enumerate(data.get("sources") or (), start=1):
        facts[f"file {number}"] = f"{source['path'].rpartition('/')[2]} (SHA-256 {source['sha256'][:12]}...)"
    facts |= {f"samples in {split}": count for split, count in (data.get("rows") or {}).items()}
    counts = data.get("counts") or {}
    facts |= {f"samples of each {counts['of']} in {split}": counts[split] for split in SPLITS if counts.get(split)}
    return {**facts, "unknown tokens": data.get("unknown_tokens"), "test split (SHA-256)": data.get("test_sha256")}


def test_samples(one: Mapping[str, np.ndarray], other: Mapping[str, np.ndarray]) -> TestSamples | None:
    """Return which test samples two runs have, by the arrays of their predictions.npz; None if these have no rows."""
    import numpy as np

    if not all("index" in each and "targets" in each for each in (one, other)):
        return None
    if any(len(each["index"]) != len(each["targets"]) for each in (one, other)):
        return None
    both, first, second = np.intersect1d(one["index"], other["index"], return_indices=True)
    targets, others = one["targets"][first], other["targets"][second]
    comparable = targets.shape == others.shape
    apart = np.flatnonzero(_differ(targets, others)) if comparable else np.empty(0, np.int64)
    return TestSamples(
        len(both),
        _rows(np.setdiff1d(one["index"], other["index"])),
        _rows(np.setdiff1d(other["index"], one["index"])),
        _rows(both[apart]),
        comparable,
    )


def _differ(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return of each sample whether its targets differ, (samples,); NaN equals NaN."""
    import numpy as np

    unknown = np.not_equal(one, one) & np.not_equal(other, other)  # NaN
    apart = np.not_equal(one, other) & ~unknown
    return np.any(np.reshape(apart, (len(one), -1)), axis=1)


def _rows(found: np.ndarray) -> tuple[int, ...]:
    return tuple(map(int, found))


def _few(rows: tuple[int, ...]) -> str:
    return f"rows {', '.join(map(str, rows[:SHOWN]))}{', ...' if len(rows) > SHOWN else ''}"
