"""Which recurrent layers cuDNN computes on a GPU, and how they skip what a mask leaves out.

Keras hands cuDNN a mask only as the lengths of sequences: padding must come last, and no sequence may be all padding,
else the training ends with an error. Here the real steps are moved to the front before, and their outputs back to where
they stood. Only what builds or trains a network imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

Results: TypeAlias = tuple[tf.Tensor, tf.Tensor, Sequence[tf.Tensor]]  # last output, outputs, last states
Loop = Callable[..., Results]  # Keras' own: (sequences, initial_state, mask, training)


def computed_by_cudnn(layer: Any) -> bool:
    """Return whether Keras lets cuDNN compute this layer where there is a GPU, as `cudnn_ok` of its backend does."""
    if not isinstance(layer, (keras.layers.LSTM, keras.layers.GRU)):
        return False
    usual = layer.activation is keras.activations.tanh and layer.recurrent_activation is keras.activations.sigmoid
    plain = layer.use_bias and layer.use_cudnn in ("auto", True) and not (layer.unroll or layer.recurrent_dropout)
    return bool(usual and plain and getattr(layer, "reset_after", True))


def compilable(layer: keras.Layer) -> bool:
    """Return whether XLA can compile this layer; Keras says of an LSTM only whether there is a GPU."""
    if isinstance(layer, (keras.layers.LSTM, keras.layers.GRU)):
        return not computed_by_cudnn(layer)
    return bool(layer.supports_jit)


def for_steps(mask: tf.Tensor, sequences: tf.Tensor) -> tf.Tensor:
    """Return a mask (batch, time), or (batch, time, 1), as booleans (batch, time); an axis of size 1 is repeated."""
    mask = tf.cast(mask, tf.bool)
    shape = tf.shape(sequences)[:2] if None in sequences.shape else sequences.shape[:2]
    return tf.broadcast_to(mask[..., 0] if mask.shape.rank == 3 else mask, shape)


def for_any_mask(
    layer: Any,
    loop: Loop,
    sequences: tf.Tensor,
    initial_state: Sequence[tf.Tensor],
    mask: tf.Tensor,
    training: bool,
) -> Results:
    """Return what Keras' loop returns for sequences (batch, time, features) and any mask (batch, time).

    The loop is given sequences whose padding comes last, and of which each has a step. A sequence without any keeps its
    initial states, and its outputs are zero, as are those before a sequence's first step; those at later masked steps
    repeat the last one, or are zero where the layer has `zero_output_for_mask`.
    """
    mask = for_steps(mask, sequences)
    moved, read, lengths = _to_front(sequences, mask)
    _, outputs, last = loop(moved, initial_state, read, training)
    states = [_unless_empty(*pair, lengths) for pair in zip(initial_state, last, strict=True)]
    if layer.return_sequences:
        outputs = _put_back(outputs, mask, lengths, layer.go_backwards, layer.zero_output_for_mask)
    else:
        shown = mask[:, 0 if layer.go_backwards else -1] if layer.zero_output_for_mask else lengths > 0
        outputs = tf.where(shown[:, None], states[0], tf.zeros_like(states[0]))[:, None]
    return outputs[:, -1], outputs, states


# Programs, as TensorFlow's own operations on int32 would have them wait for the host.


@tf.function(jit_compile=True, autograph=False)
def _to_front(sequences: tf.Tensor, mask: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Return sequences with their real steps first; which steps to read, (batch, time); how many are real, (batch,).

    Of an empty sequence one step is read, in vain.
    """
    real_first = tf.argsort(tf.cast(~mask, tf.int32), axis=1, stable=True)  # (batch, time) steps
    lengths = tf.reduce_sum(tf.cast(mask, tf.int64), axis=1)
    read = tf.sequence_mask(tf.maximum(lengths, 1), tf.shape(mask, tf.int64)[1])
    return tf.gather(sequences, real_first, batch_dims=1), read, lengths


@tf.function(jit_compile=True, autograph=False)
def _put_back(outputs: tf.Tensor, mask: tf.Tensor, lengths: tf.Tensor, backwards: bool, zero: bool) -> tf.Tensor:
    """Return outputs (batch, time, units) of sequences whose real steps came first, at their own steps.

    Backwards they are in the order of reading, and outputs of padding came first. `zero` is the layer's
    `zero_output_for_mask`.
    """
    real = tf.reverse(mask, [1]) if backwards else mask
    done = tf.cumsum(tf.cast(real, tf.int64), axis=1)  # (batch, time) real steps up to each
    places = tf.maximum(done - 1, 0)
    if backwards:
        places += (tf.shape(mask, tf.int64)[1] - tf.maximum(lengths, 1))[:, None]
    shown = real if zero else done > 0
    return tf.where(shown[..., None], tf.gather(outputs, places, batch_dims=1), tf.zeros((), outputs.dtype))


def _unless_empty(first: tf.Tensor, last: tf.Tensor, lengths: tf.Tensor) -> tf.Tensor:
    """Return the last states, and the first ones of sequences without a step."""
    return tf.where((lengths == 0)[:, None], first, last)
