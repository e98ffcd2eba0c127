"""Convolutions that shorten a sequence, then a recurrent network that reads what is left."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers import convolution
from seqrun.architectures.layers.cells import Bidirectional, Cell, RecurrentDropout, Units, recurrent
from seqrun.architectures.layers.convolution import Stack
from seqrun.architectures.layers.embedding import RANDOM, Embedding, embed, embedded, embedding_problems, model_input
from seqrun.architectures.layers.fields import (
    Activation,
    EmbeddingDim,
    EmbeddingDropout,
    OutputDropout,
    Rate,
    as_list,
)
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.sequences import both_ways_problems
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class ConvRNN(Architecture):
    """Convolutions with pooling, recurrent layers, and an output layer on the last state.

    To forecast or tag at every step, there is an output layer on every state. Forecasts stand at the steps that are
    left after the convolutions; to tag, all steps must be left. Padding of numbers and of tagged tokens is skipped;
    padding of other texts is read like tokens. Chollet, Deep Learning with Python, 2017, 6.4; with strides, sequence to
    sequence: Géron, Hands-On Machine Learning, 2022, 15.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Literal["conv_rnn"] = Field("conv_rnn", description="convolutions, then a recurrent network")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: Embedding = RANDOM
    filters: convolution.Filters = 64
    kernel_size: convolution.KernelSize = 5
    strides: convolution.Strides = 1
    padding: convolution.ConvolutionPadding = "valid"
    activation: Activation = Field("relu", description="activation of the convolutions")
    pool_size: convolution.PerConvolution = Field(
        4,
        description="steps that max pooling joins after each convolution; a list has one for each, 1 is none",
    )
    conv_dropout: convolution.ConvolutionDropout = 0.0
    cell: Cell = Field("gru", description="the recurrent cell")
    units: Units = 128
    bidirectional: Bidirectional = False
    dropout: Rate = Field(0.0, description="share of its inputs dropped in training")
    recurrent_dropout: RecurrentDropout = 0.0
    output_dropout: OutputDropout = 0.0

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from both_ways_problems(self.bidirectional, outline)
        yield from Stack.of(self).problems(outline)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from Stack.of(self).padding_problems(experiment)

    def refine(self, spec: Spec) -> Spec:
        return Stack.of(self).refined(spec)

    def least_weights(self, outline: Outline) -> int:
        weights, width = embedded(self, outline)
        states = sum(units**2 for units in as_list(self.units))  # from state to state
        return weights + Stack.of(self).weights(width) + states

    def build(self, spec: Spec) -> keras.Model:
        import keras

        sequence = model_input(spec)
        x, real = Stack.of(self).convolve(
            embed(sequence, spec, self),  # (batch, time, features)
            convolution.steps_to_convolve(sequence, spec),
            activation=self.activation,
            dropout=self.conv_dropout,
        )  # (batch, steps, filters)
        x = recurrent(
            x,
            self.cell,
            as_list(self.units),
            sequence=spec.target.answers.each_step,
            mask=real,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
        )  # (batch, units), or (batch, steps, units)
        return keras.Model(sequence, answer(x, spec, dropout=self.output_dropout), name=self.name)
