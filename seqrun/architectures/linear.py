"""The linear model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.padding import flattened
from seqrun.architectures.layers.sequences import whole_window_problems
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class Linear(Architecture):
    """A weighted sum of all numbers of the window, with zeros as its padding: the model to beat.

    Géron, Hands-On Machine Learning, 2022, 15.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"classification", "forecasting"})

    name: Literal["linear"] = Field("linear", description="a linear model of the window")

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from whole_window_problems(self.name, outline)

    def least_weights(self, outline: Outline) -> int:
        return (outline.length or 0) * (outline.features or 1) * (outline.units or outline.ahead or 1)

    def build(self, spec: Spec) -> keras.Model:
        import keras

        window = model_input(spec)  # (batch, time, features)
        return keras.Model(window, answer(flattened(window, spec), spec), name=self.name)
