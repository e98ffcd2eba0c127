"""What a reader must know to trust results, of each family: a short form of REFORMS.

The questions follow Kapoor et al., "REFORMS: Consensus-based Recommendations for Machine-learning-based Science",
Science Advances 10 (2024), as far as runs have recorded the answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import PurePath
from typing import Any

from seqrun.comparing.leakage import of_itself, other_doubts
from seqrun.comparing.notes import selection_notes
from seqrun.comparing.repeats import test_data
from seqrun.comparing.report.families import Family
from seqrun.comparing.report.looks import Looks
from seqrun.comparing.values import monitor
from seqrun.readable import counted, figure, listed_names
from seqrun.rundir.reading import RunRecord
from seqrun.tasks.pages import cut

SPLITTING = (
    "splits",
    "split_seed",
    "validation",
    "limit",
    "gaps",
    "lookback_across",
)  # settings that say what is in a split
MOST = 6  # of a list
LONGEST = 1_000  # characters of a text, such as the notes of a config
AUTHORS = (
    "What the question is, for whom the answer shall hold, how the data were chosen and labelled, and where the "
    "results do not apply."
)


class Mark(Enum):
    """How an item of the card looks at first sight."""

    GOOD = "✓ ok"
    LOOK = "⚠ look"
    UNKNOWN = "– not known"

    @property
    def word(self) -> str:
        return self.value


@dataclass(frozen=True)
class Item:
    """One line of the card."""

    name: str
    told: tuple[str, ...]
    mark: Mark


def card(family: Family, looks: Mapping[str, Looks]) -> list[Item]:
    """Return the family's card; `looks` says of each test set how often it was looked at."""
    found = [
        _goal(family),
        _data(family),
        _splits(family),
        _leakage(family),
        _selection(family),
        _baselines(family),
        _seeds(family),
        _looked_at(family, looks),
        _code(family),
        _environment(family),
    ]
    found = [replace(item, told=tuple(cut(text, LONGEST) for text in item.told)) for item in found]
    return [*found, Item("for the authors to say", (AUTHORS,), Mark.UNKNOWN)]


def _goal(family: Family) -> Item:
    notes = _each(run.record.get("config", {}).get("notes") for run in family.shown)
    told = notes[:MOST] or ["The configs' notes do not say it."]
    return Item("goal", tuple(told), Mark.GOOD if notes else Mark.UNKNOWN)


def _data(family: Family) -> Item:
    told = []
    for data in _recorded(family, "data"):
        files = [f"{PurePath(source['path']).name} ({source['sha256'][:8]})" for source in data.get("sources") or ()]
        told.append(f"{data.get('name') or '?'}: {listed_names(files, MOST) if files else 'made by its config'}")
    return _known("data", _each(told), "No run has recorded its data.")


def _splits(family: Family) -> Item:
    told = []
    for run in family.shown:
        rows = (run.record.get("data") or {}).get("rows")
        if rows:
            settings = run.record.get("config", {}).get("dataset") or {}
            how = "; ".join(f"{key} {settings[key]}" for key in SPLITTING if settings.get(key) is not None)
            sizes = ", ".join(f"{split} {count:,}" for split, count in rows.items())
            told.append(f"{sizes} ({how})" if how else sizes)
    return _known("splits", _each(told), "No run has recorded the size of its splits.")


def _leakage(family: Family) -> Item:
    """Return what makes the runs' metrics too good, or may, and what else they warn of in their data."""
    found: dict[str, list[str]] = {}  # finding -> what it does to the metrics of each run
    for run in family.shown:
        for each in of_itself(run):
            if each.severity != "none":
                effects = found.setdefault(f"{each.kind} ({each.severity}): {each.what}", [])
                effects += [f"{run.path.name}: {each.effect}"] if each.effect else []
    told = ["; ".join([text, *([listed_names(effects, 3)] if effects else [])]) for text, effects in found.items()]
    told += _each(doubt for run in family.shown for doubt in other_doubts(run))
    if told:
        return Item("leakage and doubts", _first(told), Mark.LOOK)
    if not any(run.record.get("data") for run in family.shown):
        return Item("leakage and doubts", ("No run has recorded its data.",), Mark.UNKNOWN)
    return Item("leakage and doubts", ("No run warns of its data.",), Mark.GOOD)


def _selection(family: Family) -> Item:
    watched = _each(monitor(run) for run in family.shown if run.history)
    told = [f"The best epoch of each run is chosen by {listed_names(watched)}."] if watched else []
    rows = len(family.comparison.rows)
    doubts = [f"{note}." for note in selection_notes(family.comparison)]
    if rows > 1 and not doubts:
        first = f"the first of {rows} is selected by them, and can be expected to do worse on new data"
        doubts = [f"The rows are sorted by figures of the test split: {first}."]
    mark = Mark.LOOK if doubts else Mark.GOOD if told else Mark.UNKNOWN
    return Item("selection", (*told, *doubts) or ("No run has trained yet.",), mark)


def _baselines(family: Family) -> Item:
    names = _each(name for run in family.shown for name in (run.metrics or {}).get("baselines") or {})
    skills = [row.skill.mean for row in family.comparison.rows if row.skill is not None]
    if not names or not skills:
        return Item("baselines", ("No run was compared with a baseline.",), Mark.UNKNOWN)
    better = sum(skill > 0 for skill in skills)
    told = f"{listed_names(names)}: {better} of {counted(len(skills), 'row')} do better than the best of them"
    return Item(
        "baselines",
        (f"{told}; skill {figure(min(skills))} to {figure(max(skills))}.",),
        Mark.GOOD if better else Mark.LOOK,
    )


def _seeds(family: Family) -> Item:
    counts = Counter(len(row.runs) for row in family.comparison.rows)
    told = "; ".join(f"{counted(rows, 'row')} of {counted(runs, 'seed')}" for runs, rows in sorted(counts.items()))
    if 1 not in counts:
        return Item("seeds", (f"{told}.",), Mark.GOOD)
    lacking = "Of one seed it is not known how much of the figure is chance: seqrun train CONFIG --repeats 5."
    return Item("seeds", (f"{told}.", lacking), Mark.LOOK)


def _looked_at(family: Family, looks: Mapping[str, Looks]) -> Item:
    told, most = [], 0
    here = {run.path.resolve() for run in family.runs}
    for known in _each(test_data(run) for run in family.runs):
        seen = looks[known]
        others = len(seen.runs - here)
        again = f", and {counted(seen.evaluations, 'evaluation')} after training" if seen.evaluations else ""
        where = f"{others} of them not in this report" if others else "all in this report"
        told.append(f"{counted(len(seen.runs), 'finished run')}, {where}{again}")
        most = max(most, len(seen.runs) + seen.evaluations)
    if not told:
        return Item("looks at the test data", ("No run has recorded its data.",), Mark.UNKNOWN)
    if len(told) > 1:
        told = [f"test data {number}: {text}" for number, text in enumerate(told, start=1)]
    return Item("looks at the test data", _first([f"{text}." for text in told]), Mark.LOOK if most > 1 else Mark.GOOD)


def _code(family: Family) -> Item:
    """Return the commits, and whether files had changed since."""
    gits = _recorded(family, "git")
    told = [
        f"commit {str(git.get('commit'))[:12]}{', with changes (code.patch)' if git.get('dirty') else ''}"
        for git in gits
    ]
    told += [f"seqrun {packages['seqrun']}" for packages in _recorded(family, "packages") if packages.get("seqrun")]
    item = _known("code", _each(told), "No run has recorded its code.")
    return Item("code", item.told, Mark.LOOK) if any(git.get("dirty") for git in gits) else item


def _environment(family: Family) -> Item:
    versions = [
        ", ".join(
            f"{name} {packages[name]}" for name in ("python", "tensorflow", "keras", "numpy") if packages.get(name)
        )
        for packages in _recorded(family, "packages")
    ]
    where = [f"{run.record['device']}, {counted(run.record['threads'], 'thread')}" for run in family.shown if _on(run)]
    told = _each([*versions, *where])
    return _known("environment", told, "No run has recorded its environment.")


def _on(run: RunRecord) -> bool:
    return bool(run.record.get("device")) and run.record.get("threads") is not None


def _recorded(family: Family, key: str) -> list[Mapping[str, Any]]:
    return [found for run in family.shown if isinstance(found := run.record.get(key), Mapping)]


def _each(found: Iterable[str | None]) -> list[str]:
    """Return the texts that are none of them empty, each once."""
    return list(dict.fromkeys(text for text in found if text))


def _first(told: list[str]) -> tuple[str, ...]:
    left = len(told) - MOST
    return (*told[:MOST], *([f"and {left} more"] if left > 0 else []))


def _known(name: str, told: list[str], otherwise: str) -> Item:
    return Item(name, _first(told), Mark.GOOD) if told else Item(name, (otherwise,), Mark.UNKNOWN)
