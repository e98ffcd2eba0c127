"""One pass of a trained autoencoder over a split: loss, errors, codes and reconstructions."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqrun.components.splits import Split
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.training.fitting import Evaluation
from seqrun.training.program import Program
from seqrun.training.samples import ReconstructionSamples

if TYPE_CHECKING:
    import tensorflow as tf


class Parts(NamedTuple):
    """What is kept of a split's samples, float32."""

    errors: np.ndarray  # (samples,) squared errors, summed over a sample's own values
    codes: np.ndarray  # (samples, latent_dim)
    outputs: np.ndarray  # (samples, time, features) reconstructions, in the network's units

    @classmethod
    def of(cls, evaluation: Evaluation, coding: Coding) -> Parts:
        """Those of an evaluation's rows."""
        width = coding.encoder.output_shape[1]
        errors, codes, outputs = np.split(evaluation.outputs, [1, 1 + width], axis=1)
        return cls(errors[:, 0], codes, outputs.reshape(-1, *coding.decoder.output_shape[1:]))


def evaluation(
    coding: Coding, errors: Callable[..., tf.Tensor], measure: Callable[[np.ndarray, np.ndarray], dict[str, float]]
) -> Callable[[Program, Split], Evaluation]:
    """How a split is evaluated, by each sample's summed squared `errors` and their `measure`.

    The evaluation's outputs are rows (samples, 1 + latent_dim + time * features); `Parts` takes them apart.
    """
    import tensorflow as tf

    joined, width, shape = coding.joined(), coding.encoder.output_shape[1], coding.decoder.output_shape[1:]

    def reconstructions(outputs: tf.Tensor) -> tf.Tensor:
        return tf.reshape(outputs[:, width:], [-1, *shape])

    def keep(targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
        return tf.concat([errors(targets, reconstructions(outputs), weights)[:, None], outputs], axis=1)

    @cache
    def whole(program: Program) -> Program:
        def loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
            return program.loss(targets, reconstructions(outputs), sample_weight=sample_weight)

        return Program(joined, loss, program.optimizer, keep)

    def evaluate(program: Program, split: Split) -> Evaluation:
        samples = ReconstructionSamples(split.inputs)
        loss, outputs = whole(program).evaluate(samples)
        metrics = measure(samples.measured(np.arange(len(samples))), outputs[:, 0])
        return Evaluation(loss, outputs, {"loss": loss, **metrics})

    return evaluate
