"""The time loops of recurrent layers, compiled, with gradients written out. Only what builds a network imports it.

What does not need the step before stays out of the loop: the inputs' product with the kernel comes before it, the sums
over steps that make the weights' gradient after it, each one large product instead of one a step. XLA fuses what is
left to a product with the recurrent kernel and one pass over the gates. The samples of a batch do not meet, so each
core has a part of them and a loop of its own. Time stands first in here: (time, batch, ...).

A masked step leaves the states as they were. LSTM: Hochreiter and Schmidhuber, 1997; GRU: Cho et al., 2014, with the
reset gate after the product.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import tensorflow as tf  # noqa: TID253

Step = Callable[[tf.Tensor, Sequence[tf.Tensor]], tuple[Sequence[tf.Tensor], Sequence[tf.Tensor]]]
Maybe = tf.Tensor | None

FEWEST_ROWS = 8  # of a batch in one part: below, a second loop costs more than it saves


# --- loops ------------------------------------------------------------------------------------------------------------


def _scan(
    step: Step, states: Sequence[tf.Tensor], like: tf.Tensor, widths: Sequence[int], *, backwards: bool = False
) -> tuple[Sequence[tf.Tensor], list[tf.Tensor]]:
    """The last states, and the outputs of all steps, (time, batch, width) each; there are as many as `like` has."""
    steps, batch = like.shape[:2]
    arrays = tuple(tf.TensorArray(tf.float32, size=steps, element_shape=(batch, width)) for width in widths)

    def body(number, states, arrays):
        t = steps - 1 - number if backwards else number
        states, outputs = step(t, states)
        written = (array.write(t, output) for array, output in zip(arrays, outputs, strict=True))
        return number + 1, tuple(states), tuple(written)

    start = (tf.constant(0), tuple(states), arrays)
    _, states, arrays = tf.while_loop(lambda number, *_: number < steps, body, start, maximum_iterations=steps)
    return states, [array.stack() for array in arrays]


def _unless_masked(mask: Maybe, t: tf.Tensor, new: Sequence[tf.Tensor], old: Sequence[tf.Tensor]) -> list[tf.Tensor]:
    return [fresh if mask is None else tf.where(mask[t], fresh, kept) for fresh, kept in zip(new, old, strict=True)]


@tf.function(jit_compile=True, autograph=False)
def _lstm(projected, mask, recurrent_kernel, h, c):
    units = h.shape[-1]

    def step(t, states):
        i, f, g, o = tf.split(projected[t] + states[0] @ recurrent_kernel, 4, axis=-1)
        i, f, g, o = tf.sigmoid(i), tf.sigmoid(f), tf.tanh(g), tf.sigmoid(o)
        cell = f * states[1] + i * g
        new = _unless_masked(mask, t, (o * tf.tanh(cell), cell), states)
        return new, (*new, tf.concat([i, f, g, o], -1))

    return _scan(step, (h, c), projected, (units, units, 4 * units))


@tf.function(jit_compile=True, autograph=False)
def _lstm_back(gates, before, mask, recurrent_kernel, d_outputs, d_h, d_c):
    """`before` are the cells before each step."""

    def step(t, gradients):
        d_h, d_c = gradients[0] + d_outputs[t], gradients[1]  # from the steps that follow, and from the loss here
        i, f, g, o = tf.split(gates[t], 4, axis=-1)
        cell = tf.tanh(f * before[t] + i * g)
        inner = d_c + d_h * o * (1 - cell * cell)
        d_i, d_f, d_g, d_o = inner * g * i, inner * before[t] * f, inner * i, d_h * cell * o
        d_z = tf.concat([d_i * (1 - i), d_f * (1 - f), d_g * (1 - g * g), d_o * (1 - o)], -1)
        if mask is not None:
            d_z = tf.where(mask[t], d_z, 0.0)
        new = (tf.matmul(d_z, recurrent_kernel, transpose_b=True), inner * f)
        return _unless_masked(mask, t, new, (d_h, d_c)), (d_z,)

    return _scan(step, (d_h, d_c), gates, (gates.shape[-1],), backwards=True)


@tf.function(jit_compile=True, autograph=False)
def _gru(projected, mask, recurrent_kernel, recurrent_bias, h):
    units = h.shape[-1]

    def step(t, states):
        x_z, x_r, x_g = tf.split(projected[t], 3, axis=-1)
        h_z, h_r, h_g = tf.split(states[0] @ recurrent_kernel + recurrent_bias, 3, axis=-1)
        z, r = tf.sigmoid(x_z + h_z), tf.sigmoid(x_r + h_r)
        g = tf.tanh(x_g + r * h_g)
        new = _unless_masked(mask, t, (z * states[0] + (1 - z) * g,), states)
        return new, (*new, tf.concat([z, r, g, h_g], -1))

    return _scan(step, (h,), projected, (units, 4 * units))


@tf.function(jit_compile=True, autograph=False)
def _gru_back(gates, before, mask, recurrent_kernel, d_outputs, d_h):
    """`before` are the states before each step; gives the gradients of the recurrent product and of g's input."""
    units = before.shape[-1]

    def step(t, gradients):
        d_h = gradients[0] + d_outputs[t]
        z, r, g, h_g = tf.split(gates[t], 4, axis=-1)
        d_g = d_h * (1 - z) * (1 - g * g)
        d_inner = tf.concat([d_h * (before[t] - g) * z * (1 - z), d_g * h_g * r * (1 - r), d_g * r], -1)
        if mask is not None:
            d_inner, d_g = tf.where(mask[t], d_inner, 0.0), tf.where(mask[t], d_g, 0.0)
        new = (d_h * z + tf.matmul(d_inner, recurrent_kernel, transpose_b=True),)
        return _unless_masked(mask, t, new, (d_h,)), (d_inner, d_g)

    return _scan(step, (d_h,), gates, (3 * units, units), backwards=True)


@tf.function(jit_compile=True, autograph=False)
def _simple_rnn(projected, mask, recurrent_kernel, h):
    def step(t, states):
        new = _unless_masked(mask, t, (tf.tanh(projected[t] + states[0] @ recurrent_kernel),), states)
        return new, new

    return _scan(step, (h,), projected, (h.shape[-1],))


@tf.function(jit_compile=True, autograph=False)
def _simple_rnn_back(outputs, mask, recurrent_kernel, d_outputs, d_h):
    def step(t, gradients):
        d_h = gradients[0] + d_outputs[t]
        d_z = d_h * (1 - outputs[t] * outputs[t])
        if mask is not None:
            d_z = tf.where(mask[t], d_z, 0.0)
        return _unless_masked(mask, t, (tf.matmul(d_z, recurrent_kernel, transpose_b=True),), (d_h,)), (d_z,)

    return _scan(step, (d_h,), outputs, (d_h.shape[-1],), backwards=True)


# --- gradients --------------------------------------------------------------------------------------------------------


def _differentiable_once(function: Callable) -> Callable:
    """tf.custom_gradient, for what has no second gradient: to ask for one is an error, not a wrong number.

    Tapes see none of the loops inside: eagerly, TensorFlow would else run them such that it can differentiate them
    itself, which XLA refuses.
    """

    def refused(*_):
        message = "the compiled recurrent layers have no second-order gradients; those of keras.layers have"
        raise NotImplementedError(message)

    @tf.custom_gradient
    def forward(*inputs):
        outputs, backward = function(*map(tf.stop_gradient, inputs))

        def gradient(*upstream):
            @tf.custom_gradient
            def first(*_):
                return backward(*map(tf.stop_gradient, upstream)), refused

            return first(*inputs, *upstream)

        return outputs, gradient

    return forward


# --- parts of a batch -------------------------------------------------------------------------------------------------


def part_sizes(batch: int, loops: int) -> list[int]:
    """How many samples each part of a batch has: a part for each core, where `loops` such batches run at once."""
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = tf.config.threading.get_intra_op_parallelism_threads() or usable
    count = max(1, min(cores // loops, batch // FEWEST_ROWS))
    return [batch // count + (number < batch % count) for number in range(count)]


def _split(x: Maybe, sizes: list[int]) -> list[Maybe]:
    """The parts of x, (time, batch, ...) or (batch, ...)."""
    if x is None or len(sizes) == 1:
        return [x] * len(sizes)
    return tf.split(x, sizes, axis=x.shape.rank - 2)


def _join(parts: Sequence[tf.Tensor]) -> tf.Tensor:
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=parts[0].shape.rank - 2)


def _joined(runs: Sequence[Sequence[Sequence[tf.Tensor]]]) -> list[list[tf.Tensor]]:
    """Of each part's (states, outputs) those of the batch."""
    return [[_join(parts) for parts in zip(*kind, strict=True)] for kind in zip(*runs, strict=True)]


def _before(states: tf.Tensor, first: tf.Tensor) -> tf.Tensor:
    return tf.concat([first[None], states[:-1]], axis=0)


def _kernel_gradient(states: tf.Tensor, d_z: tf.Tensor) -> tf.Tensor:
    """(units, width): states^T d_z, summed over steps and batch."""
    states, d_z = (tf.reshape(each, [-1, each.shape[-1]]) for each in (states, d_z))
    return tf.matmul(states, d_z, transpose_a=True)


# --- recurrences ------------------------------------------------------------------------------------------------------


def lstm(
    projected: tf.Tensor, mask: Maybe, recurrent_kernel: tf.Tensor, h: tf.Tensor, c: tf.Tensor, *, loops: int = 1
) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """The states h at every step (time, batch, units), the last h and c; from projected inputs (time, batch, 4 units).

    Gates stand in Keras' order: input, forget, cell, output. `mask` is (time, batch, 1) booleans.
    """
    sizes = part_sizes(projected.shape[1], loops)

    @_differentiable_once
    def scan(projected, recurrent_kernel, h, c):
        masks = _split(mask, sizes)
        parts = zip(_split(projected, sizes), masks, _split(h, sizes), _split(c, sizes), strict=True)
        runs = [_lstm(x, m, recurrent_kernel, *states) for x, m, *states in parts]
        last, (outputs, cells, gates) = _joined(runs)

        def gradient(d_outputs, d_h, d_c):
            before = _split(_before(cells, c), sizes)
            upstream = [_split(each, sizes) for each in (d_outputs, d_h, d_c)]
            back = zip(_split(gates, sizes), before, masks, *upstream, strict=True)
            states, (d_z,) = _joined([_lstm_back(g, b, m, recurrent_kernel, *each) for g, b, m, *each in back])
            return d_z, _kernel_gradient(_before(outputs, h), d_z), *states

        return (outputs, *last), gradient

    return scan(projected, recurrent_kernel, h, c)


def gru(
    projected: tf.Tensor,
    mask: Maybe,
    recurrent_kernel: tf.Tensor,
    recurrent_bias: tf.Tensor,
    h: tf.Tensor,
    *,
    loops: int = 1,
) -> tuple[tf.Tensor, tf.Tensor]:
    """The states at every step (time, batch, units) and the last one, from projected inputs (time, batch, 3 units).

    Gates stand in Keras' order: update, reset, candidate. `mask` is (time, batch, 1) booleans.
    """
    sizes = part_sizes(projected.shape[1], loops)

    @_differentiable_once
    def scan(projected, recurrent_kernel, recurrent_bias, h):
        masks = _split(mask, sizes)
        parts = zip(_split(projected, sizes), masks, _split(h, sizes), strict=True)
        (last,), (outputs, gates) = _joined([_gru(x, m, recurrent_kernel, recurrent_bias, s) for x, m, s in parts])

        def gradient(d_outputs, d_h):
            before = _before(outputs, h)
            upstream = [_split(each, sizes) for each in (d_outputs, d_h)]
            back = zip(_split(gates, sizes), _split(before, sizes), masks, *upstream, strict=True)
            (d_h,), (d_inner, d_g) = _joined([_gru_back(g, b, m, recurrent_kernel, *each) for g, b, m, *each in back])
            d_projected = tf.concat([d_inner[..., : -d_g.shape[-1]], d_g], axis=-1)
            return d_projected, _kernel_gradient(before, d_inner), tf.reduce_sum(d_inner, axis=[0, 1]), d_h

        return (outputs, last), gradient

    return scan(projected, recurrent_kernel, recurrent_bias, h)


def simple_rnn(
    projected: tf.Tensor, mask: Maybe, recurrent_kernel: tf.Tensor, h: tf.Tensor, *, loops: int = 1
) -> tuple[tf.Tensor, tf.Tensor]:
    """The states at every step (time, batch, units) and the last one, from projected inputs (time, batch, units)."""
    sizes = part_sizes(projected.shape[1], loops)

    @_differentiable_once
    def scan(projected, recurrent_kernel, h):
        masks = _split(mask, sizes)
        parts = zip(_split(projected, sizes), masks, _split(h, sizes), strict=True)
        (last,), (outputs,) = _joined([_simple_rnn(x, m, recurrent_kernel, s) for x, m, s in parts])

        def gradient(d_outputs, d_h):
            back = zip(*(_split(each, sizes) for each in (outputs, mask, d_outputs, d_h)), strict=True)
            (d_h,), (d_z,) = _joined([_simple_rnn_back(o, m, recurrent_kernel, *each) for o, m, *each in back])
            return d_z, _kernel_gradient(_before(outputs, h), d_z), d_h

        return (outputs, last), gradient

    return scan(projected, recurrent_kernel, h)
