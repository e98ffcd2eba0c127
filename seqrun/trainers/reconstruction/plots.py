"""What an autoencoder shows of its test split: samples through the code and back, errors, and its latent space."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.trainers.figures import BLUE, DASHED, INK, QUIET, TEXT_SIZE, VERMILLION, legend, new_figure, style
from seqrun.trainers.reconstruction.latent import Latent
from seqrun.trainers.reconstruction.latent_plots import latent_figure
from seqrun.trainers.reconstruction.panels import Panel, panels_figure
from seqrun.trainers.reconstruction.reconstructions import Reconstructions

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from seqrun.trainers.reconstruction.anomaly import Anomaly

RANDOM_PICTURES, RANDOM_LINES = 40, 10
STEPS = 8  # from one sample to another
BINS = 60


def reconstruction_figures(
    shown: Reconstructions, train_codes: np.ndarray, train_labels: np.ndarray, latent: Latent
) -> dict[str, Figure]:
    """Figures `reconstructions`, `latent_space`, `decoded_samples`, `interpolation`, and with classes `class_means`."""
    figures = {
        "reconstructions": _reconstructions(shown),
        "latent_space": latent_figure(shown, train_codes),
        "decoded_samples": _decoded_samples(shown, latent),
        "interpolation": _interpolation(shown),
    }
    if shown.labels is not None:
        figures["class_means"] = _class_means(shown, train_codes, train_labels)
    return figures


def _reconstructions(shown: Reconstructions) -> Figure:
    """Originals over what their codes decode to."""
    panels = []
    for number in shown.typical():
        error = f"error {shown.errors[number]:.3g}"
        name = error if shown.labels is None else shown.names[shown.labels[number]]
        panels.append(Panel(name, shown.originals[number], shown.outputs[number]))
    if shown.labels is None:
        return panels_figure("Reconstructions (test), from a small to a large error", panels, shown.values)
    title = f"Reconstructions (test): {_each_class(shown)}'s sample of median error"
    return panels_figure(title, panels, shown.values)


def _each_class(shown: Reconstructions) -> str:
    number = shown.shown_classes
    return "each class" if number == len(shown.classes) else f"each of the first {number} classes"


def _decoded_samples(shown: Reconstructions, latent: Latent) -> Figure:
    """What random codes decode to."""
    source = "N(0, 1)" if latent.prior == "normal" else "the Gaussian of the training codes"
    count = RANDOM_PICTURES if shown.values.image else RANDOM_LINES
    panels = [Panel("", decoded=sample) for sample in shown.decode(latent.draw(count, seed=0))]
    return panels_figure(f"Decoded random codes, drawn from {source}", panels, shown.values)


def _class_means(shown: Reconstructions, train_codes: np.ndarray, train_labels: np.ndarray) -> Figure:
    """What the mean of each class's training codes decodes to."""
    present = [number for number in np.unique(train_labels).tolist() if number < shown.shown_classes]
    means = np.stack([train_codes[train_labels == number].mean(axis=0) for number in present])
    decoded = shown.decode(means.astype(np.float32))
    panels = [Panel(shown.names[number], decoded=sample) for number, sample in zip(present, decoded, strict=True)]
    return panels_figure(f"Decoded mean code of {_each_class(shown)} (training)", panels, shown.values)


def _interpolation(shown: Reconstructions) -> Figure:
    """From one sample's code to another's along a straight line; the samples themselves at the ends."""
    first, last = shown.pair()
    shares = np.linspace(0, 1, STEPS, dtype=np.float32)[:, None]
    decoded = shown.decode((1 - shares) * shown.codes[first] + shares * shown.codes[last])
    between = (Panel(f"{100 * share:.0f}%", decoded=sample) for (share,), sample in zip(shares, decoded, strict=True))
    panels = [Panel("original", shown.originals[first]), *between, Panel("original", shown.originals[last])]
    title = "Interpolation between the codes of two test samples"
    if shown.labels is not None:
        names = (shown.names[shown.labels[number]] for number in (first, last))
        title += ": {} to {}".format(*names)
    return panels_figure(title, panels, shown.values)


def error_figure(validation: np.ndarray, test: np.ndarray, anomaly: Anomaly | None) -> Figure:
    """The samples' errors on validation and test, and the threshold beyond which a sample is called anomalous."""
    errors = np.concatenate([validation, test])
    most = float(errors.max())
    reach = min(most, 1.5 * float(np.quantile(errors, 0.995)))
    if anomaly is not None:
        reach = max(reach, min(most, 1.1 * anomaly.threshold))
    bins = np.linspace(0, reach or 1.0, BINS + 1)
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
    if beyond := int((errors > reach).sum()):
        corner = {"transform": axes.transAxes, "ha": "right", "color": QUIET, "fontsize": TEXT_SIZE - 1}
        axes.text(0.995, 0.02, f"{beyond:,} of {len(errors):,} lie beyond", **corner)
    axes.set_ylim(top=1.3 * axes.get_ylim()[1])  # the legend stands above the curves
    legend(axes, loc="upper right")
    return figure
