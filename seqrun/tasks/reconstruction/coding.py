"""The two halves of an autoencoder: samples to codes and codes to samples."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from seqrun.errors import UsageError
from seqrun.training.forward import forward_pass

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Coding:
    """An encoder (samples, time, features) -> (samples, latent_dim), and the decoder back."""

    encoder: keras.Model
    decoder: keras.Model

    @classmethod
    def of(cls, model: keras.Model) -> Coding:
        """The parts of a network; UsageError if it has none of these names."""
        import keras

        parts = {layer.name: layer for layer in model.layers if isinstance(layer, keras.Model)}
        if missing := [name for name in ("encoder", "decoder") if name not in parts]:
            layers = ", ".join(layer.name for layer in model.layers)
            raise UsageError(
                f"the network has no {' and no '.join(missing)}: an autoencoder is made of two keras models of the "
                f"names encoder and decoder; this one's layers are {layers}"
            )
        return cls(parts["encoder"], parts["decoder"])

    @cached_property
    def encode(self) -> Callable[[np.ndarray], np.ndarray]:
        """From inputs of any number to their codes."""
        return forward_pass(self.encoder)

    @cached_property
    def decode(self) -> Callable[[np.ndarray], np.ndarray]:
        """From codes of any number to samples, in the network's units."""
        return forward_pass(self.decoder)

    def joined(self) -> keras.Model:
        """The network that answers with codes too: (batch, latent_dim + time * features), each sample's code first."""
        import keras
        from keras import layers

        inputs = keras.Input(self.encoder.input_shape[1:])
        code = self.encoder(inputs)
        parts = [code, layers.Flatten(dtype="float32")(self.decoder(code))]
        return keras.Model(inputs, layers.Concatenate(dtype="float32")(parts))

    def variational(self, inputs: np.ndarray) -> bool:
        """Whether the encoder adds losses of its own to those of regularised weights: it shapes its codes."""
        self.encoder(inputs[:1], training=False)
        regularised = sum(weight.regularizer is not None for weight in self.encoder.trainable_weights)
        return len(self.encoder.losses) > regularised
