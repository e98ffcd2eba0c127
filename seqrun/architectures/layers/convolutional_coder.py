"""Convolutions that shorten a sample to a few steps, and transposed ones that unfold a code in the same lengths."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from seqrun.architectures.layers.convolution import Convolution, PerConvolution, Stack, convolutions
from seqrun.architectures.layers.fields import Activation, Sizes
from seqrun.architectures.layers.padding import fill

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline

Filters = Annotated[Sizes, Field(description="filters of each convolution; the decoder mirrors them")]
Strides = Annotated[
    PerConvolution, Field(description="so many steps become one; a list has a number for each convolution")
]
ConvolutionActivation = Annotated[Activation, Field(description="activation of the convolutions")]


@dataclass(frozen=True)
class ConvolutionalCoder:
    """Convolutions on both sides of a code (an `autoencoder.Coder`); a single kernel size or stride holds for each."""

    filters: int | list[int]
    kernel_size: int | list[int]
    strides: int | list[int]
    activation: str

    def summary(self, values: keras.KerasTensor, real: keras.KerasTensor | None) -> keras.KerasTensor:
        """Return the last convolution's outputs, flattened: (batch, steps * filters), 0 past a sample's end."""
        from keras import layers

        stack = Stack(self._convolutions(), "same")
        x, real = stack.convolve(values, real, activation=self.activation)
        return layers.Flatten(name="flatten")(fill(x, real))  # of (batch, steps, filters)

    def unfolded(self, code: keras.KerasTensor, time: int) -> keras.KerasTensor:
        """Return steps (batch, time, filters) for a code (batch, latent_dim)."""
        from keras import layers

        stack = self._convolutions()
        *lengths, shortest = _lengths(time, stack)
        widest = stack[-1].filters
        x = layers.Dense(shortest * widest, activation=self.activation, name="dense")(code)
        x = layers.Reshape((shortest, widest), name="steps")(x)
        for number, (each, length) in enumerate(zip(reversed(stack), reversed(lengths), strict=True), start=1):
            x = layers.Conv1DTranspose(
                each.filters,
                each.kernel_size,
                strides=each.strides,
                padding="same",
                activation=self.activation,
                name=f"conv1d_transpose_{number}",
            )(x)  # (batch, steps * strides, filters)
            if surplus := x.shape[1] - length:  # the strides did not divide this length
                x = layers.Cropping1D((0, surplus), name=f"crop_{number}")(x)
        return x

    def least_weights(self, outline: Outline, latent_dim: int) -> int:
        """Return how many weights both sides have, and the layer to a code, without the biases."""
        stack = self._convolutions()
        mirrored = stack[::-1]
        between = latent_dim * _lengths(outline.length or 1, stack)[-1] * stack[-1].filters
        decoder = Stack(mirrored, "same").weights(mirrored[0].filters)
        return Stack(stack, "same").weights(outline.features or 1) + 2 * between + decoder

    def _convolutions(self) -> list[Convolution]:
        """Return the encoder's convolutions; the decoder has them in reverse."""
        return convolutions(self.filters, self.kernel_size, self.strides)


def _lengths(time: int, stack: list[Convolution]) -> list[int]:
    """Return how many steps there are before each convolution, and after the last.

    With "same" padding, a convolution leaves ceil(steps / strides).
    """
    return list(accumulate((each.strides for each in stack), lambda steps, by: -(-steps // by), initial=time))
