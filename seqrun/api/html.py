"""Runs and tables as HTML for notebooks: in the notebook's own colours, light or dark, with every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from seqrun.readable import counted, duration, figure, printable
from seqrun.rundir.reading import RunRecord

MOST_WARNINGS = 5
_LINE = "1px solid color-mix(in srgb, currentColor 25%, transparent)"
_CELL = "padding:.2em .7em;border:none;white-space:nowrap;"


@dataclass(frozen=True)
class Cell:
    """A cell's text; numbers stand to the right."""

    text: str
    numeric: bool = False


def table_html(headers: Sequence[str], rows: Sequence[Sequence[Cell]], notes: Sequence[str] = ()) -> str:
    """Return a table, its notes below it."""
    numeric = [any(row[number].numeric for row in rows) for number in range(len(headers))]
    head = "".join(_cell("th", name, right) for name, right in zip(headers, numeric, strict=True))
    body = "".join(f"<tr>{''.join(_cell('td', cell.text, cell.numeric) for cell in row)}</tr>" for row in rows)
    below = "".join(f'<div style="opacity:.75;margin-top:.3em">{text(note)}</div>' for note in notes)
    return (
        '<div style="overflow-x:auto;color:inherit"><table style="border-collapse:collapse;color:inherit;margin:0">'
        f'<thead style="border-bottom:{_LINE}"><tr>{head}</tr></thead><tbody>{body}</tbody></table>{below}</div>'
    )


def _cell(tag: str, content: str, right: bool) -> str:
    return f'<{tag} style="{_CELL}text-align:{"right" if right else "left"}">{text(content)}</{tag}>'


def text(content: object) -> str:
    """Return a text as HTML shows it."""
    return escape(printable(str(content)))


def run_html(run: RunRecord) -> str:
    """Return a run in short: what it is, how it ended, its metrics beside the baselines', and its warnings."""
    facts = " · ".join(map(text, _facts(run)))
    title = f'<div><b>{text(run.path.name)}</b> <span style="opacity:.75">{facts}</span></div>'
    return f'<div style="color:inherit">{title}{_metrics(run.metrics)}{"".join(_warnings(run))}</div>'


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
    rows = [
        [Cell(name), *(Cell(_figure(values.get(name)), numeric=True) for values in columns.values())]
        for name in metrics["test"]
    ]
    return table_html(["", *columns], rows)


def _figure(value: object) -> str:
    return figure(value) if isinstance(value, (int, float)) else "—"


def _warnings(run: RunRecord) -> Iterator[str]:
    found = run.record.get("warnings") or []
    for warning in found[:MOST_WARNINGS]:
        yield f'<div style="margin-top:.3em">⚠ {text(warning)}</div>'
    if len(found) > MOST_WARNINGS:
        yield f'<div style="opacity:.75">and {counted(len(found) - MOST_WARNINGS, "more warning")}</div>'
