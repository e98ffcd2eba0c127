"""What `seqrun show` adds for a multi-label run: each label's scores, and texts with true and predicted labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seqrun.rundir.shapes import a_figure, anything, count, fields, listing, mapping, optional, text
from seqrun.tasks.pages import NOTHING, Page, Section, Shown, TaskPage, cell, cut

SCORES = ("threshold", "precision", "recall", "f1", "average_precision")


def page(shown: Shown) -> Page:
    """Return a table of the labels' scores on the test split, the most frequent first, and one of the example texts."""
    table = shown.metrics.get("labels") or {}
    by_support = sorted(table.items(), key=lambda item: -item[1]["support"])
    rows = [
        [name, *(cell(scores.get(score)) for score in SCORES), f"{scores['support']:,}"] for name, scores in by_support
    ]
    scores = Section(["label", *SCORES, "support"], rows, (*SCORES, "support"))
    texts = [
        [str(one["row"]), _listed(one["labels"]), _listed(one["predicted_labels"]), cut(one["text"], shown.excerpt)]
        for one in shown.examples
        if "predicted_labels" in one
    ]
    return Page(results=[scores], examples=[Section(["test row", "labels", "predicted", "text"], texts, ("test row",))])


def _listed(labels: list[str]) -> str:
    return ", ".join(labels) or NOTHING


_SCORED = fields({"support": count}, dict.fromkeys(SCORES, a_figure))


def _fault(one: Mapping[str, Any]) -> float:
    """Return how many labels are missing or too many."""
    return float(len({*one["labels"]} ^ {*one["predicted_labels"]}))


PAGE = TaskPage(
    page,
    details=fields({}, {"labels": optional(mapping(_SCORED))}),
    marks="predicted_labels",
    example=fields({"row": anything, "labels": listing(text), "predicted_labels": listing(text), "text": text}),
    fault=_fault,
)
