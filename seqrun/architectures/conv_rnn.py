"""Convolutions that shorten a sequence, then a recurrent network that reads what is left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.cells import Cell, recurrent
from seqrun.architectures.layers.convolution import (
    Convolution,
    Padding,
    PerConvolution,
    convolve,
    fewest_steps,
    read_padding_problems,
    sample_length,
    stack_of,
    stack_problems,
    standing,
    steps_to_convolve,
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
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.sequences import (
    Answers,
    both_ways_problems,
    expected,
    expected_by,
    narrowed,
    refuse,
    rows_a_step,
)
from seqrun.components.base import Architecture
from seqrun.components.splits import Spec
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


class ConvRNN(Architecture):
    """Convolutions with pooling, recurrent layers, and an output layer on the last state.

    Forecasts at every step have one on every state, at the steps that the convolutions leave; tags too, and they must
    leave all. Padding takes no part, save that a text's is read as tokens. Chollet, Deep Learning with Python, 2017,
    6.4; with strides, sequence to sequence: Géron, Hands-On Machine Learning, 2022, 15.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

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
        yield from self._target_problems(sample_length(experiment), expected_by(experiment), rows_a_step(experiment))

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from read_padding_problems(self._stack(), self.padding, experiment)

    def _target_problems(self, length: int | None, answers: Answers, rows: int = 1) -> Iterator[Problem]:
        yield from both_ways_problems(self.bidirectional, answers)
        yield from stack_problems(self._stack(), self.padding, length, answers, rows)

    def _stack(self) -> list[Convolution]:
        return stack_of(self, pool_last=True)

    def refine(self, spec: Spec) -> Spec:
        refuse(self._target_problems(spec.input_shape[0], expected(spec)))
        spec = replace(spec, shortest=fewest_steps(self._stack(), self.padding))
        return narrowed(spec, standing(self._stack(), self.padding, spec.input_shape[0]))

    def build(self, spec: Spec) -> keras.Model:
        import keras

        refuse(self._target_problems(spec.input_shape[0], expected(spec)))
        sequence = model_input(spec)
        x = embed(sequence, spec, self)  # (batch, time, features)
        x, real = convolve(
            x,
            steps_to_convolve(sequence, spec),
            self._stack(),
            padding=self.padding,
            activation=self.activation,
            dropout=self.conv_dropout,
        )  # (batch, steps, filters)
        x = recurrent(
            x,
            self.cell,
            as_list(self.units),
            sequence=expected(spec).each_step,
            mask=real,
            bidirectional=self.bidirectional,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
        )  # (batch, units), or (batch, steps, units)
        return keras.Model(sequence, answer(x, spec, dropout=self.output_dropout), name=self.name)
