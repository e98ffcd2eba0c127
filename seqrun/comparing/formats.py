"""A comparison as text: rounded cells for people (table, Markdown), full precision for programs (CSV, JSON)."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from seqrun.comparing.differences import show
from seqrun.comparing.families import families
from seqrun.comparing.markdown import escaped, markdown_table
from seqrun.comparing.notes import MARK
from seqrun.comparing.settings import NOTHING, Settings
from seqrun.comparing.table import Aggregate, Comparison, Selection, TableRow
from seqrun.comparing.verdict import Verdict
from seqrun.readable import duration, figure

KEY_COLUMNS = 5  # more differing keys than this share one column: a wide table is no table
FOLDED = ("run", "config")  # columns that are text
FOLDED_WIDTH = 24  # characters, at least
COLUMN_GAP = 3  # characters between the columns of a printed table
HEADERS = ("run", "tags", "status", "test data", "config", "skill", "parameters", "epochs", "training", "verdict")
DIFFERENCE = "difference [95%]"  # column beside the verdict
FRESH = "fresh seeds"  # column of what a selected row came to after it was selected

SPREAD = ("_low", "_high", "_min", "_max", "_iqm")  # ends of the columns of what repeats tell of a metric
VERDICT = (  # what programs are told beside the word
    "over",
    "reference",
    "metric",
    "difference",
    "test",
    "p",
    "p_adjusted",
    "counted",
    "smallest",
    "runs_needed",
    "probability_better",
    "reason",
)


@dataclass(frozen=True)
class Grid:
    """A comparison as cells of text."""

    headers: list[str]
    rows: list[list[str]]
    numeric: list[str]  # headers of the columns to align to the right
    usual: str | None = None  # what the shared config column leaves out because most rows have it

    def fits(self, width: int) -> bool:
        """Return whether a table of this width leaves all numbers whole.

        Only the columns `run` and `config` may be folded, and only while they are the widest.
        """
        columns = zip(self.headers, *self.rows, strict=True)
        widths = {column[0]: max(map(len, column)) for column in columns}
        fixed = [size for header, size in widths.items() if header not in FOLDED]
        narrowest = max([FOLDED_WIDTH, *fixed])  # folding starts with the widest column, and ends with all as wide
        folded = [min(widths[header], narrowest) for header in FOLDED if header in widths]
        return sum(fixed) + sum(folded) + COLUMN_GAP * (len(widths) - 1) <= width


def grid(comparison: Comparison) -> Grid:
    """Return the comparison as cells for people: columns equal in all rows are left out, a missing value is a dash."""
    settings = Settings(comparison.rows, comparison.keys, HEADERS)
    shared = len(comparison.keys) > KEY_COLUMNS
    numbers = [*(["skill"] if any(row.skill for row in comparison.rows) else []), "parameters", "epochs", "training"]
    headers = _headers(comparison, ["config"] if shared else [*settings.labels.values()], numbers)
    rows = []
    for row in comparison.rows:
        cells = _cells(row)
        if shared:
            cells["config"] = settings.text(row) or NOTHING
        else:
            cells |= {settings.labels[key]: settings.cell(row, key) for key in comparison.keys}
        rows.append([cells[header] for header in headers])
    return Grid(headers, rows, [*comparison.metrics, *numbers], _usual(settings) if shared else None)


def _headers(comparison: Comparison, settings: Sequence[str], numbers: Sequence[str]) -> list[str]:
    """Return the columns in their order, those of the config's settings and other numbers among them."""
    first = ["run"]
    first += ["tags"] if any(row.tags for row in comparison.rows) else []
    first += [] if comparison.all_finished else ["status"]
    first += ["test data"] if comparison.unequal else []
    verdicts = ["verdict", DIFFERENCE] if any(row.verdict for row in comparison.rows) else []
    verdicts += [FRESH] if any(row.selected and row.selected.fresh for row in comparison.rows) else []
    return [*first, *settings, *comparison.metrics, *verdicts, *numbers]


def _cells(row: TableRow) -> dict[str, str]:
    """Return the cells of a row by their columns, but for its config."""
    return {
        "run": f"{row.label} {MARK}" if row.warnings else row.label,
        "tags": ", ".join(row.tags) or NOTHING,
        "status": row.status,
        "test data": _dash(row.test_data),
        **_figures(row),
        **_verdict(row),
        **{name: cell(found, row.so_far) for name, found in row.metrics.items()},
    }


def _usual(settings: Settings) -> str | None:
    words = ", ".join(f"{settings.labels[key]}={value}" for key, value in settings.usual.items())
    return f"where config does not say otherwise: {words}" if words else None


def _verdict(row: TableRow) -> dict[str, str]:
    verdict, selected = row.verdict, row.selected
    cells = {"verdict": NOTHING, DIFFERENCE: NOTHING, FRESH: NOTHING}
    if verdict is None:
        return {**cells, "verdict": "reference" if row.is_reference else NOTHING}
    cells["verdict"] = verdict.text if selected is None else f"{verdict.text} (selected)"
    if selected is not None and selected.fresh is not None:
        cells[FRESH] = cell(selected.fresh)
    if verdict.difference is not None:
        interval = "" if verdict.interval is None else f" [{', '.join(map(_signed, verdict.interval))}]"
        cells[DIFFERENCE] = f"{_signed(verdict.difference)}{interval}"
    return cells


def _signed(value: float) -> str:
    return f"+{figure(value)}" if value > 0 else figure(value)


def _figures(row: TableRow) -> dict[str, str]:
    return {
        "skill": cell(row.skill),
        "parameters": NOTHING if row.parameters is None else f"{row.parameters:,}",
        "epochs": NOTHING if row.epochs is None else _count(row.epochs.mean),
        "training": NOTHING if row.seconds is None else duration(row.seconds.mean),
    }


def _count(mean: float) -> str:
    return f"{mean:,.0f}" if mean == round(mean) else f"{mean:,.1f}"


def cell(found: Aggregate | None, so_far: bool = False) -> str:
    """Return a figure over repeats as text: mean ± standard deviation (runs)."""
    if found is None:
        return NOTHING
    spread = "" if found.sd is None else f" ± {figure(found.sd)} ({found.n})"
    return f"{figure(found.mean)}{spread}{' so far' if so_far else ''}"


def _dash(value: object) -> str:
    return NOTHING if value is None else str(value)


def grids(comparison: Comparison) -> dict[str, Grid]:
    """Return the comparison as cells for people, a grid for each family of its rows, by the family's name."""
    return {name: grid(of_family) for name, of_family in families(comparison).items()}


def to_markdown(tables: Mapping[str, Grid]) -> str:
    """Return grids as GitHub-flavoured Markdown tables, under their names if there are several."""
    headed = {f"**{escaped(name)}**\n\n" if len(tables) > 1 else "": cells for name, cells in tables.items()}
    return "\n".join(
        f"{head}{markdown_table(cells.headers, cells.rows, cells.numeric)}\n" for head, cells in headed.items()
    )


def to_csv(comparison: Comparison) -> str:
    """Return the comparison as CSV: a header line, full dotted keys, all digits, an empty cell for a missing value."""
    records = [_as_text(row, comparison) for row in comparison.rows]
    out = io.StringIO()
    writer = csv.DictWriter(out, list(records[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return out.getvalue()


def _as_text(row: TableRow, comparison: Comparison) -> dict[str, Any]:
    """Return a row as CSV has it: values of the config as in a config, runs divided by blanks."""
    cells = flat(row, comparison)
    config = {key: show(row.config[key]) for key in comparison.keys if key in row.config}
    return {**cells, **config, "runs": " ".join(cells["runs"]), "so_far": json.dumps(row.so_far)}


def flat(row: TableRow, comparison: Comparison) -> dict[str, Any]:
    """Return a row as cells by column, in full precision; of figures mean and standard deviation; None is missing.

    Of metrics also the t interval of the mean, the range and the interquartile mean (see SPREAD).
    """
    figures = {**row.metrics, "skill": row.skill, "epochs": row.epochs, "seconds": row.seconds}
    cells: dict[str, Any] = {
        "name": row.name,
        "runs": [str(run.path) for run in row.runs],
        "n": len(row.runs),
        "status": row.status,
        "so_far": row.so_far,
        "test_data": row.test_data,
        "tags": ", ".join(row.tags),
    }
    cells |= {key: row.config.get(key) for key in comparison.keys}
    for name, found in figures.items():
        cells[name] = None if found is None else found.mean
        cells[f"{name}_sd"] = None if found is None else found.sd
    for name, found in row.metrics.items():
        cells |= {f"{name}{ending}": value for ending, value in zip(SPREAD, _spread(found), strict=True)}
    return {**cells, "parameters": row.parameters, **_flat(row.verdict), **_flat_selection(row.selected)}


def _spread(found: Aggregate | None) -> tuple[float | None, ...]:
    if found is None:
        return (None,) * len(SPREAD)
    return (*(found.interval or (None, None)), min(found.values), max(found.values), found.interquartile_mean)


def _flat_selection(selected: Selection | None) -> dict[str, Any]:
    fresh = selected.fresh if selected is not None else None
    return {
        "selected": selected.text if selected is not None else None,
        "fresh": fresh.mean if fresh is not None else None,
        "fresh_n": fresh.n if fresh is not None else None,
    }


def _flat(verdict: Verdict | None) -> dict[str, Any]:
    """Return a verdict as cells, those of an interval by its ends."""
    found = asdict(verdict) if verdict is not None else dict.fromkeys(each.name for each in fields(Verdict))
    cells: dict[str, Any] = {"verdict": found["word"], **{name: found[name] for name in VERDICT}}
    for name in ("interval", "bootstrap"):
        cells[f"{name}_low"], cells[f"{name}_high"] = found[name] or (None, None)
    return cells


def to_json(comparison: Comparison) -> str:
    """Return a JSON list of rows: the runs, what differs in the config, mean, sd, n and values of every number."""
    return json.dumps([_structured(row) for row in comparison.rows], indent=2, ensure_ascii=False) + "\n"


def _structured(row: TableRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "family": row.family,
        "status": row.status,
        "so_far": row.so_far,
        "test_data": row.test_data,
        "tags": row.tags,
        "config": row.config,
        "metrics": {name: _of_runs(found) for name, found in row.metrics.items()},
        "skill": _statistics(row.skill),
        "parameters": row.parameters,
        "epochs": _statistics(row.epochs),
        "seconds": _statistics(row.seconds),
        **_judged(row.verdict),
        "selected": row.selected and {"of": row.selected.of, "among": row.selected.among},
        "fresh": _statistics(row.selected.fresh) if row.selected else None,
        "warnings": row.warnings,
        "runs": [{"path": str(run.path), "seed": run.record.get("seed"), "status": run.status} for run in row.runs],
    }


def _judged(verdict: Verdict | None) -> dict[str, Any]:
    found = asdict(verdict) if verdict is not None else dict.fromkeys(each.name for each in fields(Verdict))
    return {"verdict": found["word"], "interval": found["interval"], "bootstrap": found["bootstrap"]} | {
        name: found[name] for name in VERDICT
    }


def _statistics(found: Aggregate | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"mean": found.mean, "sd": found.sd, "n": found.n, "values": list(found.values)}


def _of_runs(found: Aggregate | None) -> dict[str, Any] | None:
    """Return the statistics of a metric, with what repeats tell of its mean."""
    if found is None:
        return None
    return {
        **(_statistics(found) or {}),
        "interval": found.interval,
        "range": [min(found.values), max(found.values)],
        "interquartile_mean": found.interquartile_mean,
    }
