"""What only runs that predict numbers show: each target by itself, the intervals, and texts with their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqrun.readable import figure
from seqrun.rundir.shapes import a_figure, anything, fields, mapping, optional, real, text
from seqrun.tasks.pages import Page, Section, Shown, TaskPage, cell, cut

ERROR = "mae"
OWN = ("mae", "rmse", "r2", "coverage", "interval_width")


def page(shown: Shown) -> Page:
    """Return the facts, tables and examples, as far as the run has them."""
    rows = [
        [str(one["row"]), *(_pair(pair) for pair in one["numbers"].values()), cut(one["text"], shown.excerpt)]
        for one in shown.examples
        if "numbers" in one
    ]
    names = next((list(one["numbers"]) for one in shown.examples if "numbers" in one), [])
    headers = ["test row", *(f"{name} (predicted)" for name in names), "text"]
    return Page(
        facts=_facts(shown.metrics),
        results=[_targets(shown.metrics)],
        examples=[Section(headers, rows, tuple(headers[:-1]))],
    )


def _pair(pair: Mapping[str, float]) -> str:
    return f"{figure(pair['target'])} ({figure(pair['prediction'])})"


def _facts(metrics: Mapping[str, Any]) -> dict[str, str]:
    """Return what was promised of the intervals, and what the test split says of it; of a regressor's runs alone."""
    test = metrics.get("test") or {}
    level, held = test.get("interval_level"), test.get("coverage")
    if level is None or held is None or "by_step" in metrics:
        return {}
    wide = test.get("interval_width")
    width = "without bounds" if wide is None else f"{figure(wide)} wide on average"
    return {"intervals": f"of {100 * level:g}%: they hold {100 * held:.1f}% of the test targets, {width}"}


def _targets(metrics: Mapping[str, Any]) -> Section:
    """Of each of several targets the network's metrics, and each baseline's error."""
    by_target = metrics.get("by_target") or {}
    own, baselines = by_target.get("test") or {}, by_target.get("baselines") or {}
    rows = [
        [
            name,
            *(cell(found.get(metric)) for metric in OWN),
            *(cell(each.get(name, {}).get(ERROR)) for each in baselines.values()),
        ]
        for name, found in own.items()
    ]
    headers = ["target", *(metric.replace("_", " ") for metric in OWN), *(f"{name}'s {ERROR}" for name in baselines)]
    return Section(headers, rows, tuple(headers[1:]))


_SCORED = mapping(fields({}, dict.fromkeys(OWN, a_figure)))  # by target
_PAIR = fields({"target": real, "prediction": real})


def _fault(one: Mapping[str, Any]) -> float:
    """Return how far apart the numbers and the predicted ones are, below 1: no number is right or wrong."""
    pairs = [(pair["target"], pair["prediction"]) for pair in one["numbers"].values()]
    apart = [abs(true - given) / (abs(true) + abs(given) or 1.0) for true, given in pairs]
    return 0.9 * max(apart, default=0.0)


PAGE = TaskPage(
    page,
    details=fields(
        {}, {"by_target": optional(fields({}, {"test": optional(_SCORED), "baselines": optional(mapping(_SCORED))}))}
    ),
    marks="numbers",
    example=fields({"row": anything, "numbers": mapping(_PAIR), "text": text}),
    fault=_fault,
)
