"""Recurrent layers written out step by step, where Keras has no layer of that kind, or writes its own out wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

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


class UnrolledBidirectional:
    """Stands for a keras.layers.Bidirectional whose steps are written out.

    Keras' own, up to 3.15, takes the outputs of a layer that reads backwards to be masked in the order of reading. Here
    both layers read forwards, one of them the turned steps.
    """

    def __init__(self, layer: keras.layers.Bidirectional, plain: Callable[..., Any]):
        """`plain` makes the written-out form of one of its layers, with changes of its config."""
        from keras import layers

        self.original = layer
        self.layers = [plain(each, go_backwards=False) for each in (layer.forward_layer, layer.backward_layer)]
        merges = {"concat": layers.Concatenate, "sum": layers.Add, "mul": layers.Multiply, "ave": layers.Average}
        self.merge = merges[layer.merge_mode](name=layer.name)

    def __call__(self, x: keras.KerasTensor, mask: keras.KerasTensor | None = None) -> keras.KerasTensor:
        """Return the merged outputs for x (batch, time, features); steps outside the mask are skipped."""
        from keras import ops

        forward, backward = self.layers
        turned = None if mask is None else ops.flip(mask, axis=1)
        ahead, back = forward(x, mask=mask), backward(ops.flip(x, axis=1), mask=turned)
        return self.merge([ahead, ops.flip(back, axis=1) if self.original.return_sequences else back])

    def take_weights(self) -> None:
        """Set the layers' weights to those of the original's."""
        for layer, own in zip((self.original.forward_layer, self.original.backward_layer), self.layers, strict=True):
            own.set_weights(layer.get_weights())
