"""The two halves of an autoencoder: from samples to codes, and from codes to samples."""

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
        """Return the two parts of a network; UsageError if it has no layers called `encoder` and `decoder`."""
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
        """A function from the network's inputs (samples, time, features) to codes (samples, latent_dim)."""
        return forward_pass(self.encoder)

    @cached_property
    def decode(self) -> Callable[[np.ndarray], np.ndarray]:
        """A function from codes (samples, latent_dim) to samples (samples, time, features) in the network's units."""
        return forward_pass(self.decoder)

    def joined(self) -> keras.Model:
        """Return a network, with the same layers, that gives code and reconstruction side by side.

        Its outputs are (batch, latent_dim + time * features).
        """
        import keras
        from keras import layers

        inputs = keras.Input(self.encoder.input_shape[1:])
        code = self.encoder(inputs)
        parts = [code, layers.Flatten(dtype="float32")(self.decoder(code))]
        return keras.Model(inputs, layers.Concatenate(dtype="float32")(parts))

    def variational(self, inputs: np.ndarray) -> bool:
        """Return whether the encoder adds a loss of its codes: one that does not come from regularised weights."""
        self.encoder(inputs[:1], training=False)
        regularised = sum(weight.regularizer is not None for weight in self.encoder.trainable_weights)
        return len(self.encoder.losses) > regularised
