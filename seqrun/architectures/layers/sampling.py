"""The stochastic layer of a variational autoencoder. Defines a Keras class: only what builds a network imports it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID253
from keras import ops  # noqa: TID253


@keras.saving.register_keras_serializable(package="seqrun")
class Sampling(keras.layers.Layer):
    """Draws a code from N(mean, exp(log_variance)), each (batch, latent_dim); outside training it is the mean.

    Unless kl_weight is 0, each call adds a loss: kl_weight times the divergence of that distribution from N(0, 1),
    divided by `values`, which is how many a sample has. In training the weight grows linearly from 0 over the first
    `kl_warmup` training steps (Bowman et al., Generating Sentences from a Continuous Space, 2016, 3.1); outside
    training it is kl_weight, so that the losses of different epochs can be compared. Kingma and Welling, Auto-Encoding
    Variational Bayes, 2014, 2.4 and appendix B.
    """

    def __init__(self, values: int, kl_weight: float = 1.0, kl_warmup: int = 0, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.values = values
        self.kl_weight = kl_weight
        self.kl_warmup = kl_warmup
        self.seed_generator = keras.random.SeedGenerator()

    def build(self, input_shape: Sequence[tuple[int | None, ...]]) -> None:
        if self.kl_warmup:
            self.steps = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False, name="steps")

    def call(self, distribution: Sequence[keras.KerasTensor], training: bool = False) -> keras.KerasTensor:
        mean, log_variance = distribution
        if self.kl_weight:
            self.add_loss(self._weight(training) * self._divergence(mean, log_variance))
        if not training:
            return mean
        noise = keras.random.normal(ops.shape(mean), dtype=mean.dtype, seed=self.seed_generator)
        return mean + ops.exp(log_variance / 2) * noise

    def _weight(self, training: bool) -> float | keras.KerasTensor:
        """Return the divergence's weight at this training step, and count the step; outside training, kl_weight."""
        if not (training and self.kl_warmup):
            return self.kl_weight
        done = ops.cast(self.steps, "float32")
        self.steps.assign_add(1)
        return self.kl_weight * ops.minimum(done / self.kl_warmup, 1.0)

    def _divergence(self, mean: keras.KerasTensor, log_variance: keras.KerasTensor) -> keras.KerasTensor:
        """Return the divergence from N(0, 1) in nats per value of a sample, as a mean over the batch."""
        nats = (ops.square(mean) + ops.exp(log_variance) - log_variance - 1) / 2  # (batch, latent_dim)
        return ops.mean(ops.sum(nats, axis=-1)) / self.values

    def compute_output_shape(self, input_shape: Sequence[tuple[int | None, ...]]) -> tuple[int | None, ...]:
        return input_shape[0]

    def get_config(self) -> dict[str, Any]:
        own = {"values": self.values, "kl_weight": self.kl_weight, "kl_warmup": self.kl_warmup}
        return {**super().get_config(), **own}
