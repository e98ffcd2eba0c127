"""Two runs, and all in which they differ."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.comparing.differences import MISSING, differing_keys, value_at
from seqrun.comparing.diffing.data import TestSamples, differing_data, same_test_data, test_samples
from seqrun.comparing.first_difference import PARTS, PREDICTIONS, Parting, parting
from seqrun.comparing.repeats import LABELS, experiment_config
from seqrun.comparing.surroundings import CHANGES, COMMIT, Surrounding, differing, patch_of, surroundings_of
from seqrun.comparing.values import values
from seqrun.errors import SeqrunError, UsageError
from seqrun.rundir.reading import HISTORY, METRICS, RunRecord

if TYPE_CHECKING:
    from seqrun.comparing.diffing.predictions import Changed
    from seqrun.comparing.verdict import Verdict

CODE = (COMMIT, CHANGES)
NUMBERS = ("index", "targets", "predictions")  # the arrays by which predictions are compared


@dataclass(frozen=True)
class Reading:
    """How much is looked into, and where data may lie."""

    most: int = 5  # predictions
    samples: bool = True  # whether the data are read for what is predicted of
    data_dir: Path | None = None
    cached: bool = True  # whether prepared data may be taken from the cache


@dataclass(frozen=True)
class Diff:
    """In what two runs differ."""

    one: RunRecord
    other: RunRecord
    config: Mapping[str, tuple[Any, Any]]  # dotted key -> values; MISSING: the run's config has no such key
    data: Mapping[str, tuple[Any, Any]]
    same_test_data: bool | None  # None: not known
    samples: TestSamples | None  # None: the runs keep no predictions, the same, or such of other files
    surroundings: tuple[Surrounding, ...]  # without the code
    code: tuple[Surrounding, ...]
    patch: tuple[str, ...]  # lines: how the uncommitted changes differ
    parting: Parting
    metrics: Mapping[str, tuple[float | None, float | None]]  # all that either has
    verdicts: tuple[Verdict, ...] = ()  # of the second against the first, by the usual metrics
    predictions: tuple[Changed, ...] = ()  # that changed most
    compared: int = 0  # predictions that are not the same
    notes: tuple[str, ...] = field(default=())

    def record(self) -> dict[str, Any]:
        """Return all of it in JSON's own types."""
        names = ("data", "metrics")
        pairs = {name: {key: [*pair] for key, pair in getattr(self, name).items()} for name in names}
        config = {key: [None if each is MISSING else each for each in pair] for key, pair in self.config.items()}
        return {
            "runs": [self.one.path, self.other.path],
            "config": config,
            **pairs,
            "verdicts": [asdict(each) for each in self.verdicts],
            "same_test_data": self.same_test_data,
            "test_samples": None if self.samples is None else asdict(self.samples),
            "environment": [asdict(each) for each in self.surroundings],
            "code": [asdict(each) for each in self.code],
            "training": self.parting.record(),
            "predictions": {"compared": self.compared, "changed": [asdict(each) for each in self.predictions]},
            "notes": [*self.notes],
        }


def diff(one: RunRecord, other: RunRecord, reading: Reading) -> Diff:
    """Return in what two runs differ; what cannot be compared, as a file is damaged, is told in the notes."""
    notes: list[str] = []
    first, second = surroundings_of(one), surroundings_of(other)
    apart = differing(first, second)
    found = Diff(
        one,
        other,
        _config(one, other),
        differing_data(one, other),
        same_test_data(one, other),
        None,
        tuple(each for each in apart if each.name not in CODE),
        tuple(each for each in apart if each.name in CODE),
        _patch(one, other),
        parting(one, other, notes.append),
        _metrics(one, other),
        notes=tuple(notes),
    )
    return _with_predictions(_with_verdicts(found), reading)


def _config(one: RunRecord, other: RunRecord) -> dict[str, tuple[Any, Any]]:
    configs = [{**_labels(run), **experiment_config(run)} for run in (one, other)]
    return {key: (value_at(configs[0], key), value_at(configs[1], key)) for key in differing_keys(configs)}


def _labels(run: RunRecord) -> dict[str, Any]:
    config = run.record.get("config", {})
    return {name: config[name] for name in LABELS if name in config} | {"tags": run.tags}


def _patch(one: RunRecord, other: RunRecord) -> tuple[str, ...]:
    first, second = ((patch_of(run) or "").splitlines() for run in (one, other))
    return tuple(difflib.unified_diff(first, second, one.path.name, other.path.name, lineterm="", n=1))


def _metrics(one: RunRecord, other: RunRecord) -> dict[str, tuple[float | None, float | None]]:
    if any(
        file == (METRICS if run.status == "finished" else HISTORY) for run in (one, other) for file, _ in run.damaged
    ):
        return {}
    first, second = values(one), values(other)
    return {name: (first.get(name), second.get(name)) for name in dict.fromkeys([*first, *second])}


def _with_verdicts(found: Diff) -> Diff:
    if all(first == second for first, second in found.metrics.values()):
        return found
    from seqrun.comparing.diffing.verdicts import verdicts

    return replace(found, verdicts=tuple(verdicts(found.one, found.other)))


# --- predictions ------------------------------------------------------------------------------------------------------


def _unlike(found: Diff, arrays: Collection[str], others: Collection[str]) -> str:
    """Return why there is nothing in the predictions to be compared: an array that is not kept, or other things."""
    for run, kept in ((found.one, arrays), (found.other, others)):
        if missing := [name for name in NUMBERS if name not in kept]:
            return f"{run.path.name} has kept no {' and no '.join(missing)}"
    return "they are of unlike things"


def _with_predictions(found: Diff, reading: Reading) -> Diff:
    """Return the same with which test samples there are, and the predictions that changed most."""
    if PARTS[PREDICTIONS] in found.parting.left_out:
        return found
    without = [run.path.name for run in (found.one, found.other) if not (run.path / PREDICTIONS).is_file()]
    if without:
        return replace(found, notes=(*found.notes, f"no predictions to compare: {', '.join(without)} has none"))
    if not found.parting.predictions:
        return found
    from seqrun.comparing.diffing.predictions import distances, most_changed
    from seqrun.inference.kept import kept_arrays, kept_columns

    arrays, others = kept_arrays(found.one), kept_arrays(found.other)
    if found.same_test_data is False and not _same_files(found):  # equal rows are no equal samples
        told = "predictions are not compared: the test samples are of other data"
        return replace(found, notes=(*found.notes, told))
    found = replace(found, samples=test_samples(arrays, others))
    rows, change = distances(arrays, others)
    if not len(rows):
        return replace(found, notes=(*found.notes, f"predictions are not compared: {_unlike(found, arrays, others)}"))
    found = replace(found, compared=len(rows))
    try:
        columns = [kept_columns(run) for run in (found.one, found.other)]
    except UsageError as error:  # a trainer of one's own may keep other arrays
        return replace(found, notes=(*found.notes, f"the predictions that changed most are not shown: {error}"))
    return _with_samples(found, most_changed(rows, change, columns[0], columns[1], reading.most), reading)


def _same_files(found: Diff) -> bool:
    """Return whether both runs' data are of the same files, so that equal rows are equal samples."""
    sources = [(run.record.get("data") or {}).get("sources") or () for run in (found.one, found.other)]
    first, second = ([source["sha256"] for source in each] for each in sources)
    return bool(first) and first == second


def _with_samples(found: Diff, changed: Sequence[Changed], reading: Reading) -> Diff:
    """Return the same with these predictions, and what they are of: from the data or, failing that, what runs keep."""
    from seqrun.comparing.diffing.samples import kept_texts, read_samples

    rows, notes, words = [each.row for each in changed], found.notes, {}
    if changed and reading.samples:
        try:
            words = read_samples(found.one, rows, reading.data_dir, cached=reading.cached)
        except SeqrunError as error:
            reason = (str(error).splitlines() or [""])[0].removesuffix("; tried")
            notes = (*notes, f"what is predicted of is not shown: {reason}")
    words = {**kept_texts(found.other), **kept_texts(found.one), **words}
    told = tuple(replace(each, sample=words.get(each.row)) for each in changed)
    return replace(found, predictions=told, notes=notes)
