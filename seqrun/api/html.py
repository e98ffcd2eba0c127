"""A run in short, as HTML for notebooks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from seqrun.console.html import Cell, table_html, text
from seqrun.readable import counted, duration, figure
from seqrun.rundir.reading import RunRecord

MOST_WARNINGS = 5


def run_html(run: RunRecord) -> str:
    """Return a run in short: what it is, how it ended, its metrics beside the baselines', and its warnings."""
    title = _title(run.path.name, " · ".join(_facts(run)))
    return _whole(title, _metrics(run.metrics), run.record.get("warnings") or [])


def evaluation_html(
    name: str,
    run: str,
    metrics: Mapping[str, float],
    recorded: Mapping[str, Mapping[str, float]],
    warnings: Sequence[str],
) -> str:
    """Return an evaluation in short: its metrics beside what training recorded, and its warnings."""
    columns = {name: metrics, **recorded}
    return _whole(_title(name, run), _table(columns, metrics), warnings)


def _whole(title: str, table: str, warnings: Sequence[str]) -> str:
    return f'<div style="color:inherit">{title}{table}{"".join(_warnings(warnings))}</div>'


def _title(name: str, facts: str) -> str:
    """Return what is shown above the table; a long name wraps."""
    told = f'<b>{text(name)}</b> <span style="opacity:.75">{text(facts)}</span>'
    return f'<div style="overflow-wrap:anywhere">{told}</div>'


def _facts(run: RunRecord) -> Iterator[str]:
    yield run.status
    metrics, seconds = run.metrics or {}, run.record.get("seconds")
    if run.history:
        best = metrics.get("best_epoch")
        yield counted(len(run.history), "epoch") + ("" if best is None else f", the best is {best}")
    if (parameters := (run.record.get("parameters") or {}).get("total")) is not None:
        yield f"{parameters:,} parameters"
    if seconds is not None:
        yield duration(seconds)
    if (skill := metrics.get("skill")) is not None:
        yield f"skill {skill:+.3f}"
    if run.record.get("error"):
        yield str(run.record["error"])


def _metrics(metrics: Mapping[str, Any] | None) -> str:
    """Return the table of metrics: those of the test split beside validation and the baselines."""
    if metrics is None or not metrics.get("test"):
        return ""
    columns = {name: metrics.get(name) or {} for name in ("test", "validation")} | (metrics.get("baselines") or {})
    return _table(columns, metrics["test"])


def _table(columns: Mapping[str, Mapping[str, Any]], names: Iterable[str]) -> str:
    rows = [
        [Cell(name), *(Cell(_figure(values.get(name)), numeric=True) for values in columns.values())] for name in names
    ]
    return table_html(["", *columns], rows)


def _figure(value: object) -> str:
    return figure(value) if isinstance(value, (int, float)) else "—"


def _warnings(found: Sequence[str]) -> Iterator[str]:
    for warning in found[:MOST_WARNINGS]:
        yield f'<div style="margin-top:.3em">⚠ {text(warning)}</div>'
    if len(found) > MOST_WARNINGS:
        yield f'<div style="opacity:.75">and {counted(len(found) - MOST_WARNINGS, "more warning")}</div>'
