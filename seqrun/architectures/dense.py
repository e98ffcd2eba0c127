"""The multilayer perceptron."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.fields import Activation, OutputDropout, Rate, Sizes, as_list
from seqrun.architectures.layers.output import answer, hidden, hidden_weights
from seqrun.architectures.layers.padding import flattened
from seqrun.architectures.layers.sequences import whole_window_problems
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class Dense(Architecture):
    """Fully connected layers on the flattened window, with zeros as its padding."""

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"classification", "forecasting"})

    name: Literal["dense"] = Field("dense", description="fully connected layers on the flattened window")
    units: Sizes = Field(64, description="size of the hidden layer; a list has one layer for each of its numbers")
    activation: Activation = Field("relu", description="activation of the hidden layers")
    dropout: Rate = Field(0.0, description="share dropped in training after each hidden layer")
    output_dropout: OutputDropout = 0.0

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from whole_window_problems(self.name, outline)

    def least_weights(self, outline: Outline) -> int:
        return hidden_weights((outline.length or 1) * (outline.features or 1), as_list(self.units))

    def build(self, spec: Spec) -> keras.Model:
        import keras

        window = model_input(spec)  # (batch, time, features)
        x = hidden(flattened(window, spec), as_list(self.units), self.activation, dropout=self.dropout)
        return keras.Model(window, answer(x, spec, dropout=self.output_dropout), name=self.name)
