"""What a trained autoencoder is worth on any samples: errors, anomalies, codes, plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Kept, Measured
from seqrun.components.splits import Spec, Split
from seqrun.components.targets import Reconstruction
from seqrun.datasets.samples.encoding import decode_values
from seqrun.errors import UsageError
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE, KEPT
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.tasks.reconstruction.evaluation import Parts
from seqrun.tasks.reconstruction.fit import reconstruction_task
from seqrun.tasks.reconstruction.latent import LATENT_FILE, Latent
from seqrun.tasks.reconstruction.neighbours import neighbour_agreement
from seqrun.tasks.reconstruction.plots import reconstruction_figures, reconstructions_figure
from seqrun.tasks.reconstruction.reconstructions import Reconstructions
from seqrun.training.fitting import Evaluation, evaluated
from seqrun.training.program import EVALUATION_BATCH
from seqrun.training.samples import ReconstructionSamples

if TYPE_CHECKING:
    import keras

    from seqrun.training.program import Loss


class Coded(NamedTuple):
    """The codes of the training samples, and their classes."""

    codes: np.ndarray  # (samples, latent_dim)
    labels: np.ndarray  # (samples,), or (samples, 0): there are none


def measured_reconstructions(
    spec: Spec[Reconstruction],
    split: Split,
    evaluation: Evaluation,
    coding: Coding,
    latent: Latent | None,
    train: Coded | None,
    loss: Loss,
) -> Measured:
    """Return what reconstructions are worth on a split.

    Beside `reconstruction_mse` there are `kl_loss`, what a variational encoder adds to the loss, and, with classes,
    `neighbour_agreement`, which needs the codes of the training samples (`train`), as most figures do.
    """
    parts, metrics = Parts.of(evaluation, coding), dict(evaluation.metrics)
    if latent is not None and latent.prior == "normal":
        metrics["kl_loss"] = evaluation.loss - _loss_alone(split, parts.outputs, loss)
    if spec.target.classes and train is not None and split.targets.ndim == 1:
        metrics["neighbour_agreement"] = neighbour_agreement(*train, parts.codes, split.targets)
    shown = _shown(spec, split, parts, coding)
    if train is None or latent is None:
        figures = {"reconstructions": reconstructions_figure(shown)}
    else:
        figures = reconstruction_figures(shown, *train, latent)
    return Measured(metrics, _predictions(split, shown), figures)


def evaluate_autoencoder(
    trainer: Trainer, model: keras.Model, split: Split, kept: Kept[Split, Reconstruction], loss_name: str
) -> Measured:
    """Return what a trained network is worth on any samples, and how many of them the run's threshold calls anomalous.

    Without the run's own data, `neighbour_agreement` and the figures of training codes are left out.
    """
    coding, task = Coding.of(model), reconstruction_task(model, loss_name)
    found = evaluated(trainer, model, task, split, kept.splits)
    data = None if kept.splits is None else kept.splits.train
    train = None if data is None else Coded(coding.encode(data.inputs), data.targets)
    measured = measured_reconstructions(kept.spec, split, found, coding, _latent(kept), train, task.loss())
    known = kept.artifact(ANOMALY_FILE, KEPT)
    if known is None:
        return measured
    above = scores_of(split, Parts.of(found, coding).errors) > known["threshold"]
    metrics = {**measured.metrics, "anomalous_share": float(above.mean())}
    predictions = {**measured.predictions, "anomalous": above}
    return replace(measured, metrics=metrics, predictions=predictions)


def _latent(kept: Kept[Split, Reconstruction]) -> Latent | None:
    """Return where the codes of the training samples lie, if the run says so."""
    if LATENT_FILE not in kept.artifacts:
        return None
    try:
        return Latent.from_bytes(kept.artifacts[LATENT_FILE])
    except ValueError as error:
        raise UsageError(f"artifacts/{LATENT_FILE}: damaged: {error}") from error


def scores_of(split: Split, errors: np.ndarray) -> np.ndarray:
    """Return (samples,) mean squared errors from the summed ones; padding is left out."""
    return errors / ReconstructionSamples(split.inputs).measured(np.arange(len(split)))


def _loss_alone(split: Split, outputs: np.ndarray, loss: Loss) -> float:
    """Return the mean loss of reconstructions (samples, time, features), without losses that the network adds."""
    import tensorflow as tf

    samples, total = ReconstructionSamples(split.inputs), 0.0
    for first in range(0, len(samples), EVALUATION_BATCH):
        numbers = tf.range(first, min(first + EVALUATION_BATCH, len(samples)))
        _, targets, weights = samples.batch(samples.tensors, numbers)
        total += float(loss(targets, outputs[first : first + len(numbers)], weights)) * len(numbers)
    return total / len(samples)


def _shown(spec: Spec[Reconstruction], split: Split, parts: Parts, coding: Coding) -> Reconstructions:
    if spec.values is None:
        raise TypeError("samples to reconstruct are numbers; this spec does not say what their values are")
    labelled = bool(spec.target.classes) and split.targets.ndim == 1
    return Reconstructions(
        values=spec.values,
        originals=decode_values(split.inputs, spec, like=split.inputs),
        outputs=decode_values(parts.outputs, spec, like=split.inputs),
        codes=parts.codes,
        errors=scores_of(split, parts.errors).astype(np.float32),
        classes=spec.target.classes,
        labels=split.targets if labelled else None,
        decode=lambda codes: decode_values(coding.decode(codes), spec),
    )


def _predictions(split: Split, shown: Reconstructions) -> Mapping[str, Any]:
    arrays = {
        "targets": shown.originals,
        "predictions": shown.outputs,
        "index": split.index,
        "codes": shown.codes,
        "errors": shown.errors,
    }
    return arrays if shown.labels is None else {**arrays, "labels": shown.labels}
