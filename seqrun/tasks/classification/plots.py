"""Figures of a classifier's predictions on the test split."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.tasks.classification.curves import precision_recall_figure, roc_figure
from seqrun.tasks.classification.metrics import (
    CALIBRATION_BINS,
    calibration_error,
    confidence,
    confusion_counts,
    predicted_classes,
    reliability,
)
from seqrun.training.figures import BLUE, INK, TEXT_SIZE, diagonal, legend, new_figure, plain, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def classification_figures(
    targets: np.ndarray, probabilities: np.ndarray, classes: Sequence[str], threshold: float | None
) -> dict[str, Figure]:
    """Return the figures `roc`, `precision_recall`, `confusion_matrix` and `calibration`.

    Takes class numbers (n,), probabilities (n,) of the second of two classes or (n, classes), the names of the classes,
    and the threshold that was chosen on validation (None for more than two classes).
    """
    targets, probabilities = np.asarray(targets, dtype=np.int64), np.asarray(probabilities, dtype=np.float64)
    names = plain(classes)
    return {
        "roc": roc_figure(targets, probabilities, names, threshold),
        "precision_recall": precision_recall_figure(targets, probabilities, names, threshold),
        "confusion_matrix": _confusion_figure(targets, probabilities, names, threshold),
        "calibration": _calibration_figure(targets, probabilities, names),
    }


def _confusion_figure(
    targets: np.ndarray, probabilities: np.ndarray, names: Sequence[str], threshold: float | None
) -> Figure:
    """Return a figure of one matrix, or of two for two classes: at 0.5 and at the threshold chosen on validation."""
    predictions = {"Confusion matrix (test)": predicted_classes(probabilities)}
    if probabilities.ndim == 1:
        predictions = {"Threshold 0.5 (test)": predicted_classes(probabilities)}
        if threshold is not None:
            title = f"Threshold {threshold:.3g}, chosen on validation (test)"
            predictions[title] = (probabilities >= threshold).astype(int)
    counts = {title: confusion_counts(targets, given, len(names)) for title, given in predictions.items()}
    return confusion_figure(counts, names)


def confusion_figure(matrices: Mapping[str, np.ndarray], names: Sequence[str], what: str = "class") -> Figure:
    """Return a figure of confusion matrices side by side.

    Takes counts (classes, classes) by title, a row for each true class, and what the names are of: class or tag.
    """
    side = max(3.2, min(0.52 * len(names), 14))
    room = 0.6 + 0.075 * max(map(len, names))  # inches for the labels of an axis
    figure = new_figure((side + room) * len(matrices) + 0.2, side + room + 0.5)
    grid = figure.subplots(1, len(matrices), squeeze=False).ravel()
    for axes, (title, counts) in zip(grid, matrices.items(), strict=True):
        _matrix(axes, counts, names, side)
        style(axes, title=title, x=f"predicted {what}", y=f"true {what}", grid=False)
    return figure


def _matrix(axes: Axes, counts: np.ndarray, names: Sequence[str], side: float) -> None:
    """Draw each count's share of its true class as a colour, and both as text for up to 30 classes."""
    with np.errstate(invalid="ignore"):  # a class without samples has no shares
        shares = 100 * counts / counts.sum(axis=1, keepdims=True)
    image = axes.imshow(shares, cmap="Blues", vmin=0, vmax=100)
    step = math.ceil(0.14 * len(names) / side)  # leaves out names where there is no room for all
    ticks, shown = range(0, len(names), step), names[::step]
    fits = len(names) * max(map(len, names)) * 0.075 < side
    turned: dict[str, Any] = {} if fits else {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axes.set_xticks(ticks, shown, **turned)
    axes.set_yticks(ticks, shown)
    if len(names) > 30:
        bar = axes.figure.colorbar(image, ax=axes, shrink=0.5, aspect=30, pad=0.02)
        bar.set_label("share of the true class (%)", fontsize=TEXT_SIZE, color=INK)
        bar.outline.set_visible(False)
        return
    few = len(names) <= 6
    for (row, column), count in np.ndenumerate(counts):
        if count or few:
            share = shares[row, column]
            text = f"{count:,}\n{share:.0f}%" if np.isfinite(share) else "0"
            colour = "white" if share > 55 else INK
            size = TEXT_SIZE + 1 if few else 6.5
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=size)


def _calibration_figure(targets: np.ndarray, probabilities: np.ndarray, names: Sequence[str]) -> Figure:
    """Return a figure of how often a class occurs against its predicted probability, and the samples in each bin.

    The class is the second of two; of more than two it is each sample's predicted class.
    """
    if probabilities.ndim == 1:
        promises, events = probabilities, targets == 1
        x, y = f"predicted probability of {names[1]}", f"share that is {names[1]}"
    else:
        promises, events = confidence(targets, probabilities)
        x, y = "confidence: probability of the predicted class", "accuracy"
    counts, promised, observed = reliability(promises, events)
    figure = new_figure(5, 5.6)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3, 1))
    diagonal(upper, "perfectly calibrated")
    label = f"test (calibration error {calibration_error(targets, probabilities):.4f})"
    filled = counts > 0
    upper.plot(promised[filled], observed[filled], "o-", color=BLUE, markersize=4.5, linewidth=1.4, label=label)
    upper.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
    style(upper, title="Calibration (test)", y=y)
    legend(upper, loc="upper left")
    edges = np.linspace(0, 1, CALIBRATION_BINS + 1)
    lower.stairs(counts, edges, fill=True, color=BLUE, alpha=0.6)
    lower.set_ylim(0)
    style(lower, x=x, y="samples")
    return figure
