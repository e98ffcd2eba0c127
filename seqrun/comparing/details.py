"""One run in full, as tables of text: what `seqrun show` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from seqrun.comparing.differences import as_section, show
from seqrun.comparing.evaluations import listed
from seqrun.comparing.leakage import leakage_section
from seqrun.comparing.values import best_epoch_of, monitor, training_seconds, values
from seqrun.components.counts import SPLITS, Counts
from seqrun.components.unknown import told
from seqrun.machine.device import kind_of
from seqrun.metrics import HEADLINES
from seqrun.readable import counted, duration, figure, rate, size
from seqrun.rundir.columns import FIRST
from seqrun.rundir.history import Row
from seqrun.rundir.reading import HISTORY, METRICS, REPRODUCES, RunRecord
from seqrun.tasks.pages import NOTHING, Section, Shown, page_of

EPOCHS_SHOWN = 12
COUNTS_SHOWN = 30  # classes, labels or series
EXCERPT = 300  # characters of an example's text, where a terminal wraps it
LINE_EXCERPT = 100  # the same where nothing does


def sections(run: RunRecord, examples: list[dict[str, Any]], excerpt: int = EXCERPT) -> Iterator[Section]:
    """Yield the page's tables from top to bottom; what the run does not have is left out.

    Of an example's text, `excerpt` characters are shown.
    """
    trainer = (run.record.get("config", {}).get("trainer") or {}).get("name")
    page = page_of(trainer, Shown(run.path, run.metrics or {}, examples, excerpt))
    found = [
        _overview(run, page.facts),
        leakage_section(run),
        Section(["warnings"], [[text] for text in [*_missing(run), *(run.record.get("warnings") or ())]]),
        _scores(run),
        *page.results,
        listed(run),
        _history(run),
        *(replace(each, of_examples=True) for each in page.examples),
        *origins(run),
        _files(run),
    ]
    return (section for section in found if section.rows)


def origins(run: RunRecord) -> list[Section]:
    """Return the tables of what the run was made from: its config, its data and their counts, its environment."""
    data = run.record.get("data") or {}
    return [
        _facts(["config", ""], _flat(_config(run))),
        _facts(["data", ""], _data(data)),
        _counts(data),
        _facts(["environment", ""], _flat({key: run.record.get(key) for key in ENVIRONMENT if key in run.record})),
    ]


ENVIRONMENT = ("git", "packages", "host", "platform", "cpu")


def _facts(headers: list[str], facts: Mapping[str, Any]) -> Section:
    return Section(headers, [[key, show(value)] for key, value in facts.items()])


def _overview(run: RunRecord, facts_of_task: Mapping[str, str]) -> Section:
    record, counts = run.record, run.record.get("parameters") or {}
    trained = len(run.history)
    best = best_epoch_of(run)
    facts = {
        "status": run.status,
        "error": record.get("error"),
        "directory": str(run.path),
        "started": _time(record.get("started")),
        "finished": _time(record.get("finished")),
        "resumed": _resumed(record),
        "reproduces": (record.get(REPRODUCES) or {}).get("run"),
        "took": _durations(record),
        "training": _training(run),
        "epochs": f"{trained}, the best is {best}" if best else str(trained),
        "skill": _skill(run),
        **facts_of_task,
        "parameters": _parameters(counts),
        "recurrent layers": _facts_in_a_line(record.get("recurrent_layers") or {}),
        "training step": "compiled as a whole" if record.get("step_compiled") else None,
        "device": _device(record),
        "seed": record.get("seed"),
        "command": " ".join(map(str, record.get("argv") or ())) or None,
        "tags": run.tags or None,
        "notes": record.get("config", {}).get("notes") or None,
    }
    known = {key: value for key, value in facts.items() if value is not None}
    return _facts(["run", record.get("name") or run.path.name], known)


def _time(recorded: str | None) -> str | None:
    return None if recorded is None else f"{datetime.fromisoformat(recorded):%Y-%m-%d %H:%M:%S} UTC"


def _durations(record: Mapping[str, Any]) -> str | None:
    phases = ", ".join(f"{name} {duration(value)}" for name, value in (record.get("durations") or {}).items())
    total = record.get("seconds")
    if total is None:
        return phases or None
    return f"{duration(total)} ({phases})" if phases else duration(total)


def _device(record: Mapping[str, Any]) -> str | None:
    """Return on what the run was trained; of a GPU also whether it gave the same bits each time."""
    device: str | None = record.get("device")
    asked_for = record.get("deterministic") and device and kind_of(device) != "CPU"
    return f"{device}, deterministic" if asked_for else device


def _training(run: RunRecord) -> str | None:
    seconds = training_seconds(run)
    return None if seconds is None else f"{duration(seconds)} (all epochs, validation included)"


def _missing(run: RunRecord) -> list[str]:
    """Return what a finished run should have but lacks."""
    wanted = (METRICS, HISTORY) if run.status == "finished" else ()
    return [f"{name} is missing" for name in wanted if not (run.path / name).exists()]


def _resumed(record: Mapping[str, Any]) -> str | None:
    """Return when the run went on, after how many epochs, and when it had been interrupted."""
    times = [
        f"{_time(each['resumed'])} after {counted(each['epochs'], 'epoch')} ({each.get('status') or 'interrupted'} "
        f"{_time(each.get('interrupted')) or NOTHING})"
        for each in record.get("resumed") or []
    ]
    return "; ".join(times) or None


def _facts_in_a_line(facts: Mapping[str, str]) -> str | None:
    return ", ".join(f"{name}: {fact}" for name, fact in facts.items()) or None


def _parameters(counts: Mapping[str, Any]) -> str | None:
    """Return the network's parameter counts, then those of the models that it consists of."""
    if not counts:
        return None
    parts = [f"; {name} {part['total']:,}" for name, part in counts.items() if isinstance(part, Mapping)]
    told = f"{counts['total']:,} ({counts['trainable']:,} trainable, {counts['non_trainable']:,} not)"
    return told + "".join(parts)


def _skill(run: RunRecord) -> str | None:
    skill = (run.metrics or {}).get("skill") if run.status == "finished" else None
    return None if skill is None else f"{skill:+.4f} (1 - error / best baseline's error, on test)"


# --- results ------------------------------------------------------------------------------------------------


def _scores(run: RunRecord) -> Section:
    """Return the table of scores: metrics down, splits and (on test) baselines across."""
    table: dict[str, dict[str, float]] = {}
    groups: dict[str, None] = {}
    for full, value in values(run).items():
        group, _, metric = full.rpartition(".")
        table.setdefault(metric, {})[group] = value
        groups[group] = None
    so_far = "" if run.status == "finished" else " so far"
    headers = [f"{group.removeprefix('baselines.')}{so_far}" for group in groups]
    rows = [
        [metric, *(figure(scores[group]) if group in scores else NOTHING for group in groups)]
        for metric, scores in table.items()
    ]
    return Section(["metric", *headers], rows, tuple(headers))


def _history(run: RunRecord) -> Section:
    """Return the table of epochs: at most EPOCHS_SHOWN, evenly chosen, with the last and the best (a star marks it)."""
    if not run.history:
        return Section([], [])
    best = best_epoch_of(run)
    shown = _thinned(run.history, best)
    names = [name for name in _history_columns(run) if name in run.history[0]]
    rows = [
        [*(_history_cell(name, row.get(name)) for name in names), "*" if row["epoch"] == best else ""] for row in shown
    ]
    return Section([*names, ""], rows, tuple(names))


def _history_columns(run: RunRecord) -> list[str]:
    usual = [name for metric in sorted(HEADLINES) for name in (metric, f"val_{metric}")]
    watched = monitor(run)
    return list(dict.fromkeys([*FIRST, *usual, watched, "learning_rate", "seconds"]))


def _thinned(rows: list[Row], best: int | None) -> list[Row]:
    step = -(-len(rows) // EPOCHS_SHOWN)
    return [row for number, row in enumerate(rows) if number % step == 0 or row["epoch"] == best or row is rows[-1]]


def _history_cell(name: str, value: float | None) -> str:
    if value is None:
        return NOTHING
    if name == "epoch":
        return str(value)
    if name == "seconds":
        return duration(value)
    return rate(value) if name == "learning_rate" else figure(value)


# --- what it was made from ----------------------------------------------------------------------------------


def _config(run: RunRecord) -> dict[str, Any]:
    shown_above = ("name", "seed", "tags", "notes")
    config = run.record.get("config", {}).items()
    return {key: value for key, value in config if key not in shown_above and value not in (None, [], {})}


def _data(data: Mapping[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = {key: value for key, value in data.items() if key not in ("sources", "rows", "counts")}
    facts |= {"unknown_tokens": told(shares)} if (shares := data.get("unknown_tokens")) else {}
    rows = data.get("rows") or {}
    facts |= {"rows": ", ".join(f"{split} {count:,}" for split, count in rows.items())} if rows else {}
    for number, source in enumerate(data.get("sources") or (), start=1):
        facts[f"source {number}"] = f"{source['kind']}: {source['path']}"
        facts[f"sha256 {number}"] = source["sha256"]
    return facts


def _counts(data: Mapping[str, Any]) -> Section:
    """Return the table of how many samples of each class (or label, or series) there are in each split."""
    counts = Counts.recorded(data)
    if counts is None:
        return Section([], [])
    found = counts.rows()
    rows = [[name, *(f"{number:,}" for number in numbers)] for name, numbers in found[:COUNTS_SHOWN]]
    rows += [[f"and {len(found) - COUNTS_SHOWN:,} more", "", "", ""]] if len(found) > COUNTS_SHOWN else []
    return Section([counts.noun, *SPLITS], rows, SPLITS)


def _flat(section: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return nested sections as one mapping with dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in section.items():
        value = as_section(value)
        if isinstance(value, dict) and value:
            flat |= _flat(value, f"{above}{key}.")
        else:
            flat[f"{above}{key}"] = value
    return flat


def _files(run: RunRecord) -> Section:
    """Return the table of files and folders with their sizes, without hidden ones."""
    rows = []
    for path in sorted(run.path.iterdir()):
        if path.name.startswith("."):
            continue
        inside = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
        total = size(sum(_bytes(file) for file in inside))
        rows.append([f"{path.name}/" if path.is_dir() else path.name, total])
    return Section(["file", "size"], rows, ("size",))


def _bytes(file: Path) -> int:
    """Return a file's size in bytes; 0 for a link that leads nowhere, or a file that a running run has just removed."""
    try:
        return file.stat().st_size
    except OSError:
        return 0
