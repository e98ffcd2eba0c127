"""Anomalous samples: those that an autoencoder reconstructs worse than nearly all ordinary ones."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

import numpy as np

from seqrun import readable
from seqrun.rundir.shapes import fields, number
from seqrun.training.conformal import conformal_quantile, fewest_samples

ANOMALY_FILE = "anomaly.json"
KEPT = fields({"threshold": number, "false_alarm_rate": number})


@dataclass(frozen=True)
class Anomaly:
    """The threshold of anomalies: a sample whose score is above it is anomalous.

    A sample's score is its mean squared error in the network's units.
    """

    threshold: float
    false_alarm_rate: float  # share of ordinary samples that may be above the threshold
    test_rate: float  # share of the test samples that are above it

    @classmethod
    def chosen(cls, validation_scores: np.ndarray, test_scores: np.ndarray, false_alarm_rate: float) -> Anomaly | None:
        """Return the threshold that the score of an ordinary sample exceeds with at most the false alarm rate.

        Takes the scores of both splits, (samples,). The threshold is the conformal quantile of the validation scores
        (Laxhammar and Falkman, 2010, "Conformal Prediction for Distribution-Independent Anomaly Detection in Streaming
        Vessel Data"): if new ordinary samples and the validation samples are exchangeable, the rate holds whatever the
        network. None if there are too few validation samples for that.
        """
        threshold = float(conformal_quantile(validation_scores, 1 - false_alarm_rate))
        if not np.isfinite(threshold):
            return None
        return cls(threshold, false_alarm_rate, float((test_scores > threshold).mean()))

    def __str__(self) -> str:
        promised, found = 100 * self.false_alarm_rate, 100 * self.test_rate
        return (
            f"a sample is anomalous if its error is above {readable.figure(self.threshold)}: at most {promised:g}% of "
            f"ordinary ones, and {found:.3g}% of the test samples"
        )

    def to_bytes(self) -> bytes:
        """Return the content of `artifacts/anomaly.json`."""
        return json.dumps(asdict(self)).encode()


def no_threshold(false_alarm_rate: float, samples: int) -> str:
    """Return the warning that so many validation samples are too few to set a threshold."""
    fewest = fewest_samples(1 - false_alarm_rate)
    return (
        f"no anomaly threshold: trainer.false_alarm_rate {false_alarm_rate:g} wants at least {fewest:,} validation "
        f"samples, and there are {samples:,}"
    )
