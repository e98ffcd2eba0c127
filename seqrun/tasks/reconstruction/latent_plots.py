"""The latent space drawn: codes as points, in the colours of their classes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.tasks.reconstruction.baselines import fitted_pca
from seqrun.tasks.reconstruction.reconstructions import Reconstructions
from seqrun.training.figures import BLUE, CLASS_COLOURS, INK, QUIET, TEXT_SIZE, legend, new_figure, style

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MOST_POINTS = 5_000
MARKERS = "os"  # the first for the classes that have a colour each, the second for as many more
MOST_NAMES = 12  # names of classes that are written among the points


def latent_figure(shown: Reconstructions, train_codes: np.ndarray) -> Figure:
    """Draw the test samples' codes as points; more than two dimensions are projected by a PCA of training codes."""
    chosen = np.linspace(0, len(shown.codes) - 1, min(MOST_POINTS, len(shown.codes))).round().astype(int)
    points, labels, title = _plane(shown.codes[chosen], train_codes)
    figure = new_figure(5.6 if shown.labels is None else 6.8, 5.2)  # with room for a legend
    axes = figure.subplots()
    if shown.labels is not None:
        _draw_classes(axes, points, shown.labels[chosen], shown.names)
    else:
        axes.scatter(points[:, 0], points[:, 1], color=BLUE, **_dot(len(points)))
    if train_codes.shape[1] == 1:
        axes.set_yticks([])
    style(axes, title=title, x=labels[0], y=labels[1])
    return figure


def _plane(codes: np.ndarray, train_codes: np.ndarray) -> tuple[np.ndarray, tuple[str, str], str]:
    """Return points (samples, 2), the axes' labels, and a title that says how the points were made."""
    dimensions = codes.shape[1]
    if dimensions == 1:
        apart = np.random.default_rng(0).uniform(size=len(codes))
        return np.column_stack([codes[:, 0], apart]), ("code", "(random, to part the points)"), "Latent space (test)"
    if dimensions == 2:
        return codes, ("code 1", "code 2"), "Latent space (test)"
    pca = fitted_pca(train_codes, 2)
    first, second = 100 * np.nan_to_num(pca.explained_variance_ratio_)
    labels = f"component 1 ({first:.0f}% of the variance)", f"component 2 ({second:.0f}%)"
    return pca.transform(codes), labels, f"Latent space (test): PCA of {dimensions} dimensions to two"


def _draw_classes(axes: Axes, points: np.ndarray, labels: np.ndarray, names: list[str]) -> None:
    """Draw points in their classes' colours, in random order so that no class hides another; name few classes."""
    order = np.random.default_rng(0).permutation(len(points))
    points, labels = points[order], labels[order]
    rounds = labels // len(CLASS_COLOURS)  # through the colours; each round has its marker
    for number, marker in enumerate(MARKERS):
        colours = np.array(CLASS_COLOURS)[labels[rounds == number] % len(CLASS_COLOURS)]
        x, y = points[rounds == number].T
        axes.scatter(x, y, c=colours, marker=marker, **_dot(len(points)))
    rest = rounds >= len(MARKERS)
    x, y = points[rest].T
    axes.scatter(x, y, c=QUIET, marker="x", **_dot(len(points)))
    present = np.unique(labels[~rest]).tolist()
    if len(present) <= MOST_NAMES:
        for label in present:
            _name(axes, np.median(points[labels == label], axis=0), names[label])
    _class_legend(axes, {label: names[label] for label in present}, others=bool(rest.any()))


def _class_legend(axes: Axes, names: dict[int, str], *, others: bool) -> None:
    from matplotlib.lines import Line2D

    look: dict[str, Any] = {"linestyle": "none", "markersize": 6}  # Any: matplotlib's keywords differ in type
    handles = []
    for label, name in names.items():
        round_, colour = divmod(label, len(CLASS_COLOURS))
        handles.append(Line2D([], [], color=CLASS_COLOURS[colour], marker=MARKERS[round_], label=name, **look))
    if others:
        handles.append(Line2D([], [], color=QUIET, marker="x", label="other classes", **look))
    legend(axes, handles=handles, loc="upper left", bbox_to_anchor=(1.01, 1.01), handletextpad=0.2)


def _name(axes: Axes, place: np.ndarray, name: str) -> None:
    from matplotlib.patheffects import withStroke

    x, y = place
    axes.text(
        x,
        y,
        name,
        ha="center",
        va="center",
        fontsize=TEXT_SIZE + 1,
        fontweight="bold",
        color=INK,
        path_effects=[withStroke(linewidth=3, foreground="white")],
        zorder=4,
    )


def _dot(points: int) -> dict[str, Any]:
    """Return the look of points, as keywords of matplotlib's `scatter`: the more points, the smaller and paler."""
    size, alpha = (16, 0.8) if points <= 500 else (8, 0.6) if points <= 2_000 else (5, 0.5)
    return {"s": size, "alpha": alpha, "linewidths": 0}
