"""Convolutional networks over time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

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
    Size,
    Sizes,
)
from seqrun.architectures.layers.output import answer, hidden
from seqrun.architectures.layers.padding import fill, last_step
from seqrun.architectures.layers.sequences import (
    Answers,
    ends_time_problems,
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

Head = Literal["global_max", "global_average", "flatten", "last"]


class Conv1D(Architecture):
    """Convolutions with pooling, a head that ends the time axis, and dense layers.

    Forecasts at every step have no head, and stand at the steps that the stack leaves; tags too, and it must leave all.
    Padding takes no part, save that a flattened sample has zeros there, and that a text's is read as tokens. Chollet,
    Deep Learning with Python, 2017, 6.4.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

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
    head: Head | None = Field(
        None, description="how the time axis ends; by default global_max, and not at all where each step is answered"
    )
    dense: list[Size] = Field([], description="sizes of fully connected layers before the output")
    output_dropout: OutputDropout = 0.0

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)
        yield from self._stack_problems(sample_length(experiment), expected_by(experiment), rows_a_step(experiment))

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from read_padding_problems(self._stack(), self.padding, experiment)
        if self.head == "flatten":
            yield Problem(
                ("architecture", "head"),
                "flatten needs one length, and trainer.batching bucketed has several; take last",
            )

    def _stack_problems(self, length: int | None, answers: Answers, rows: int = 1) -> Iterator[Problem]:
        yield from ends_time_problems("head", answers, self.head)
        yield from stack_problems(self._stack(), self.padding, length, answers, rows)

    def _stack(self) -> list[Convolution]:
        return stack_of(self, pool_last=self.head == "flatten")

    def refine(self, spec: Spec) -> Spec:
        refuse(self._stack_problems(spec.input_shape[0], expected(spec)))
        spec = replace(spec, shortest=fewest_steps(self._stack(), self.padding))
        return narrowed(spec, standing(self._stack(), self.padding, spec.input_shape[0]))

    def build(self, spec: Spec) -> keras.Model:
        import keras

        refuse(self._stack_problems(spec.input_shape[0], expected(spec)))
        sequence = model_input(spec)
        x = embed(sequence, spec, self)  # (batch, time, features)
        x, real = convolve(
            x,
            steps_to_convolve(sequence, spec),
            self._stack(),
            padding=self.padding,
            activation=self.activation,
            dropout=self.dropout,
        )  # (batch, steps, filters)
        if not expected(spec).each_step:
            x = _end(x, real, self.head or "global_max")  # (batch, features)
        x = hidden(x, self.dense, self.activation)
        return keras.Model(sequence, answer(x, spec, dropout=self.output_dropout), name=self.name)


def _end(x: keras.KerasTensor, real: keras.KerasTensor | None, head: Head) -> keras.KerasTensor:
    """Those steps (batch, steps, filters) that are real as one vector (batch, features)."""
    from keras import layers

    return {
        "global_max": lambda: layers.GlobalMaxPooling1D(name=head)(fill(x, real, -math.inf)),
        "global_average": lambda: layers.GlobalAveragePooling1D(name=head)(x, mask=real),
        "flatten": lambda: layers.Flatten(name=head)(fill(x, real)),
        "last": lambda: last_step(x, real),
    }[head]()
