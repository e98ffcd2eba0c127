"""The layer-normalised recurrent cell. Defines a Keras class, so only what builds a network imports this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras  # noqa: TID253


@keras.saving.register_keras_serializable(package="seqrun")
class LayerNormCell(keras.layers.SimpleRNNCell):
    """A SimpleRNN cell that normalises its sum of inputs and state over the units before the activation.

    Ba, Kiros and Hinton, Layer Normalization, 2016, equation 4; the cell of Géron, Hands-On Machine Learning, 2022, 15.
    """

    def __init__(self, units: int, activation: str = "tanh", **arguments: Any) -> None:
        super().__init__(units, activation=None, **arguments)
        self.norm = keras.layers.LayerNormalization(name="norm")
        self.squash = keras.activations.get(activation)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        super().build(input_shape)
        self.norm.build((None, self.units))

    def call(
        self, sequence: keras.KerasTensor, states: Sequence[keras.KerasTensor], training: bool = False
    ) -> tuple[keras.KerasTensor, list[keras.KerasTensor]]:
        summed, _ = super().call(sequence, states, training=training)  # (batch, units)
        state = self.squash(self.norm(summed))
        return state, [state]

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "activation": keras.activations.serialize(self.squash)}
