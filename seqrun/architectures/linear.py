"""The linear model."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.padding import without_padding
from seqrun.architectures.layers.sequences import expected, expected_by, refuse, whole_window_problems
from seqrun.components.base import Architecture
from seqrun.components.splits import Spec
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


class Linear(Architecture):
    """Every number of the window, zeros as its padding, weighted and summed: the model to beat.

    Géron, Hands-On Machine Learning, 2022, 15.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"classification", "forecasting"})

    name: Literal["linear"] = Field("linear", description="a linear model of the window")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from whole_window_problems(self.name, expected_by(experiment))

    def build(self, spec: Spec) -> keras.Model:
        import keras

        refuse(whole_window_problems(self.name, expected(spec)))
        window = model_input(spec)  # (batch, time, features)
        x = keras.layers.Flatten(name="flatten")(without_padding(window, spec))  # (batch, time * features)
        return keras.Model(window, answer(x, spec), name=self.name)
