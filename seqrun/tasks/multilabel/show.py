"""What `seqrun show` adds for a multi-label run: each label's scores, and texts with true and predicted labels."""

from __future__ import annotations

from seqrun.tasks.pages import NOTHING, Page, Section, Shown, cell, cut

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
