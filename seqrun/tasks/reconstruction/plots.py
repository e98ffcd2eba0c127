"""An autoencoder's figures: reconstructions and errors of the test split, its latent space, and decoded codes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from seqrun.tasks.reconstruction.latent import Latent
from seqrun.tasks.reconstruction.latent_plots import latent_figure
from seqrun.tasks.reconstruction.panels import Panel, panels_figure
from seqrun.tasks.reconstruction.reconstructions import Reconstructions
from seqrun.training.figures import BLUE, DASHED, INK, QUIET, TEXT_SIZE, VERMILLION, new_figure, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqrun.tasks.reconstruction.anomaly import Anomaly

RANDOM_PICTURES, RANDOM_LINES = 40, 10
STEPS = 8  # codes on the line from one sample's to another's
BINS = 60
NEAR_ZERO = 0.3  # of the largest error: if the smallest is below it, the axis begins at 0


def reconstruction_figures(
    shown: Reconstructions, train_codes: np.ndarray, train_labels: np.ndarray, latent: Latent
) -> dict[str, Figure]:
    """Return the figures `reconstructions`, `latent_space`, `decoded_samples`, `interpolation` and `class_means`.

    Takes the training split's codes (samples, latent_dim) and class numbers (samples,). Without classes there is no
    `class_means`.
    """
    figures = {
        "reconstructions": reconstructions_figure(shown),
        "latent_space": latent_figure(shown, train_codes),
        "decoded_samples": _decoded_samples(shown, latent),
        "interpolation": _interpolation(shown),
    }
    if shown.labels is not None:
        figures["class_means"] = _class_means(shown, train_codes, train_labels)
    return figures


def reconstructions_figure(shown: Reconstructions) -> Figure:
    """Draw samples beside their reconstructions."""
    panels = []
    for number in shown.typical():
        error = f"error {shown.errors[number]:.3g}"
        name = error if shown.labels is None else shown.names[shown.labels[number]]
        panels.append(Panel(name, shown.originals[number], shown.outputs[number]))
    if shown.labels is None:
        return panels_figure("Reconstructions (test), from a small to a large error", panels, shown)
    title = f"Reconstructions (test): {_each_class(shown)}'s sample of median error"
    return panels_figure(title, panels, shown)


def _each_class(shown: Reconstructions) -> str:
    number = shown.shown_classes
    return "each class" if number == len(shown.classes) else f"each of the first {number} classes"


def _decoded_samples(shown: Reconstructions, latent: Latent) -> Figure:
    """Draw samples decoded from random codes."""
    source = "N(0, 1)" if latent.prior == "normal" else "the Gaussian of the training codes"
    count = RANDOM_PICTURES if shown.values.image else RANDOM_LINES
    panels = [Panel("", decoded=sample) for sample in shown.decode(latent.draw(count, seed=0))]
    return panels_figure(f"Decoded random codes, drawn from {source}", panels, shown)


def _class_means(shown: Reconstructions, train_codes: np.ndarray, train_labels: np.ndarray) -> Figure:
    """Draw, of each class, the sample decoded from the mean of its training codes."""
    present = np.unique(train_labels)[: shown.shown_classes].tolist()
    means = np.stack([train_codes[train_labels == number].mean(axis=0) for number in present])
    decoded = shown.decode(means.astype(np.float32))
    panels = [Panel(shown.names[number], decoded=sample) for number, sample in zip(present, decoded, strict=True)]
    return panels_figure(f"Decoded mean code of {_each_class(shown)} (training)", panels, shown)


def _interpolation(shown: Reconstructions) -> Figure:
    """Draw two test samples and, between them, what codes on the straight line between their codes decode to."""
    first, last = shown.pair()
    shares = np.linspace(0, 1, STEPS, dtype=np.float32)[:, None]
    decoded = shown.decode((1 - shares) * shown.codes[first] + shares * shown.codes[last])
    between = (Panel(f"{100 * share:.0f}%", decoded=sample) for (share,), sample in zip(shares, decoded, strict=True))
    panels = [Panel("original", shown.originals[first]), *between, Panel("original", shown.originals[last])]
    title = "Interpolation between the codes of two test samples"
    if shown.labels is not None:
        names = (shown.names[shown.labels[number]] for number in (first, last))
        title += ": {} to {}".format(*names)
    return panels_figure(title, panels, shown)


def error_figure(validation: np.ndarray, test: np.ndarray, anomaly: Anomaly | None) -> Figure:
    """Draw the histograms of the errors (samples,) of both splits, and the anomaly threshold if there is one."""
    errors = np.concatenate([validation, test])
    bins = _bins(errors, [anomaly.threshold] if anomaly else [])
    figure = new_figure(6.4, 4)
    axes = figure.subplots()
    for name, values, colour in (("validation", validation, VERMILLION), ("test", test, BLUE)):
        shares = 100 * np.histogram(values, bins)[0] / len(values)
        axes.stairs(shares, bins, color=colour, linewidth=1.4, label=name)
    if anomaly is not None:
        label = (
            f"threshold {anomaly.threshold:.4g} for {100 * anomaly.false_alarm_rate:g}% false alarms: "
            f"{100 * anomaly.test_rate:.1f}% of test are above"
        )
        axes.axvline(anomaly.threshold, color=INK, linewidth=1.2, linestyle=DASHED, label=label)
    style(axes, title="Reconstruction error", x="mean squared error of a sample", y="share of the samples (%)")
    if beyond := int((errors > bins[-1]).sum()):
        text = f"{beyond:,} of {len(errors):,} lie beyond"
        axes.text(0.995, 0.02, text, transform=axes.transAxes, ha="right", color=QUIET, fontsize=TEXT_SIZE - 1)
    handles, _ = axes.get_legend_handles_labels()
    figure.legend(handles=handles, loc="outside lower left", ncols=3, frameon=False, fontsize=TEXT_SIZE - 1)
    return figure


def _bins(errors: np.ndarray, marked: Sequence[float]) -> np.ndarray:
    """Return the edges of a histogram's bins, which hold the `marked` errors and all but the largest outliers."""
    low = min(errors.min(), *marked, np.inf)
    usual = np.quantile(errors, 0.995, method="lower")
    high = max(min(errors.max(), usual + 0.5 * (usual - low)), *marked, -np.inf)
    room = 0.04 * (high - low) or 0.05 * high or 0.5
    return np.linspace(0 if low < NEAR_ZERO * high else max(0, low - room), high + room, BINS + 1)
