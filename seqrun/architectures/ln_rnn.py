"""Recurrent networks that normalise their state at every step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.cells import InputsDropout, Units
from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.fields import Activation, OutputDropout, Rate, as_list
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.padding import real_steps, without_padding
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class LayerNormRNN(Architecture):
    """Layers of simple recurrent cells with layer normalisation, which keeps long sequences from fading or exploding.

    Padding is skipped. Géron, Hands-On Machine Learning, 2022, 15.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Literal["ln_rnn"] = Field("ln_rnn", description="layer-normalised simple recurrent cells")
    units: Units = 32
    activation: Activation = Field("tanh", description="the cell's activation, after the normalisation")
    dropout: InputsDropout = 0.0
    recurrent_dropout: Rate = Field(0.0, description="share of the cell's previous state dropped in training")
    output_dropout: OutputDropout = 0.0

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield nothing: padding is skipped."""
        yield from ()

    def least_weights(self, outline: Outline) -> int:
        return sum(units**2 for units in as_list(self.units))  # from state to state

    def build(self, spec: Spec) -> keras.Model:
        import keras

        from seqrun.architectures.layers.ln_cell import LayerNormCell

        window = model_input(spec)  # (batch, time, features)
        x, real = without_padding(window, spec, mask=True), real_steps(window, spec)  # (batch, time)
        sizes = as_list(self.units)
        for number, size in enumerate(sizes, start=1):
            cell = LayerNormCell(
                size, self.activation, dropout=self.dropout, recurrent_dropout=self.recurrent_dropout, name="cell"
            )
            every = spec.target.answers.each_step or number < len(sizes)
            layer = keras.layers.RNN(cell, return_sequences=every, name=f"ln_rnn_{number}")
            layer.supports_masking = (
                True  # else Keras warns, from 3.16 on, that masks end here; each layer is given one
            )
            x = layer(x, mask=real)
        return keras.Model(window, answer(x, spec, dropout=self.output_dropout), name=self.name)
