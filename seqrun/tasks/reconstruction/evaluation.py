"""One pass of a trained autoencoder over a split: loss, errors, codes and reconstructions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqrun.components.splits import Split
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.training.fitting import Evaluation
from seqrun.training.loop import Measure
from seqrun.training.program import Loss, Program
from seqrun.training.samples import ReconstructionSamples

if TYPE_CHECKING:
    import tensorflow as tf

Errors = Callable[..., "tf.Tensor"]  # (targets, reconstructions, weights) -> (batch,)


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


class WholePass:
    """Evaluates a split in one pass of the network, which keeps each sample's error, code and reconstruction.

    The network of encoder and decoder in a row gives reconstructions alone, and asking the encoder for the codes would
    be a second pass. So the two are joined to a network whose outputs are rows of code and reconstruction, (batch,
    latent_dim + time * features); it shares their layers, and so the trained weights. Loss and error see the
    reconstruction of each row; what is kept is the row with the error in front. `Parts` takes such rows apart.
    """

    def __init__(self, coding: Coding, errors: Errors, measure: Measure):
        """`errors` are each sample's summed squared ones, in the graph; `measure` makes the metrics of them."""
        self.errors, self.measure = errors, measure
        self.joined = coding.joined()
        self.latent_dim, self.shape = coding.encoder.output_shape[1], coding.decoder.output_shape[1:]
        self._programs: dict[Program, Program] = {}  # by that of the network in training, whose loss is measured

    def __call__(self, program: Program, split: Split) -> Evaluation:
        """Loss, rows and metrics of the split, by the loss of that program."""
        if program not in self._programs:
            self._programs[program] = Program(self.joined, self._loss(program.loss), program.optimizer, self._kept)
        samples = ReconstructionSamples(split.inputs)
        loss, rows = self._programs[program].evaluate(samples)
        metrics = self.measure(samples.measured(np.arange(len(samples))), rows[:, 0])
        return Evaluation(loss, rows, {"loss": loss, **metrics})

    def _reconstructions(self, outputs: tf.Tensor) -> tf.Tensor:
        """(batch, time, features) of the joined network's outputs."""
        import tensorflow as tf

        return tf.reshape(outputs[:, self.latent_dim :], [-1, *self.shape])

    def _loss(self, of_reconstructions: Loss) -> Loss:
        def loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
            return of_reconstructions(targets, self._reconstructions(outputs), sample_weight=sample_weight)

        return loss

    def _kept(self, targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
        """(batch, 1 + latent_dim + time * features)."""
        import tensorflow as tf

        errors = self.errors(targets, self._reconstructions(outputs), weights)  # (batch,)
        return tf.concat([errors[:, None], outputs], axis=1)
