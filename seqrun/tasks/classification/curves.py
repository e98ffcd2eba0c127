"""ROC and precision-recall curves of the test split: of the second class, or of each class against the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqrun.tasks.classification.metrics import one_vs_rest
from seqrun.training.figures import (
    BLUE,
    COLOURS,
    DASHED,
    INK,
    QUIET,
    VERMILLION,
    diagonal,
    legend,
    new_figure,
    note,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_CURVES = 10  # of more classes only the mean is drawn
GRID = np.linspace(0, 1, 1001)  # the x of every mean curve


class Curve(NamedTuple):
    """A curve in the unit square."""

    x: np.ndarray  # (points,)
    y: np.ndarray  # (points,)
    area: float  # as scikit-learn's metric defines it
    heights: np.ndarray  # y at each point of GRID


def roc_figure(targets: np.ndarray, probabilities: np.ndarray, names: Sequence[str], threshold: float | None) -> Figure:
    """Return a figure of true positive rate over false positive rate, with the point of the threshold, if given."""
    curves = [_roc(*pair) for pair in one_vs_rest(targets, probabilities)]
    figure, axes = _unit_square(len(curves))
    diagonal(axes, "chance")
    _draw(axes, curves, names, "AUC")
    if threshold is not None and probabilities.ndim == 1 and curves[0]:
        predicted = probabilities >= threshold
        _mark(axes, predicted[targets == 0].mean(), predicted[targets == 1].mean(), threshold)
    style(axes, title="ROC (test)", x="false positive rate", y="true positive rate")
    _place_legend(axes, len(curves), loc="lower right")
    return figure


def precision_recall_figure(
    targets: np.ndarray, probabilities: np.ndarray, names: Sequence[str], threshold: float | None
) -> Figure:
    """Return a figure of precision over recall, with the point of the threshold, if given.

    A dashed line shows the precision of guessing: the prevalence of the second class, or the mean prevalence of all.
    """
    pairs = list(one_vs_rest(targets, probabilities))
    curves = [_precision_recall(*pair) for pair in pairs]
    figure, axes = _unit_square(len(curves))
    prevalence = np.mean([positives.mean() for positives, _ in pairs])
    label = f"prevalence of {names[1]} ({prevalence:.3f})" if len(pairs) == 1 else f"mean prevalence ({prevalence:.3f})"
    axes.axhline(prevalence, color=QUIET, linewidth=1, linestyle=DASHED, label=label, zorder=1)
    _draw(axes, curves, names, "AP", drawstyle="steps-post")
    if threshold is not None and probabilities.ndim == 1 and curves[0] and (probabilities >= threshold).any():
        predicted = probabilities >= threshold
        _mark(axes, predicted[targets == 1].mean(), targets[predicted].mean(), threshold)
    style(axes, title="Precision and recall (test)", x="recall", y="precision")
    height = prevalence + 0.03 if prevalence < 0.25 else 0.01  # clear of the dashed line
    _place_legend(axes, len(curves), loc="lower left", bbox_to_anchor=(0.01, height))
    return figure


def _roc(positives: np.ndarray, scores: np.ndarray) -> Curve | None:
    """Return the ROC curve; None if all samples are positive, or none is."""
    from sklearn.metrics import auc, roc_curve

    if positives.all() or not positives.any():
        return None
    fpr, tpr, _ = roc_curve(positives, scores)
    heights = np.interp(GRID, fpr, tpr)
    heights[0] = 0  # every curve starts in the corner
    return Curve(fpr, tpr, auc(fpr, tpr), heights)


def _precision_recall(positives: np.ndarray, scores: np.ndarray) -> Curve | None:
    """Return the precision-recall curve; None if no sample is positive."""
    from sklearn.metrics import precision_recall_curve

    if not positives.any():
        return None
    precision, recall, _ = precision_recall_curve(positives, scores)
    # Recall falls from 1 to 0, and a point's precision holds down to the next: nothing is interpolated.
    heights = precision[::-1][np.searchsorted(recall[::-1], GRID)]
    return Curve(recall, precision, -np.diff(recall) @ precision[:-1], heights)


def _draw(axes: Axes, curves: Sequence[Curve | None], names: Sequence[str], measure: str, **look: Any) -> None:
    """Draw the only curve, or those of up to ten classes and their mean, or the mean alone.

    `measure` names the area in the legend; `look` are arguments of matplotlib's `plot`.
    """
    defined = [curve for curve in curves if curve]
    if not defined:
        note(axes, "not defined: the test split has samples of one class only")
    elif len(curves) == 1:
        x, y, area, _ = defined[0]
        axes.plot(x, y, color=BLUE, linewidth=1.8, label=f"{measure} {area:.4f}", **look)
    else:
        if len(curves) <= MOST_CURVES:
            _draw_classes(axes, curves, names, measure, **look)
        mean = np.mean([curve.area for curve in defined])
        heights = np.mean([curve.heights for curve in defined], axis=0)
        count = len(curves) if len(defined) == len(curves) else f"{len(defined)} of {len(curves)}"
        axes.plot(GRID, heights, color=INK, linewidth=2.4, label=f"{measure} {mean:.3f}  mean of {count} classes")


def _draw_classes(axes: Axes, curves: Sequence[Curve | None], names: Sequence[str], measure: str, **look: Any) -> None:
    nowhere = np.empty(0)
    for number, (curve, name) in enumerate(zip(curves, names, strict=True)):
        colour, dashes = COLOURS[number % len(COLOURS)], "-" if number < len(COLOURS) else (0, (3, 1))
        x, y, label = (curve.x, curve.y, f"{measure} {curve.area:.3f}") if curve else (nowhere, nowhere, "not defined")
        axes.plot(x, y, color=colour, linestyle=dashes, linewidth=1.1, label=f"{label}  {name}", **look)


def _mark(axes: Axes, x: float, y: float, threshold: float) -> None:
    label = f"threshold {threshold:.3g}, chosen on validation"
    axes.plot(x, y, "o", color=VERMILLION, markersize=7, markeredgecolor="white", label=label, zorder=4)


def _unit_square(curves: int) -> tuple[Figure, Axes]:
    figure = new_figure(5 if curves == 1 or curves > MOST_CURVES else 7.4, 5)
    axes = figure.subplots()
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")
    return figure, axes


def _place_legend(axes: Axes, curves: int, **inside: Any) -> None:
    """Place the legend inside the axes (at `inside`) where few curves leave room for it, else beside them."""
    beside = {"loc": "upper left", "bbox_to_anchor": (1.01, 1)}
    legend(axes, **(inside if curves == 1 or curves > MOST_CURVES else beside))
