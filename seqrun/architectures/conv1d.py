"""Convolutional networks over time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers import convolution
from seqrun.architectures.layers.convolution import Stack
from seqrun.architectures.layers.embedding import RANDOM, Embedding, embed, embedded, embedding_problems, model_input
from seqrun.architectures.layers.fields import Activation, EmbeddingDim, EmbeddingDropout, OutputDropout, Size, as_list
from seqrun.architectures.layers.output import answer, hidden, hidden_weights
from seqrun.architectures.layers.padding import fill, last_step
from seqrun.architectures.layers.sequences import ends_time_problems
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec

Head = Literal["global_max", "global_average", "flatten", "last"]


class Conv1D(Architecture):
    """Convolutions with pooling, a head that ends the time axis, and dense layers.

    A network that forecasts or tags at every step has no head. Its forecasts stand at the steps that are left after the
    convolutions; to tag, all steps must be left. Padding of numbers and of tagged tokens has no effect, except that
    `flatten` reads zeros there; padding of other texts is read like tokens. Chollet, Deep Learning with Python, 2017,
    6.4.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Literal["conv1d"] = Field("conv1d", description="a stack of convolutions")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: Embedding = RANDOM
    filters: convolution.Filters = [32, 32]
    kernel_size: convolution.KernelSize = 7
    strides: convolution.Strides = 1
    padding: convolution.ConvolutionPadding = "valid"
    activation: Activation = Field("relu", description="activation of the convolutions and of the dense layers")
    pool_size: convolution.PerConvolution = Field(
        5,
        description="steps that max pooling joins after each convolution, save the last before a global "
        "head; a list has one for each, 1 is none",
    )
    dropout: convolution.ConvolutionDropout = 0.0
    head: Head | None = Field(
        None, description="how the time axis ends; by default global_max, and not at all where each step is answered"
    )
    dense: list[Size] = Field([], description="sizes of fully connected layers before the output")
    output_dropout: OutputDropout = 0.0

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from ends_time_problems("head", self.head, outline)
        yield from self._stack().problems(outline)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from self._stack().padding_problems(experiment)
        if self.head == "flatten":
            yield Problem(
                ("architecture", "head"),
                "flatten needs one length, and trainer.batching bucketed has several; take last",
            )

    def _stack(self) -> Stack:
        return Stack.of(self, pool_last=self.head == "flatten")

    def refine(self, spec: Spec) -> Spec:
        return self._stack().refined(spec)

    def least_weights(self, outline: Outline) -> int:
        weights, width = embedded(self, outline)
        last = as_list(self.filters)[-1]
        return weights + self._stack().weights(width) + hidden_weights(last, self.dense)

    def build(self, spec: Spec) -> keras.Model:
        import keras

        sequence = model_input(spec)
        x = embed(sequence, spec, self)  # (batch, time, features)
        real = convolution.steps_to_convolve(sequence, spec)  # (batch, time)
        x, real = self._stack().convolve(x, real, activation=self.activation, dropout=self.dropout)
        if not spec.target.answers.each_step:
            x = _end(x, real, self.head or "global_max")  # (batch, features)
        x = hidden(x, self.dense, self.activation)
        return keras.Model(sequence, answer(x, spec, dropout=self.output_dropout), name=self.name)


def _end(x: keras.KerasTensor, real: keras.KerasTensor | None, head: Head) -> keras.KerasTensor:
    """Return the real steps of x (batch, steps, filters), joined to one vector (batch, features)."""
    from keras import layers

    return {
        "global_max": lambda: layers.GlobalMaxPooling1D(name=head)(fill(x, real, -math.inf)),
        "global_average": lambda: layers.GlobalAveragePooling1D(name=head)(x, mask=real),
        "flatten": lambda: layers.Flatten(name=head)(fill(x, real)),
        "last": lambda: last_step(x, real),
    }[head]()
