"""What a run keeps of a trained autoencoder: metrics, baselines, codes, anomaly scores, plots."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from seqrun.components.outcome import Outcome
from seqrun.components.session import Session
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import Reconstruction
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE, Anomaly, no_threshold
from seqrun.tasks.reconstruction.baselines import reconstruction_baselines
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.tasks.reconstruction.columns import METRICS
from seqrun.tasks.reconstruction.evaluation import Parts
from seqrun.tasks.reconstruction.fit import measure, range_warnings, width_warning
from seqrun.tasks.reconstruction.latent import LATENT_FILE, Latent
from seqrun.tasks.reconstruction.measuring import Coded, measured_reconstructions, scores_of
from seqrun.tasks.reconstruction.plots import error_figure
from seqrun.training.fitting import Fitted
from seqrun.training.results import assembled
from seqrun.training.samples import ReconstructionSamples

if TYPE_CHECKING:
    import keras


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
    train = Coded(coding.encode(splits.train.inputs), splits.train.targets)
    latent = Latent.fit(train.codes, "normal" if coding.variational(splits.test.inputs) else "codes")
    # Of the model before a refit, which learns these samples too.
    validation_scores = scores_of(splits.validation, Parts.of(fitted.validation, coding).errors)
    test_scores = scores_of(splits.test, Parts.of(tested, coding).errors)
    anomaly = Anomaly.chosen(validation_scores, test_scores, false_alarm_rate)
    measured = measured_reconstructions(splits.spec, splits.test, tested, coding, latent, train, fitted.task.loss())
    metrics = fitted.metrics(METRICS, measured.metrics)
    if (unseen := splits.unseen) is not None:
        counts = ReconstructionSamples(splits.test.inputs).measured(unseen)
        metrics[WITHOUT_SEEN] = measure(counts, Parts.of(tested, coding).errors[unseen])
    outcome = assembled(
        fitted,
        metrics,
        reconstruction_baselines(splits, train.codes.shape[1]),
        measured,
        error="reconstruction_mse",
        figures={"reconstruction_error": error_figure(validation_scores, test_scores, anomaly)},
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
