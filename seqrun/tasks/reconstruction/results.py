"""What a run keeps of a trained autoencoder: metrics, baselines, codes, anomaly scores, plots."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Outcome
from seqrun.components.session import Session
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import Reconstruction
from seqrun.datasets.samples.encoding import decode_values
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE, Anomaly, no_threshold
from seqrun.tasks.reconstruction.baselines import reconstruction_baselines
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.tasks.reconstruction.columns import METRICS
from seqrun.tasks.reconstruction.evaluation import Parts
from seqrun.tasks.reconstruction.fit import measure, range_warnings, width_warning
from seqrun.tasks.reconstruction.latent import LATENT_FILE, Latent
from seqrun.tasks.reconstruction.neighbours import neighbour_agreement
from seqrun.tasks.reconstruction.plots import error_figure, reconstruction_figures
from seqrun.tasks.reconstruction.reconstructions import Reconstructions
from seqrun.training.fitting import Evaluation, Fitted
from seqrun.training.program import EVALUATION_BATCH
from seqrun.training.results import assembled
from seqrun.training.samples import ReconstructionSamples

if TYPE_CHECKING:
    import keras
    from matplotlib.figure import Figure

    from seqrun.training.program import Loss


@dataclass(frozen=True)
class Coded:
    """The splits' codes and scores by the trained network; a score is a sample's mean squared error."""

    train_codes: np.ndarray  # (samples, latent_dim)
    test_codes: np.ndarray  # (samples, latent_dim)
    test_outputs: np.ndarray  # (samples, time, features) reconstructions, in the network's units
    validation_scores: np.ndarray  # (samples,)
    test_scores: np.ndarray  # (samples,)


def measure_autoencoder(
    model: keras.Model,
    splits: Splits[Split, Reconstruction],
    fitted: Fitted,
    session: Session,
    loss_name: str,
    false_alarm_rate: float,
) -> Outcome:
    """Return the outcome: metrics, baselines, codes and figures of the test split, and the anomaly threshold."""
    coding, tested = Coding.of(model), fitted.evaluate(splits.test)
    session.emit(Message("encoding the samples and fitting the baselines"))
    coded = _coded(splits, fitted.validation, tested, coding)
    latent = Latent.fit(coded.train_codes, "normal" if coding.variational(splits.test.inputs) else "codes")
    metrics = fitted.metrics(METRICS, tested)
    metrics["test"] |= _test_metrics(splits, coded, latent, tested.loss, fitted.task.loss())
    if (unseen := splits.unseen) is not None:
        counts = ReconstructionSamples(splits.test.inputs).measured(unseen)
        metrics[WITHOUT_SEEN] = measure(counts, Parts.of(tested, coding).errors[unseen])
    anomaly = Anomaly.chosen(coded.validation_scores, coded.test_scores, false_alarm_rate)
    shown = _shown(splits, coded, coding)
    outcome = assembled(
        fitted,
        metrics,
        reconstruction_baselines(splits, coded.test_codes.shape[1]),
        error="reconstruction_mse",
        predictions=_predictions(splits.test, shown),
        figures=_figures(splits, coded, shown, latent, anomaly),
        artifacts={LATENT_FILE: latent.to_bytes()} | ({ANOMALY_FILE: anomaly.to_bytes()} if anomaly else {}),
        details={"anomaly": asdict(anomaly)} if anomaly else {},
        warnings=_warnings(splits, coding, loss_name, None if anomaly else false_alarm_rate),
    )
    if anomaly is not None:
        session.emit(Message(str(anomaly)))
    return outcome


def _warnings(
    splits: Splits[Split, Reconstruction], coding: Coding, loss_name: str, unmet_rate: float | None
) -> list[str]:
    """Return the warnings of the run; `unmet_rate` is the false alarm rate if no threshold could be set for it."""
    found = [*width_warning(coding, splits)]
    found += range_warnings(splits) if loss_name == "binary_crossentropy" else []
    return found if unmet_rate is None else [*found, no_threshold(unmet_rate, len(splits.validation))]


def _coded(splits: Splits[Split, Reconstruction], validated: Evaluation, tested: Evaluation, coding: Coding) -> Coded:
    validation, test = Parts.of(validated, coding), Parts.of(tested, coding)
    return Coded(
        coding.encode(splits.train.inputs),
        test.codes,
        test.outputs,
        _scores(splits.validation, validation.errors),  # of the model before a refit, which learns these samples too
        _scores(splits.test, test.errors),
    )


def _scores(split: Split, errors: np.ndarray) -> np.ndarray:
    """Return (samples,) mean squared errors from the summed ones; padding is left out."""
    return errors / ReconstructionSamples(split.inputs).measured(np.arange(len(split)))


def _test_metrics(
    splits: Splits[Split, Reconstruction], coded: Coded, latent: Latent, loss: float, loss_of: Loss
) -> dict[str, float]:
    """Return the metrics that are measured on test alone.

    They are `kl_loss`, what a variational encoder adds to the loss, and, with classes, `neighbour_agreement`.
    """
    metrics = {}
    if latent.prior == "normal":
        metrics["kl_loss"] = loss - _loss_alone(splits.test, coded.test_outputs, loss_of)
    if splits.spec.target.classes:
        train, test = splits.train.targets, splits.test.targets
        metrics["neighbour_agreement"] = neighbour_agreement(coded.train_codes, train, coded.test_codes, test)
    return metrics


def _loss_alone(split: Split, outputs: np.ndarray, loss: Loss) -> float:
    """Return the mean loss of reconstructions (samples, time, features), without losses that the network adds."""
    import tensorflow as tf

    samples, total = ReconstructionSamples(split.inputs), 0.0
    for first in range(0, len(samples), EVALUATION_BATCH):
        numbers = tf.range(first, min(first + EVALUATION_BATCH, len(samples)))
        _, targets, weights = samples.batch(samples.tensors, numbers)
        total += float(loss(targets, outputs[first : first + len(numbers)], weights)) * len(numbers)
    return total / len(samples)


def _shown(splits: Splits[Split, Reconstruction], coded: Coded, coding: Coding) -> Reconstructions:
    spec, test = splits.spec, splits.test
    if spec.values is None:
        raise TypeError("samples to reconstruct are numbers; this spec does not say what their values are")
    return Reconstructions(
        values=spec.values,
        originals=decode_values(test.inputs, spec, like=test.inputs),
        outputs=decode_values(coded.test_outputs, spec, like=test.inputs),
        codes=coded.test_codes,
        errors=coded.test_scores.astype(np.float32),
        classes=spec.target.classes,
        labels=test.targets if spec.target.classes else None,
        decode=lambda codes: decode_values(coding.decode(codes), spec),
    )


def _figures(
    splits: Splits[Split, Reconstruction], coded: Coded, shown: Reconstructions, latent: Latent, anomaly: Anomaly | None
) -> dict[str, Figure]:
    return {
        **reconstruction_figures(shown, coded.train_codes, splits.train.targets, latent),
        "reconstruction_error": error_figure(coded.validation_scores, coded.test_scores, anomaly),
    }


def _predictions(test: Split, shown: Reconstructions) -> Mapping[str, np.ndarray]:
    arrays = {
        "targets": shown.originals,
        "predictions": shown.outputs,
        "index": test.index,
        "codes": shown.codes,
        "errors": shown.errors,
    }
    return arrays if shown.labels is None else {**arrays, "labels": shown.labels}
