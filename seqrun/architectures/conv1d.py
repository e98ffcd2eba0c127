"""Convolutional networks over time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.convolution import (
    Convolution,
    Padding,
    PerConvolution,
    convolve,
    length_problems,
    sample_length,
    stack_of,
)
from seqrun.architectures.layers.embedding import EmbeddingOptions, embed, embedding_problems, model_input
from seqrun.architectures.layers.fields import (
    Activation,
    EmbeddingDim,
    EmbeddingDropout,
    OutputDropout,
    Rate,
    Size,
    Sizes,
)
from seqrun.architectures.layers.output import classify, hidden
from seqrun.components import Architecture, Spec
from seqrun.errors import ConfigError, Problem

if TYPE_CHECKING:
    import keras

    from seqrun.config.experiment import Experiment

Head = Literal["global_max", "global_average", "flatten"]


class Conv1D(Architecture):
    """Convolutions with pooling, a head that ends the time axis, and a classifier.

    Chollet, Deep Learning with Python, 2017, 6.4.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification"})

    name: Literal["conv1d"] = Field("conv1d", description="a stack of convolutions")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: EmbeddingOptions = Field(EmbeddingOptions(), description="the embedding's start and training")
    filters: Sizes = Field([32, 32], description="filters of each convolution")
    kernel_size: PerConvolution = Field(7, description="steps that a filter sees; a list has one for each convolution")
    strides: PerConvolution = Field(1, description="steps that a filter moves; a list has one for each convolution")
    padding: Padding = Field("valid", description="of each convolution: valid shortens, same and causal do not")
    activation: Activation = Field("relu", description="activation of the convolutions and of the dense layers")
    pool_size: PerConvolution = Field(
        5,
        description="steps that max pooling joins after each convolution, save the last before a global "
        "head; a list has one for each, 1 is none",
    )
    dropout: Rate = Field(0.0, description="share dropped in training after each convolution")
    head: Head = Field("global_max", description="how the time axis ends")
    dense: list[Size] = Field([], description="sizes of fully connected layers before the output")
    output_dropout: OutputDropout = 0.0

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)
        yield from length_problems(self._stack(), self.padding, sample_length(experiment))

    def _stack(self) -> list[Convolution]:
        return stack_of(self, pool_last=self.head == "flatten")

    def build(self, spec: Spec) -> keras.Model:
        import keras
        from keras import layers

        if problems := list(length_problems(self._stack(), self.padding, spec.input_shape[0])):
            raise ConfigError(problems)
        heads = {
            "global_max": layers.GlobalMaxPooling1D,
            "global_average": layers.GlobalAveragePooling1D,
            "flatten": layers.Flatten,
        }
        sequence = model_input(spec)
        x = embed(sequence, spec, self)  # (batch, time, features)
        x = convolve(
            x, self._stack(), padding=self.padding, activation=self.activation, dropout=self.dropout
        )  # (batch, steps, filters)
        x = heads[self.head](name=self.head)(x)  # (batch, features)
        x = hidden(x, self.dense, self.activation)
        return keras.Model(sequence, classify(x, spec, dropout=self.output_dropout), name=self.name)
