"""Keras' recurrent layers on compiled time loops: the same weights, names and maths, several times as fast on a CPU.

Each is a subclass of Keras' own layer, whose loop runs where the compiled one cannot: with recurrent dropout,
activations other than the defaults or 16-bit arithmetic. On a GPU it is cuDNN, faster still, that computes what it can
of a layer (cudnn.py). `path` says which loop ran in training, and why. Defines Keras classes: only what builds a
network imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.architectures.layers.fast import recurrence
from seqrun.architectures.layers.fast.cudnn import computed_by_cudnn, for_any_mask, for_steps
from seqrun.architectures.layers.fast.recurrent_programs import Maybe, Tensors
from seqrun.machine import device

FUSED = "fused"
CUDNN = "a GPU has cuDNN"
REPEATED = "_seqrun_repeated"  # attribute of a tensor (batch, time, features) of equal steps: one (batch, features)


class Fused:
    """What the three layers share, mixed into Keras' layer."""

    path: str | None = None  # FUSED, or why Keras' loop ran, in training; None before the first step
    loops = 1  # how many run at once: 2 in a Bidirectional

    # What Keras' layer has.
    __call__: Callable[..., tf.Tensor]
    name: str
    compute_dtype: str
    cell: keras.Layer
    activation: Callable[[tf.Tensor], tf.Tensor]
    recurrent_activation: Callable[[tf.Tensor], tf.Tensor]  # not a SimpleRNN
    use_bias: bool
    dropout: float
    go_backwards: bool
    return_sequences: bool
    zero_output_for_mask: bool

    _recurrence: staticmethod[..., Tensors]  # the compiled loop

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.supports_masking = True  # the next layer sees the mask too, which Keras leaves out from 3.16 on

    def inner_loop(
        self, sequences: tf.Tensor, initial_state: Tensors, mask: Maybe, training: bool = False
    ) -> tuple[tf.Tensor, tf.Tensor, Tensors]:
        """Return the last output, the outputs at every step, and the last states, as Keras' method does."""
        keras_loop = super().inner_loop  # type: ignore[misc]  # of Keras' layer, the next class
        if isinstance(mask, (list, tuple)):  # one for each input
            mask = mask[0]
        reason = self.reason(sequences)
        if training:
            self.path = FUSED if reason is None else f"keras: {reason}"
        if reason == CUDNN and mask is not None:
            return for_any_mask(self, keras_loop, sequences, initial_state, mask, training)
        if reason is not None or not (training or device.on_gpu()):
            return keras_loop(sequences, initial_state, mask, training)  # on a CPU as fast where nothing is trained
        repeated = getattr(sequences, REPEATED, None)
        if self.dropout and training:
            repeated = None
            sequences *= self.cell.get_dropout_mask(sequences[:, 0])[:, None]
        if mask is not None:
            mask = for_steps(mask, sequences)
        states = [tf.convert_to_tensor(state) for state in initial_state]
        read, options = (sequences, {}) if repeated is None else (repeated, {"repeats": sequences.shape[1]})
        *outputs, last = self._run(read, mask, states, **options)
        output, sequence = (
            last[0],
            outputs[0] if outputs else last[0][:, None],
        )  # one step where the layer returns none: Keras reads no more
        if mask is not None:  # in Keras the output before a sample's first step is zero, not the initial state
            shown = self._shown(mask)
            output = tf.where(shown[:, -1:], output, 0.0)
            sequence = tf.where(shown[..., None], sequence, 0.0) if outputs else sequence
        return output, sequence, last

    def _run(
        self, sequences: tf.Tensor, mask: tf.Tensor | None, states: list[tf.Tensor], **options: int
    ) -> tuple[Any, ...]:
        """Return the states h at every step, if the layer returns sequences, then the last states."""
        cell, options = self.cell, {"reverse": self.go_backwards, "loops": self.loops, **options}
        weights = (cell.kernel, cell.recurrent_kernel, self._bias())
        results = self._recurrence(sequences, mask, weights, states, sequence=self.return_sequences, **options)
        return (*results[: -len(states)], results[-len(states) :])

    def _bias(self) -> tf.Tensor:
        return self.cell.bias if self.use_bias else tf.zeros(self.cell.kernel.shape[-1:])

    def _shown(self, mask: tf.Tensor) -> tf.Tensor:
        """Return whether a step's output is its state, else zero: (batch, time), in the order of reading."""
        mask = tf.reverse(mask, [1]) if self.go_backwards else mask
        return mask if self.zero_output_for_mask else tf.cumsum(tf.cast(mask, tf.int32), axis=1) > 0

    def reason(self, sequences: tf.Tensor) -> str | None:
        """Return why this layer falls back to Keras' loop, or None if it can run compiled."""
        activations = keras.activations
        if device.on_gpu() and computed_by_cudnn(self):
            return CUDNN
        if None in sequences.shape:
            return "a size that is not known in advance"
        if sequences.dtype != tf.float32:
            return f"{sequences.dtype.name} arithmetic"
        if self.activation is not activations.tanh:
            return f"activation {activations.serialize(self.activation)}"
        if getattr(self, "recurrent_activation", activations.sigmoid) is not activations.sigmoid:
            return f"recurrent_activation {activations.serialize(self.recurrent_activation)}"
        set_options = [name for name in ("recurrent_dropout", "unroll") if getattr(self, name)]
        if self.dropout and getattr(self.cell, "dropout_mask_count", None):
            set_options.append("a dropout mask for each gate")  # `implementation=1`
        return set_options[0] if set_options else None


@keras.saving.register_keras_serializable(package="seqrun")
class LSTM(Fused, keras.layers.LSTM):
    """keras.layers.LSTM on a compiled loop."""

    _recurrence = staticmethod(recurrence.lstm)


@keras.saving.register_keras_serializable(package="seqrun")
class GRU(Fused, keras.layers.GRU):
    """keras.layers.GRU on a compiled loop; with `reset_after: false`, on Keras'."""

    _recurrence = staticmethod(recurrence.gru)

    def reason(self, sequences: tf.Tensor) -> str | None:
        return super().reason(sequences) if self.reset_after else "reset_after is false"

    def _bias(self) -> tf.Tensor:  # of the inputs, and of the recurrent product
        return self.cell.bias if self.use_bias else tf.zeros((2, self.cell.kernel.shape[-1]))


@keras.saving.register_keras_serializable(package="seqrun")
class SimpleRNN(Fused, keras.layers.SimpleRNN):
    """keras.layers.SimpleRNN on a compiled loop."""

    _recurrence = staticmethod(recurrence.simple_rnn)


@keras.saving.register_keras_serializable(package="seqrun")
class Bidirectional(keras.layers.Bidirectional):
    """keras.layers.Bidirectional; its two layers share the cores."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.forward_layer.loops = self.backward_layer.loops = 2
        self.supports_masking = True  # as in Fused


@keras.saving.register_keras_serializable(package="seqrun")
class RepeatVector(keras.layers.RepeatVector):
    """keras.layers.RepeatVector; an attribute of its output, as with Keras' masks, says that all steps are equal."""

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        outputs = super().call(inputs)
        setattr(outputs, REPEATED, inputs)
        return outputs


LAYERS = {layer.__name__: layer for layer in (LSTM, GRU, SimpleRNN, Bidirectional, RepeatVector)}


def paths(model: keras.Model) -> dict[str, str]:
    """Return name -> `path` of each recurrent layer that has been trained; encoder/lstm_1 inside a model or wrapper."""
    found: dict[str, str] = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found |= {f"{layer.name}/{name}": path for name, path in paths(layer).items()}
        else:
            for each in layer._flatten_layers():
                if isinstance(each, Fused) and each.path:
                    found[each.name if each is layer else f"{layer.name}/{each.name}"] = each.path
    return found
