"""The layer-normalised recurrent layer written out step by step in Keras' own layers, which have none like it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras

LONGEST = 512  # steps that are written one after the other


class UnrolledLayerNorm:
    """Stands for a keras.layers.RNN of LayerNormCells: the same layers for each step, called as often as there are.

    The cell's inputs and state have a dense layer each, and their sum is normalised before the activation.
    """

    def __init__(self, layer: keras.layers.RNN):
        from keras import layers

        cell = layer.cell
        self.original, self.every_step = cell, layer.return_sequences
        self.inputs = layers.Dense(cell.units, use_bias=cell.use_bias, name=f"{layer.name}_inputs")
        self.state = layers.Dense(cell.units, use_bias=False, name=f"{layer.name}_state")
        self.norm = layers.LayerNormalization(epsilon=cell.norm.epsilon, name=f"{layer.name}_norm")
        self.squash = layers.Activation(cell.squash, name=f"{layer.name}_activation")

    def __call__(self, x: keras.KerasTensor, mask: keras.KerasTensor | None = None) -> keras.KerasTensor:
        """Return the last state for x (batch, time, features), or the states of all steps; masked ones are skipped."""
        from keras import ops

        projected = self.inputs(x)  # (batch, time, units)
        state = ops.zeros_like(projected[:, 0])
        states = []
        for step in range(x.shape[1]):
            new = self.squash(self.norm(ops.add(projected[:, step], self.state(state))))
            state = new if mask is None else ops.where(mask[:, step : step + 1], new, state)
            states.append(state)
        return ops.stack(states, axis=1) if self.every_step else state

    def take_weights(self) -> None:
        """Set the layers' weights to the cell's."""
        cell = self.original
        self.inputs.set_weights([cell.kernel, *([cell.bias] if cell.use_bias else [])])
        self.state.set_weights([cell.recurrent_kernel])
        self.norm.set_weights(cell.norm.get_weights())
