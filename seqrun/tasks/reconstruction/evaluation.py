"""One pass of an autoencoder over a split: loss, errors, codes and reconstructions."""

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
    """What an evaluation keeps of a split's samples, float32."""

    errors: np.ndarray  # (samples,) squared errors, summed over a sample's values; padding left out
    codes: np.ndarray  # (samples, latent_dim)
    outputs: np.ndarray  # (samples, time, features) reconstructions, in the network's units

    @classmethod
    def of(cls, evaluation: Evaluation, coding: Coding) -> Parts:
        """Return the parts of an evaluation by `WholePass`."""
        width = coding.encoder.output_shape[1]
        errors, codes, outputs = np.split(evaluation.outputs, [1, 1 + width], axis=1)
        return cls(errors[:, 0], codes, outputs.reshape(-1, *coding.decoder.output_shape[1:]))


class WholePass:
    """Evaluates a split in one pass of the network, and keeps each sample's error, code and reconstruction.

    The model in training gives reconstructions alone; codes would take a second pass of the encoder. So another network
    of the same layers, and so of the same weights, gives code and reconstruction side by side (`Coding.joined`). Loss
    and error are computed from the reconstruction. The outputs that are kept are error, code and reconstruction,
    (samples, 1 + latent_dim + time * features); `Parts` takes them apart.
    """

    def __init__(self, coding: Coding, errors: Errors, measure: Measure):
        """`errors` computes each sample's summed squared errors, inside a graph; `measure` makes metrics of them."""
        self.errors, self.measure = errors, measure
        self.joined = coding.joined()
        self.latent_dim, self.shape = coding.encoder.output_shape[1], coding.decoder.output_shape[1:]
        self._programs: dict[Program, Program] = {}  # by the program in training, whose loss is used

    def __call__(self, program: Program, split: Split) -> Evaluation:
        """Return loss, kept outputs and metrics on the split; the loss is the given program's."""
        if program not in self._programs:
            self._programs[program] = Program(self.joined, self._loss(program.loss), program.optimizer, self._kept)
        samples = ReconstructionSamples(split.inputs)
        loss, rows = self._programs[program].evaluate(samples)
        metrics = self.measure(samples.measured(np.arange(len(samples))), rows[:, 0])
        return Evaluation(loss, rows, {"loss": loss, **metrics})

    def _reconstructions(self, outputs: tf.Tensor) -> tf.Tensor:
        """Return the part (batch, time, features) of the joined network's outputs."""
        import tensorflow as tf

        return tf.reshape(outputs[:, self.latent_dim :], [-1, *self.shape])

    def _loss(self, of_reconstructions: Loss) -> Loss:
        """Return a loss of the joined network's outputs that sees their reconstructions alone."""

        def loss(targets: tf.Tensor, outputs: tf.Tensor, sample_weight: tf.Tensor | None = None) -> tf.Tensor:
            return of_reconstructions(targets, self._reconstructions(outputs), sample_weight=sample_weight)

        return loss

    def _kept(self, targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
        """Return error, code and reconstruction of each sample, (batch, 1 + latent_dim + time * features)."""
        import tensorflow as tf

        errors = self.errors(targets, self._reconstructions(outputs), weights)  # (batch,)
        return tf.concat([errors[:, None], outputs], axis=1)
