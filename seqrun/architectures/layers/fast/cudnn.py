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
    real_first = tf.argsort(tf.cast(~mask, tf.int32), axis=1, stable=True)  # (batch, time) steps
    lengths = tf.reduce_sum(tf.cast(mask, tf.int32), axis=1)  # (batch,)
    read_lengths = tf.maximum(lengths, 1)  # an empty sequence reads one step, in vain
    first_steps = tf.sequence_mask(read_lengths, tf.shape(mask)[1])
    _, outputs, states = loop(tf.gather(sequences, real_first, batch_dims=1), initial_state, first_steps, training)
    empty = (lengths == 0)[:, None]
    states = [tf.where(empty, first, last) for first, last in zip(initial_state, states, strict=True)]
    read = tf.reverse(mask, [1]) if layer.go_backwards else mask  # (batch, time) in the order of reading
    done = tf.cumsum(tf.cast(read, tf.int32), axis=1)  # real steps up to each
    shown = (read if layer.zero_output_for_mask else done > 0)[..., None]
    zero = tf.zeros((), sequences.dtype)
    if not layer.return_sequences:
        output = tf.where(shown[:, -1], states[0], zero)
        return output, output[:, None], states
    places = tf.maximum(done - 1, 0)
    if layer.go_backwards:  # outputs of padding come first then
        places += (tf.shape(mask)[1] - read_lengths)[:, None]
    outputs = tf.where(shown, tf.gather(outputs, places, batch_dims=1), zero)
    return outputs[:, -1], outputs, states
