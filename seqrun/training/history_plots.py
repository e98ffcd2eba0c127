"""Figures of the training, the same for every task: loss, metrics and learning rate by epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.rundir.columns import metric_names
from seqrun.training.figures import (
    BLUE,
    DASHED,
    INK,
    QUIET,
    TEXT_SIZE,
    VERMILLION,
    legend,
    new_figure,
    note,
    shown_points,
    style,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def history_figures(history: Sequence[Mapping[str, float]], best_epoch: int) -> dict[str, Figure]:
    """Return the figures `loss`, `metrics` (if any were measured) and `learning_rate`.

    `history` has a row for each epoch, as `history.csv` does, and at least one; values may be nan or missing.
    `best_epoch` counts from 1.
    """
    metrics = metric_names(name for row in history for name in row)
    figures = {"loss": _loss_figure(history, best_epoch)}
    if metrics:
        figures["metrics"] = _metrics_figure(history, best_epoch, metrics)
    figures["learning_rate"] = _learning_rate_figure(history)
    return figures


def _column(history: Sequence[Mapping[str, float]], name: str) -> np.ndarray:
    values = np.array([row.get(name, math.nan) for row in history], dtype=float)
    values[~np.isfinite(values)] = math.nan
    return values


def _curve(axes: Axes, history: Sequence[Mapping[str, float]], name: str, **look: Any) -> None:
    """Draw a column of the history by epoch; `look` are arguments of matplotlib's `plot`."""
    values = _column(history, name)
    if np.isfinite(values).any():
        points = shown_points(values)
        marks: dict[str, Any] = {"marker": "o", "markersize": 3.5, "markevery": points} if points else {}
        width = 1.4 if len(values) < 500 else 0.8
        axes.plot(_column(history, "epoch"), values, linewidth=width, **marks, **look)


def _epoch_axis(axes: Axes, history: Sequence[Mapping[str, float]]) -> None:
    from matplotlib.ticker import MaxNLocator

    epochs = _column(history, "epoch")
    room = max(0.5, 0.02 * len(epochs))
    axes.set_xlim(epochs[0] - room, epochs[-1] + room)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=[1, 2, 5, 10], integer=True, min_n_ticks=1))


def _both_curves(axes: Axes, history: Sequence[Mapping[str, float]], name: str, best_epoch: int) -> None:
    """Draw a column's training and validation values, and a line at the best epoch."""
    axes.axvline(best_epoch, color=QUIET, linewidth=1, linestyle=DASHED, zorder=1)
    _curve(axes, history, name, color=BLUE, label="train")
    _curve(axes, history, f"val_{name}", color=VERMILLION, label="validation")
    _epoch_axis(axes, history)


def _loss_figure(history: Sequence[Mapping[str, float]], best_epoch: int) -> Figure:
    figure = new_figure(6.4, 4)
    axes = figure.subplots()
    _both_curves(axes, history, "loss", best_epoch)
    for row in history:
        if row["epoch"] == best_epoch:
            value = row["val_loss"] if "val_loss" in row else row["loss"]
            label = f"best epoch: {best_epoch} ({value:.4g})"
            axes.plot(best_epoch, value, "o", markersize=8, fillstyle="none", color=INK, label=label, zorder=4)
    style(axes, title="Loss", x="epoch", y="loss")
    legend(axes, loc="best")
    return figure


def _metrics_figure(history: Sequence[Mapping[str, float]], best_epoch: int, names: Sequence[str]) -> Figure:
    from matplotlib.ticker import MaxNLocator

    columns = min(len(names), 4 if len(names) > 6 else 3)
    rows = math.ceil(len(names) / columns)
    figure = new_figure(max(4.5, 2.7 * columns), 2.3 * rows + 0.5)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, name in zip(grid, names, strict=False):
        _both_curves(axes, history, name, best_epoch)
        if len(axes.lines) == 1:  # the best epoch's alone
            note(axes, "not defined")
            axes.set_yticks([])
        else:
            axes.yaxis.set_major_locator(MaxNLocator(nbins=5))
        style(axes, title=name.replace("_", " "), x="epoch")
    for axes in grid[len(names) :]:
        axes.set_visible(False)
    _shared_legend(figure, best_epoch)
    return figure


def _shared_legend(figure: Figure, best_epoch: int) -> None:
    from matplotlib.lines import Line2D

    handles = [
        Line2D([], [], color=BLUE, marker="o", markersize=3.5, label="train"),
        Line2D([], [], color=VERMILLION, marker="o", markersize=3.5, label="validation"),
        Line2D([], [], color=QUIET, linestyle=DASHED, label=f"best epoch: {best_epoch}"),
    ]
    figure.legend(handles=handles, loc="outside upper left", ncols=3, frameon=False, fontsize=TEXT_SIZE)


def _learning_rate_figure(history: Sequence[Mapping[str, float]]) -> Figure:
    figure = new_figure(6.4, 3)
    axes = figure.subplots()
    rates = _column(history, "learning_rate")
    positive = rates[rates > 0]
    if len(positive):
        axes.set_yscale("log")
        axes.set_ylim(positive.min() / 3, positive.max() * 3)
    _curve(axes, history, "learning_rate", color=BLUE, drawstyle="steps-mid")
    _epoch_axis(axes, history)
    style(axes, title="Learning rate", x="epoch", y="learning rate")
    return figure
