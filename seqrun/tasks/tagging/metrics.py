"""How well each step's tag is predicted; steps past a sample's end count nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqrun.tasks.classification.metrics import (
    balanced_accuracy,
    confusion_counts,
    f1_of_classes,
    mean_nats,
    scores_of_classes,
)
from seqrun.tasks.tagging.columns import METRICS
from seqrun.tasks.tagging.spans import mark_spans, span_scores

if TYPE_CHECKING:
    import tensorflow as tf


class Guesses(NamedTuple):
    """What metrics need of a tagger's probabilities: two numbers of each step."""

    predicted: np.ndarray  # (samples, time) the number of the most probable tag
    given: np.ndarray  # (samples, time) the probability of the true tag; past a sample's end that of any tag

    @classmethod
    def kept(cls, outputs: np.ndarray) -> Guesses:
        """Return them from what `keep_guesses` kept, (samples, time, 2)."""
        return cls(outputs[..., 0].astype(np.int64), outputs[..., 1])

    @classmethod
    def of(cls, targets: np.ndarray, probabilities: np.ndarray) -> Guesses:
        """Return them from tag numbers (samples, time) and the probabilities of all tags, (samples, time, tags)."""
        given = np.take_along_axis(probabilities, np.maximum(targets, 0)[..., None], axis=-1)
        return cls(probabilities.argmax(axis=-1), given[..., 0])


def keep_guesses(targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """Return the numbers of `Guesses`, (batch, time, 2), for probabilities (batch, time, tags); runs inside a graph.

    They take little memory, however many tags there are.
    """
    import tensorflow as tf

    predicted = tf.argmax(outputs, axis=-1, output_type=tf.int32)
    given = tf.gather(outputs, tf.maximum(targets, 0), batch_dims=2)
    return tf.stack([tf.cast(predicted, tf.float32), tf.cast(given, tf.float32)], axis=-1)


def tag_metrics(targets: np.ndarray, guesses: Guesses, tags: Sequence[str]) -> dict[str, float]:
    """Return the tagging metrics (`columns.METRICS`) over the real steps, as scikit-learn computes them.

    Takes tag numbers (samples, time), negative past a sample's end. f1 is the mean over the tags that occur as target
    or prediction, balanced_accuracy the mean recall of the tags that occur as target; log_loss is in nats. All are nan
    if there is no step.
    """
    real = targets >= 0
    if not real.any():
        return dict.fromkeys(METRICS, np.nan)
    matrix = tag_counts(targets, guesses, tags)
    values = (
        np.trace(matrix) / matrix.sum(),
        np.nanmean(f1_of_classes(matrix)),
        balanced_accuracy(matrix),
        mean_nats(guesses.given[real].astype(np.float64)),
    )
    return dict(zip(METRICS, map(float, values), strict=True))


def with_spans(targets: np.ndarray, guesses: Guesses, tags: Sequence[str]) -> dict[str, float]:
    """Return the tagging metrics and, if tags mark spans, `span_precision`, `span_recall` and `span_f1`."""
    values = tag_metrics(targets, guesses, tags)
    if mark_spans(tags):
        whole, _ = span_scores(targets, guesses.predicted, tags)
        values |= {f"span_{name}": whole[name] for name in ("precision", "recall", "f1")}
    return values


def tag_details(targets: np.ndarray, guesses: Guesses, tags: Sequence[str]) -> dict[str, Any]:
    """Return precision, recall, f1 and support of each tag (`tags`) and, if tags mark spans, of each type (`spans`).

    The support of a tag counts steps, that of a type counts spans.
    """
    matrix = tag_counts(targets, guesses, tags)
    details: dict[str, Any] = {"tags": scores_of_classes(matrix, tags)}
    if mark_spans(tags):
        _, details["spans"] = span_scores(targets, guesses.predicted, tags)
    return details


def tag_counts(targets: np.ndarray, guesses: Guesses, tags: Sequence[str]) -> np.ndarray:
    """Return the counts of real steps (tags, tags): a row for each true tag, a column for each predicted one."""
    real = targets >= 0
    return confusion_counts(targets[real].astype(np.int64), guesses.predicted[real], len(tags))
