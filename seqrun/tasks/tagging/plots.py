"""Figures of a tagger's predictions on the test split."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.tasks.classification.plots import confusion_figure
from seqrun.training.figures import BLUE, INK, QUIET, TEXT_SIZE, new_figure, plain, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqrun.tasks.tagging.spans import Scores


def tag_figures(matrix: np.ndarray, details: Mapping[str, Any], tags: Sequence[str]) -> dict[str, Figure]:
    """Return the figures `confusion_matrix`, `tag_f1` and, if there are spans, `span_f1`.

    Takes the counts of steps (tags, tags), the scores of tags and of spans (`tag_details`), and the tags' names.
    """
    figures = {
        "confusion_matrix": confusion_figure({"Confusion matrix (test)": matrix}, plain(tags), "tag"),
        "tag_f1": _scores_figure(details["tags"], "F1 by tag (test)", "steps"),
    }
    if details.get("spans"):
        figures["span_f1"] = _scores_figure(details["spans"], "F1 by type of span (test)", "spans")
    return figures


def _scores_figure(table: Mapping[str, Scores], title: str, unit: str) -> Figure:
    """Return a figure with a bar for the F1 of each name, and its support beside it; the most frequent is on top."""
    names = sorted(table, key=lambda name: -table[name]["support"])
    scores = np.array([table[name]["f1"] for name in names])
    figure = new_figure(6.4, max(2.4, 0.26 * len(names) + 1))
    axes = figure.subplots()
    places = range(len(names))
    axes.barh(places, np.nan_to_num(scores), color=BLUE, height=0.7)
    for place, name, score in zip(places, names, scores, strict=True):
        support = f"{table[name]['support']:,} {unit}"
        text = f"{score:.3f}  ({support})" if np.isfinite(score) else f"does not occur ({support})"
        axes.text(1.02, place, text, va="center", fontsize=TEXT_SIZE - 1.5, color=INK)
    axes.set_yticks(places, plain([name or "all" for name in names]))
    axes.set(xlim=(0, 1.4), ylim=(len(names) - 0.4, -0.6))
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.axvline(1, color=QUIET, linewidth=0.7)
    style(axes, title=title, x="F1")
    axes.grid(axis="y", visible=False)
    return figure
