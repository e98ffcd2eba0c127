"""What `seqrun show` adds for runs that forecast: errors by horizon step, and a backtest's folds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from seqrun.readable import figure
from seqrun.rundir.shapes import a_figure, count, fields, listing, mapping, optional, text
from seqrun.tasks.forecasting.worst import worst
from seqrun.tasks.pages import NOTHING, Page, Section, Shown, TaskPage, cell

ERROR = "mae"
INTERVALS = ("coverage", "interval_width")


def page(shown: Shown) -> Page:
    """Return the page with both tables; a table is empty where the run has nothing for it."""
    return Page(results=[_steps(shown.metrics), _backtest(shown.metrics)])


def _steps(metrics: Mapping[str, Any]) -> Section:
    """Return, at the first, the middle and the last horizon step, the mae of the network and each baseline, and whether
    the network's intervals held.

    Empty if the horizon is one step: its error stands in the metrics already.
    """
    by_step = metrics.get("by_step") or {}
    errors = {"network": (by_step.get("test") or {}).get(ERROR) or []}
    errors |= {name: found.get(ERROR) or [] for name, found in (by_step.get("baselines") or {}).items()}
    held = {name.replace("_", " "): found for name in INTERVALS if (found := (by_step.get("test") or {}).get(name))}
    horizon = len(errors["network"])
    if horizon < 2:
        return Section([], [])
    shown = sorted({0, (horizon - 1) // 2, horizon - 1})
    columns = {**errors, **held}
    rows = [[f"{step + 1} of {horizon}", *(_at(values, step) for values in columns.values())] for step in shown]
    return Section([f"{ERROR} at step", *columns], rows, tuple(columns))


def _at(values: Sequence[float | None], step: int) -> str:
    return cell(values[step] if step < len(values) else None)


def _backtest(metrics: Mapping[str, Any]) -> Section:
    """Return, a row a fold, its counts of windows, the network's mae, and the best baseline's.

    A last row says what no fold has of its own, and knows something of what follows its origin.
    """
    headers = ["backtest", "learned from", "judged on", ERROR, f"best baseline's {ERROR}"]
    rows = [_fold(fold) for fold in metrics.get("backtest") or []]
    if shared := metrics.get("backtest_shares"):
        rows.append(["of the whole run", ", ".join(shared), "", "", ""])
    return Section(headers, rows, tuple(headers[1:4]))


def _fold(fold: Mapping[str, Any]) -> list[str]:
    windows, error = fold.get("windows") or {}, (fold.get("metrics") or {}).get(ERROR)
    rules = {name: found.get(ERROR) for name, found in (fold.get("baselines") or {}).items()}
    rules = {name: value for name, value in rules.items() if value is not None}
    best = min(rules, key=rules.__getitem__, default=None)
    return [
        f"fold {fold.get('fold', NOTHING)}",
        *(f"{windows[side]:,} windows" if side in windows else NOTHING for side in ("train", "test")),
        cell(error),
        NOTHING if best is None else f"{figure(rules[best])} ({best})",
    ]


_ERRORS = fields({}, dict.fromkeys((ERROR, *INTERVALS), optional(listing(a_figure))))
_SCORES = fields({}, {ERROR: a_figure})
_FOLD = fields(
    {},
    {
        "fold": optional(count),
        "windows": optional(mapping(count)),
        "metrics": optional(_SCORES),
        "baselines": optional(mapping(_SCORES)),
    },
)
PAGE = TaskPage(
    page,
    details=fields(
        {},
        {
            "by_step": optional(fields({}, {"test": optional(_ERRORS), "baselines": optional(mapping(_ERRORS))})),
            "backtest": optional(listing(_FOLD)),
            "backtest_shares": optional(listing(text)),
        },
    ),
    worst=worst,
)
