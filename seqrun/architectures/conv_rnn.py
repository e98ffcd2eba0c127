"""Convolutions that shorten a sequence, then a recurrent network that reads what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.cells import Cell, recurrent
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
    Sizes,
    as_list,
)
from seqrun.architectures.layers.output import classify
from seqrun.components import Architecture, Spec
from seqrun.errors import ConfigError, Problem

if TYPE_CHECKING:
    import keras

    from seqrun.config.experiment import Experiment


class ConvRNN(Architecture):
    """Convolutions with pooling, recurrent layers, and a classifier on the last state.

    Chollet, Deep Learning with Python, 2017, 6.4.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification"})

    name: Literal["conv_rnn"] = Field("conv_rnn", description="convolutions, then a recurrent network")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: EmbeddingOptions = Field(EmbeddingOptions(), description="the embedding's start and training")
    filters: Sizes = Field(64, description="filters of each convolution")
    kernel_size: PerConvolution = Field(5, description="steps that a filter sees; a list has one for each convolution")
    strides: PerConvolution = Field(1, description="steps that a filter moves; a list has one for each convolution")
    padding: Padding = Field("valid", description="of each convolution: valid shortens, same and causal do not")
    activation: Activation = Field("relu", description="activation of the convolutions")
    pool_size: PerConvolution = Field(
        4,
        description="steps that max pooling joins after each convolution; a list has one for each, 1 is none",
    )
    conv_dropout: Rate = Field(0.0, description="share dropped in training after each convolution")
    cell: Cell = Field("gru", description="the recurrent cell")
    units: Sizes = Field(128, description="size of the state; a list has one layer for each of its numbers")
    bidirectional: bool = Field(False, description="read each sequence in both directions and join the two states")
    dropout: Rate = Field(0.0, description="share of its inputs dropped in training")
    recurrent_dropout: Rate = Field(
        0.0, description="share of the cell's previous state dropped in training; not with cuDNN"
    )
    output_dropout: OutputDropout = 0.0

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)
        yield from length_problems(self._stack(), self.padding, sample_length(experiment))

    def _stack(self) -> list[Convolution]:
        return stack_of(self, pool_last=True)

    def build(self, spec: Spec) -> keras.Model:
        import keras

        if problems := list(length_problems(self._stack(), self.padding, spec.input_shape[0])):
            raise ConfigError(problems)
        sequence = model_input(spec)
        x = embed(sequence, spec, self)  # (batch, time, features)
        x = convolve(
            x, self._stack(), padding=self.padding, activation=self.activation, dropout=self.conv_dropout
        )  # (batch, steps, filters)
        x = recurrent(
            x,
            self.cell,
            as_list(self.units),
            bidirectional=self.bidirectional,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
        )  # (batch, units)
        return keras.Model(sequence, classify(x, spec, dropout=self.output_dropout), name=self.name)
