"""What makes a run's test metrics too good, or may: a table, what does most to them first.

The kinds follow Kapoor and Narayanan, "Leakage and the reproducibility crisis in machine-learning-based science",
Patterns 4 (2023), as far as runs have recorded them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from seqrun.comparing.repeats import test_data
from seqrun.comparing.report.looks import looks
from seqrun.comparing.selection import beside
from seqrun.components.leaks import CERTAIN, EQUAL, GROUPS
from seqrun.metrics import HEADLINES, WITHOUT_SEEN
from seqrun.readable import counted, figure
from seqrun.rundir.reading import RunRecord
from seqrun.tasks.pages import NOTHING, Section

SEVERITIES = ("high", "medium", "low", "none")  # the worst first
LARGE, SOME = 0.05, 0.005  # shares of a split's samples, or groups, from which on a finding is high, or medium
MANY, SEVERAL = 100, 10  # runs measured on one test set, likewise
NEWEST = 200  # runs of a folder that are looked into: it takes a tenth of a second
LOST = "the network loses to the baseline"  # as warnings of it begin
FRESH = "measure the chosen run once on data that no run has seen: seqrun evaluate RUN --input FILE"


@dataclass(frozen=True)
class Found:
    """One finding, with the setting that mends it."""

    kind: str
    what: str
    count: int  # samples, groups or runs; 0 where the whole split is meant
    severity: str  # one of SEVERITIES
    mend: str
    effect: str | None = None  # on the metrics, where it can be measured

    def record(self) -> dict[str, Any]:
        """Return the finding as JSON has it."""
        return asdict(self)


def leakage(run: RunRecord) -> list[Found]:
    """Return the findings, the severest first.

    The runs that lie beside this one are counted now; all else was recorded as the run went.
    """
    return _severest_first([*of_itself(run), *_looked_at(run), *_best_of_seeds(run)])


def of_itself(run: RunRecord) -> list[Found]:
    """Return the findings that the run knows without a look at those beside it, the severest first."""
    return _severest_first([*_chosen_on_test(run), *_recorded(run), *_fitted(run)])


def other_doubts(run: RunRecord) -> Iterator[str]:
    """Yield the first line of each of the run's warnings that tells of no leak it has recorded, nor of a baseline."""
    leaks = run.record.get("leakage") or ()
    for text in run.record.get("warnings") or ():
        if text.strip() and not text.startswith(LOST) and not any(_tells_of(leak, text) for leak in leaks):
            yield text.splitlines()[0].rstrip(":")


def _tells_of(leak: Mapping[str, Any], warning: str) -> bool:
    """Return whether a warning is of this leak: it has the same numbers of the same split, or the same features."""
    named = leak["what"].partition(": ")[2]
    numbers = f"{leak['count']:,} of {leak['of']:,} {leak.get('split', 'test')} "
    grouped = f"{counted(leak['count'], 'group')} of dataset.splits.keep_together"
    return numbers in warning or (leak["kind"] == GROUPS and grouped in warning) or bool(named and named in warning)


def _severest_first(found: Iterable[Found]) -> list[Found]:
    return sorted(found, key=lambda each: SEVERITIES.index(each.severity))


def leakage_section(run: RunRecord) -> Section:
    """Return the findings as a table of `seqrun show`; one without rows where there are none but good ones."""
    found = leakage(run)
    if all(each.severity == "none" for each in found):
        return Section(["leakage"], [])
    rows = [[each.kind, each.severity, each.what, each.effect or NOTHING, each.mend] for each in found]
    return Section(["leakage", "severity", "what", "effect", "mended by"], rows)


def _chosen_on_test(run: RunRecord) -> Iterator[Found]:
    if _dataset(run).get("validation") == "test":
        what = "the best epoch was chosen on the test split, as thresholds and intervals were"
        mend = "dataset.validation: 0.2, a part of the training samples"
        yield Found("selection on test", what, 0, "high", mend)


def _recorded(run: RunRecord) -> Iterator[Found]:
    """Yield what the dataset found when the run began."""
    leaks = run.record.get("leakage")
    if leaks is None and (effect := _without_seen(run)):  # an earlier version, which measured and did not record
        yield Found(EQUAL, "test samples that stand elsewhere too", 0, "medium", NOTHING, effect)
    for leak in leaks or ():
        of_test = leak.get("split", "test") == "test"
        share = leak["count"] / max(leak["of"], 1)
        severity = _by_size(share, LARGE, SOME) if of_test else "low"
        if leak["kind"] in CERTAIN:
            severity = "high"
        what = f"{leak['count']:,} of {leak['of']:,} {leak['what']}"
        effect = _without_seen(run) if of_test and leak["kind"] == EQUAL else None
        yield Found(leak["kind"], what, leak["count"], severity, leak.get("mend") or NOTHING, effect)


def _without_seen(run: RunRecord) -> str | None:
    """Return the most telling test metric without the samples that stand elsewhere too, if it was measured."""
    metrics = run.metrics or {}
    test, left = metrics.get("test") or {}, metrics.get(WITHOUT_SEEN) or {}
    for name in HEADLINES:
        if all(isinstance(each.get(name), int | float) for each in (test, left)):
            return f"test {name} {figure(left[name])} without them, {figure(test[name])} with"
    return None


def _looked_at(run: RunRecord) -> Iterator[Found]:
    """Yield how many of the folder's newest finished runs were measured on the test set, if others were than this."""
    known = test_data(run)
    if known is None:
        return
    seen = looks([run], NEWEST)[known]
    runs = seen.runs | ({run.path.resolve()} if run.status == "finished" else set())
    total = len(runs) + seen.evaluations
    if total > 1:
        again = f" and {counted(seen.evaluations, 'evaluation')}" if seen.evaluations else ""
        what = (
            f"{counted(len(runs), 'finished run')}{again} measured on this test set (of the folder's newest {NEWEST})"
        )
        yield Found("looks at the test set", what, total, _by_size(total, MANY, SEVERAL), FRESH)


def _best_of_seeds(run: RunRecord) -> Iterator[Found]:
    """Yield that the run is one of several seeds, of which the best is chosen by luck."""
    if run.status == "finished" and (others := sum(1 for _ in beside(run, [run]))):
        what = f"one of {others + 1} runs of this config on other seeds: the best of them is better than the config"
        yield Found("best of several seeds", what, others + 1, "low", "report the mean over seeds: seqrun compare")


def _fitted(run: RunRecord) -> Iterator[Found]:
    """Yield what else could leak and does not."""
    scaler = _dataset(run).get("scaler")
    name = scaler.get("name") if isinstance(scaler, dict) else scaler
    if name not in (None, False, "none"):
        yield Found("scaler", f"{name}, fitted on training rows alone", 0, "none", NOTHING)


def _by_size(size: float, large: float, some: float) -> str:
    return "high" if size >= large else "medium" if size >= some else "low"


def _dataset(run: RunRecord) -> dict[str, Any]:
    return run.record.get("config", {}).get("dataset") or {}
