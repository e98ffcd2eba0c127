"""What a multi-label network shows of its predictions on the test split, as matplotlib figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from seqrun.tasks.multilabel.metrics import average_precisions
from seqrun.training.figures import (
    BLUE,
    COLOURS,
    DASHED,
    INK,
    QUIET,
    SKY,
    TEXT_SIZE,
    legend,
    new_figure,
    note,
    plain,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_BARS, MOST_CURVES = 40, len(COLOURS)  # labels shown, the most frequent ones

Details = Mapping[str, Mapping[str, float]]  # label -> score -> value, as `metrics.label_details` has them


def multilabel_figures(targets: np.ndarray, probabilities: np.ndarray, details: Details) -> dict[str, Figure]:
    """Return the figures `label_scores` and `precision_recall`, of targets and probabilities (samples, labels)."""
    return {
        "label_scores": _scores_figure(details),
        "precision_recall": _precision_recall_figure(np.asarray(targets) > 0, probabilities, details),
    }


def _by_support(details: Details) -> list[str]:
    """Return the labels, the most frequent first."""
    return sorted(details, key=lambda name: -details[name]["support"])


def _scores_figure(details: Details) -> Figure:
    """Return two bars a label, its average precision and F1 at its threshold, with how many samples have it."""
    names = _by_support(details)[:MOST_BARS]
    figure = new_figure(6.8, max(2.6, 0.42 * len(names) + 1.2))
    axes = figure.subplots()
    places = np.arange(len(names), dtype=np.float64)
    for score, shift, colour, called in (
        ("average_precision", -0.18, BLUE, "average precision"),
        ("f1", 0.18, SKY, "F1 at the label's threshold"),
    ):
        values = np.array([details[name][score] for name in names])
        axes.barh(places + shift, np.nan_to_num(values), color=colour, height=0.34, label=called)
        for place, value in zip(places, values, strict=True):
            text = f"{value:.3f}" if np.isfinite(value) else "not defined"
            axes.text(1.02, place + shift, text, va="center", fontsize=TEXT_SIZE - 2, color=INK)
    for place, name in zip(places, names, strict=True):
        text = f"{details[name]['support']:,} samples"
        axes.text(1.16, place, text, va="center", fontsize=TEXT_SIZE - 1.5, color=INK)
    axes.set_yticks(places, plain(names))
    axes.set(xlim=(0, 1.4), ylim=(len(names) - 0.4, -0.6))
    axes.set_xticks(np.linspace(0, 1, 6))
    axes.axvline(1, color=QUIET, linewidth=0.7)
    shown = "by label" if len(names) == len(details) else f"of the {MOST_BARS} most frequent of {len(details):,} labels"
    style(axes, title=f"Scores {shown} (test)")
    axes.grid(axis="y", visible=False)
    legend(axes, loc="upper left", bbox_to_anchor=(0, -0.06 - 0.3 / len(names)), ncols=2)
    return figure


def _precision_recall_figure(targets: np.ndarray, probabilities: np.ndarray, details: Details) -> Figure:
    """Return curves of all labels together and of the most frequent, each of these with the point of its threshold."""
    figure = new_figure(7.4, 5)
    axes = figure.subplots()
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    prevalence = targets.mean()
    axes.axhline(prevalence, color=QUIET, linewidth=1, linestyle=DASHED, label=f"mean prevalence ({prevalence:.3f})")
    if not targets.any():
        note(axes, "not defined: no test sample has a label")
    else:
        numbers = {name: number for number, name in enumerate(details)}
        for colour, name in zip(COLOURS, _by_support(details), strict=False):
            number = numbers[name]
            if targets[:, number].any():
                (label,) = plain([name])
                _curve(axes, targets[:, number], probabilities[:, number], label, color=colour, linewidth=1.1)
                _point(axes, details[name], colour)
        _curve(axes, targets.ravel(), probabilities.ravel(), "all labels (micro)", color=INK, linewidth=2.2)
        axes.plot([], [], "o", color=QUIET, markersize=6, label="at its threshold")
    style(axes, title="Precision and recall (test)", x="recall", y="precision")
    legend(axes, loc="upper left", bbox_to_anchor=(1.01, 1))
    return figure


def _curve(axes: Axes, hits: np.ndarray, scores: np.ndarray, name: str, *, color: str, linewidth: float) -> None:
    """Draw precision over recall, from truth values and scores (n,)."""
    from sklearn.metrics import precision_recall_curve

    precision, recall, _ = precision_recall_curve(hits, scores)
    (area,) = average_precisions(hits[:, None], np.asarray(scores, np.float64)[:, None])
    label = f"AP {area:.3f}  {name}"
    axes.plot(recall, precision, drawstyle="steps-post", color=color, linewidth=linewidth, label=label)


def _point(axes: Axes, scores: Mapping[str, float], colour: str) -> None:
    place = scores["recall"], scores["precision"]
    axes.plot(*place, "o", color=colour, markersize=6, markeredgecolor="white", zorder=4)
