"""LSTM layers that read a sample into one vector, and their mirror image that unfolds a code into steps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from seqrun.architectures.layers.cells import recurrent
from seqrun.architectures.layers.fields import Sizes, as_list

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline

Units = Annotated[Sizes, Field(description="size of the LSTM's state; a list stacks layers, the decoder mirrors it")]
Bidirectional = Annotated[bool, Field(description="read, and write, each sample in both directions")]
StateNorm = Annotated[bool, Field(description="normalise the encoder's and the decoder's states over the batch")]


@dataclass(frozen=True)
class RecurrentCoder:
    """LSTM layers on both sides of a code (an `autoencoder.Coder`); the decoder reads the code at every step."""

    units: int | list[int]
    bidirectional: bool
    batch_norm: bool

    def summary(self, values: keras.KerasTensor, real: keras.KerasTensor | None) -> keras.KerasTensor:
        """Return the state after the last real step, (batch, units), twice as wide if bidirectional."""
        return self._states(values, as_list(self.units), mask=real)

    def unfolded(self, code: keras.KerasTensor, time: int) -> keras.KerasTensor:
        """Return the decoder's states (batch, time, units) for a code (batch, latent_dim)."""
        from seqrun.architectures.layers.fast.fused import RepeatVector

        x = RepeatVector(time, name="repeat")(code)  # (batch, time, latent_dim)
        return self._states(x, as_list(self.units)[::-1], sequence=True)

    def least_weights(self, outline: Outline, latent_dim: int) -> int:
        """Return how many weights both sides have, and the layer to a code, without biases and normalisation."""
        units = as_list(self.units)
        encoder, width = self._weights(outline.features or 1, units)
        decoder, _ = self._weights(latent_dim, units[::-1])
        return encoder + width * latent_dim + decoder

    def _weights(self, width: int, units: list[int]) -> tuple[int, int]:
        """Return how many weights LSTM layers of these sizes have on steps of so many numbers, and what they end in."""
        directions, total = 2 if self.bidirectional else 1, 0
        for size in units:
            total += directions * 4 * size * (width + size)
            width = directions * size
        return total, width

    def _states(self, x: keras.KerasTensor, units: list[int], **options: Any) -> keras.KerasTensor:
        """Return the states of LSTM layers of these sizes on x, normalised if asked; `options` go to `recurrent`."""
        from seqrun.architectures.layers.fast.batch_norm import BatchNormalization

        x = recurrent(x, "lstm", units, bidirectional=self.bidirectional, **options)
        return BatchNormalization(name="batch_norm")(x) if self.batch_norm else x
