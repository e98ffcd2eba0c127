"""What `seqrun show` adds for a classifier: each class's scores; example texts, their class and the predicted one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqrun.rundir.shapes import a_figure, anything, count, fields, mapping, optional, real, text
from seqrun.tasks.pages import Page, Section, Shown, TaskPage, cell, cut

SCORES = ("precision", "recall", "f1")


def page(shown: Shown) -> Page:
    """Return a table of the scores of each class, and one of the run's example texts."""
    rows = [
        [
            str(one["row"]),
            str(one["target"]),
            f"{one['prediction']} ({one['probability']:.1%})",
            cut(one["text"], shown.excerpt),
        ]
        for one in shown.examples
        if "probability" in one
    ]
    examples = Section(["test row", "is", "predicted", "text"], rows, ("test row",))
    return Page(results=[_classes(shown.metrics)], examples=[examples])


def _classes(metrics: Mapping[str, Any]) -> Section:
    """Return the scores of each class on the test split; runs of earlier versions have none."""
    rows = [
        [name, *(cell(scores.get(score)) for score in SCORES), f"{scores['support']:,}"]
        for name, scores in (metrics.get("by_class") or {}).items()
    ]
    return Section(["class", *SCORES, "support"], rows, (*SCORES, "support"))


def _fault(one: Mapping[str, Any]) -> float:
    """Return 0 for a sample predicted rightly, else 1 and how sure of it the network was."""
    return 1 + one["probability"] if one["prediction"] != one["target"] else 0.0


PAGE = TaskPage(
    page,
    details=fields({}, {"by_class": optional(mapping(fields({"support": count}, dict.fromkeys(SCORES, a_figure))))}),
    marks="probability",
    example=fields({"row": anything, "target": anything, "prediction": anything, "probability": real, "text": text}),
    fault=_fault,
)
