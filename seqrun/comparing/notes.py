"""What the reader of a comparison should know: unequal test sets, runs passed over, and the runs' own warnings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqrun.comparing.differences import differing_keys, show, value_at
from seqrun.comparing.repeats import Repeats
from seqrun.comparing.table import Comparison
from seqrun.comparing.verdict import Over, Verdict
from seqrun.readable import counted, figure, listed_names
from seqrun.rundir.reading import RunRecord

SHOWN_WARNINGS = 5
MARK = "(!)"  # beside a run that has warnings
SHOWN_NAMES = 3
SHOWN_GROUPS = 3  # of verdicts
CONFIG = "config.yaml"


def test_set_notes(comparison: Comparison) -> list[str]:
    """Return that the rows were measured on unequal test data, and what each of these is; nothing of equal ones."""
    if not comparison.unequal:
        return []
    measured: dict[int, RunRecord] = {}
    for row in comparison.rows:
        if row.test_data is not None:
            measured.setdefault(row.test_data, row.runs[-1])
    alike: dict[str, list[int]] = {}
    for number, run in sorted(measured.items()):
        alike.setdefault(_test_set(run), []).append(number)
    texts: dict[int, str] = {}
    for text, numbers in alike.items():
        differences = _what_differs([measured[number] for number in numbers]) if len(numbers) > 1 else [""]
        texts |= {number: text + difference for number, difference in zip(numbers, differences, strict=True)}
    sets = "; ".join(f"{number}: {text}" for number, text in sorted(texts.items()))
    return [f"the runs were measured on unequal test data, don't compare across them ({sets})"]


def _test_set(run: RunRecord) -> str:
    data = run.record.get("data", {})
    hashes = [source["sha256"][:8] for source in data.get("sources", ())]
    rows = (data.get("rows") or {}).get("test")
    name = run.record.get("config", {}).get("dataset", {}).get("name", "?")
    size = "" if rows is None else f", {rows:,} test rows"
    return f"{name}{size}{', sha256 ' + ' '.join(hashes) if hashes else ''}"


def _what_differs(runs: Sequence[RunRecord]) -> Iterator[str]:
    """Yield for each run what may explain its different test set, where source files and size are equal.

    That is the dataset settings that differ, or else the trainer.
    """
    configs = [run.record.get("config", {}) for run in runs]
    datasets = [config.get("dataset", {}) for config in configs]
    keys = [key for key in differing_keys(datasets) if key != "path"]  # it is the same file, wherever it lies
    for config, dataset in zip(configs, datasets, strict=True):
        settings = [f"{key} {show(value_at(dataset, key))}" for key in keys]
        trainer = config.get("trainer", {}).get("name", "?")
        yield f", {', '.join(settings) or f'targets of the {trainer}'}"


def passed_over_notes(groups: Sequence[Repeats]) -> list[str]:
    """Return which runs no row has, for another one has their config and seed."""
    names = [run.path.name for one in groups for run in one.passed_over]
    if not names:
        return []
    have = "run has" if len(names) == 1 else "runs have"
    listed = listed_names(names, SHOWN_NAMES)
    return [f"{len(names)} more {have} the config and seed of a row above; --all shows each: {listed}"]


def verdict_notes(comparison: Comparison) -> list[str]:
    """Return what the verdicts are by, a note for each row compared with, and why rows lack one that could have one."""
    given = [row.verdict for row in comparison.rows if row.verdict is not None]
    groups: dict[tuple[str, str, Over], list[Verdict]] = {}
    for verdict in given:
        if verdict.over is not None:
            groups.setdefault((verdict.reference, verdict.metric, verdict.over), []).append(verdict)
    notes = [_group_note(verdicts) for verdicts in groups.values()]
    left = len(notes) - SHOWN_GROUPS
    notes = [*notes[:SHOWN_GROUPS], *([f"verdicts against {left} more rows: see --json"] if left > 0 else [])]
    if any(over == "items" for _, _, over in groups):
        notes.append("what is over items says nothing of other seeds: --repeats of both would")
    reasons = [verdict.reason for verdict in given if verdict.reason and verdict.over is None]
    if reasons:
        notes.append(f"{counted(len(reasons), 'row')} without a test, for there is one run: {reasons[0]}")
    return notes


def _group_note(verdicts: Sequence[Verdict]) -> str:
    one = verdicts[0]
    tests = listed_names(list(dict.fromkeys(verdict.test or "" for verdict in verdicts)))
    holm = f", Holm over {one.counted:,} comparisons" if (one.counted or 0) > 1 else ""
    return f"verdicts over {one.over}, {one.metric} against {one.reference}: {tests}{holm}"


def selection_notes(comparison: Comparison) -> list[str]:
    """Return which rows were selected by a single run, and what fresh seeds came to, or how to have some."""
    notes = []
    for row in comparison.rows:
        if row.selected is None or row.verdict is None:
            continue
        told = f"{row.label} (selected) is {row.selected.text} by one run, which flatters its figure"
        fresh = row.selected.fresh
        if fresh is not None:
            spread = "" if fresh.sd is None else f" ± {figure(fresh.sd)}"
            told += f"; after fresh seeds {row.verdict.metric} is {figure(fresh.mean)}{spread} ({fresh.n})"
        else:
            told += f"; for fresh seeds: seqrun train {row.runs[0].path / CONFIG} --seed N --repeats 5"
        notes.append(told)
    return notes


def warning_notes(groups: Sequence[Repeats]) -> list[str]:
    """Return the runs' own warnings, each once, with the run that gave it or the number of runs that did.

    Rows with any have MARK in the table. Of a text with several lines the first is given.
    """
    warned: dict[str, list[str]] = {}
    for run in (run for one in groups for run in one.counted):
        for text in run.record.get("warnings") or ():
            warned.setdefault(text, []).append(run.path.name)
    notes = [
        f"{MARK} {who[0] if len(who) == 1 else f'{len(who)} runs'}: {_first_line(text)}" for text, who in warned.items()
    ]
    left = len(notes) - SHOWN_WARNINGS
    return [*notes[:SHOWN_WARNINGS], f"{left} more warnings: see seqrun show RUN"] if left > 0 else notes


def _first_line(text: str) -> str:
    return (text.splitlines() or [""])[0].rstrip(":")
