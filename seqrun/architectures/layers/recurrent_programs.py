"""Recurrent layers' arithmetic on a part of a batch, compiled, with gradients written out.

What does not need the step before stays out of the time loop: the inputs' product with the kernel comes before it, the
sums over steps that make the weights' gradient after it, each one large product instead of one a step. XLA fuses what
is left to a product with the recurrent kernel and a few passes over the gates, without an operation's overhead.

Each recurrence is a pair. The first gives, of x (batch, time, features), or (batch, features) where all `steps` read
that, mask (batch, time), weights, states and `reverse`, the states at every step if `sequence`, the last ones, and what
the gradient needs, each gate by itself: a slice of a slice is not vectorised. The second gives the gradients of the
gates' inputs (time, batch, width), of the weights and of the first states; `d_outputs` (batch, time, units) is None
where only the last states were used. `transposed`, which is kept too, is the recurrent kernel's: XLA would transpose it
at each step.

Outside samples come first, (batch, time, ...); inside time does. A masked step leaves the states as they were. LSTM:
Hochreiter and Schmidhuber, 1997; GRU: Cho et al., 2014, with the reset gate after the product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import tensorflow as tf  # noqa: TID253

Maybe = tf.Tensor | None
Tensors = Sequence[tf.Tensor]
Step = Callable[[tf.Tensor, Tensors], tuple[Tensors, Tensors]]  # (time, states) -> the states and outputs after it


def _scan(step: Step, states: Tensors, steps: int, widths: Sequence[int], *, backwards: bool = False):
    """The last states, and the outputs of all steps, (time, batch, width) each."""
    batch = states[0].shape[0]
    arrays = tuple(tf.TensorArray(tf.float32, size=steps, element_shape=(batch, width)) for width in widths)

    def body(number, states, arrays):
        t = steps - 1 - number if backwards else number
        states, outputs = step(t, states)
        written = (array.write(t, output) for array, output in zip(arrays, outputs, strict=True))
        return number + 1, tuple(states), tuple(written)

    start = (tf.constant(0), tuple(states), arrays)
    _, states, arrays = tf.while_loop(lambda number, *_: number < steps, body, start)
    return states, [array.stack() for array in arrays]


def _time_major(x: tf.Tensor, reverse: bool) -> tf.Tensor:
    """Samples first to time first, and back; its steps in reverse if asked."""
    x = tf.reverse(x, [1]) if reverse else x
    return tf.transpose(x, [1, 0, *range(2, x.shape.rank)])


def _project(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor, reverse: bool) -> Callable[[tf.Tensor], tf.Tensor]:
    """The inputs' share of the gates, (batch, width), as a function of the time."""
    if x.shape.rank == 2:  # the same at every step
        share = x @ kernel + bias
        return lambda t: share
    x = _time_major(x, reverse)
    time, batch, features = x.shape
    shares = tf.reshape(tf.reshape(x, [-1, features]) @ kernel + bias, [time, batch, -1])
    return lambda t: shares[t]


def _unless_masked(mask: Maybe, t: tf.Tensor, new: Tensors, old: Tensors) -> list[tf.Tensor]:
    return [fresh if mask is None else tf.where(mask[t], fresh, kept) for fresh, kept in zip(new, old, strict=True)]


def _gates(z: tf.Tensor, kinds: str) -> list[tf.Tensor]:
    """Sigmoids ("s") and tanhs ("t") of equal parts of the last axis, all of them by one tanh, in one pass."""
    units = z.shape[-1] // len(kinds)
    scale = np.repeat([0.5 if kind == "s" else 1.0 for kind in kinds], units).astype(np.float32)
    return tf.split(tf.tanh(z * scale) * scale + (1 - scale), len(kinds), axis=-1)


def _before(first: tf.Tensor, states: tf.Tensor) -> tf.Tensor:
    return tf.concat([first[None], states[:-1]], axis=0)


def _weight_gradient(inputs: tf.Tensor, d_z: tf.Tensor) -> tf.Tensor:
    """(features, width): inputs^T d_z, summed over steps and samples."""
    inputs, d_z = (tf.reshape(each, [-1, each.shape[-1]]) for each in (inputs, d_z))
    return tf.matmul(inputs, d_z, transpose_a=True)


def _sum(d_z: tf.Tensor) -> tf.Tensor:
    """(width,): over steps and samples."""
    return tf.reduce_sum(tf.reshape(d_z, [-1, d_z.shape[-1]]), axis=0)


def _kernel_gradient(x: tf.Tensor, d_z: tf.Tensor, reverse: bool) -> tf.Tensor:
    """(features, width)."""
    if x.shape.rank == 2:
        return tf.matmul(x, tf.reduce_sum(d_z, axis=0), transpose_a=True)
    return _weight_gradient(_time_major(x, reverse), d_z)


def _compiled(function: Callable) -> Callable:
    return tf.function(function, jit_compile=True, autograph=False)


@_compiled
def lstm(x, mask, weights, states, reverse, sequence, steps):
    kernel, recurrent_kernel, bias = weights
    units = recurrent_kernel.shape[0]
    projected = _project(x, kernel, bias, reverse)
    mask = None if mask is None else _time_major(mask, reverse)[..., None]

    def step(t, states):
        i, f, g, o = gates = _gates(projected(t) + states[0] @ recurrent_kernel, "ssts")
        cell = f * states[1] + i * g
        new = _unless_masked(mask, t, (o * tf.tanh(cell), cell), states)
        return new, (new[0], states[1], *gates)

    last, kept = _scan(step, states, steps, 6 * [units])
    return _time_major(kept[0], False) if sequence else None, last, (*kept, tf.transpose(recurrent_kernel))


@_compiled
def lstm_back(x, mask, states, kept, d_outputs, d_states, reverse):
    outputs, cells, *gates, transposed = kept  # cells before each step
    steps, _, units = outputs.shape
    mask = None if mask is None else _time_major(mask, reverse)[..., None]
    d_outputs = None if d_outputs is None else _time_major(d_outputs, False)

    def step(t, gradients):
        d_h, d_c = gradients  # from the steps that follow
        if d_outputs is not None:
            d_h += d_outputs[t]
        i, f, g, o = (gate[t] for gate in gates)
        cell = tf.tanh(f * cells[t] + i * g)
        inner = d_c + d_h * o * (1 - cell * cell)
        d_i, d_f, d_g, d_o = inner * g * i, inner * cells[t] * f, inner * i, d_h * cell * o
        d_z = tf.concat([d_i * (1 - i), d_f * (1 - f), d_g * (1 - g * g), d_o * (1 - o)], -1)
        if mask is not None:
            d_z = tf.where(mask[t], d_z, 0.0)
        return _unless_masked(mask, t, (d_z @ transposed, inner * f), (d_h, d_c)), (d_z,)

    d_states, (d_z,) = _scan(step, d_states, steps, (4 * units,), backwards=True)
    d_recurrent = _weight_gradient(_before(states[0], outputs), d_z)
    d_kernel = _kernel_gradient(x, d_z, reverse)
    return d_z, (d_kernel, d_recurrent, _sum(d_z)), d_states


@_compiled
def gru(x, mask, weights, states, reverse, sequence, steps):
    kernel, recurrent_kernel, bias = weights
    units = recurrent_kernel.shape[0]
    projected = _project(x, kernel, bias[0], reverse)
    mask = None if mask is None else _time_major(mask, reverse)[..., None]

    def step(t, states):
        inner = states[0] @ recurrent_kernel + bias[1]
        z, r = _gates(projected(t)[:, : 2 * units] + inner[:, : 2 * units], "ss")
        h_g = inner[:, 2 * units :]
        g = tf.tanh(projected(t)[:, 2 * units :] + r * h_g)
        new = _unless_masked(mask, t, (g + z * (states[0] - g),), states)
        return new, (*new, z, r, g, h_g)

    last, kept = _scan(step, states, steps, 5 * [units])
    return _time_major(kept[0], False) if sequence else None, last, (*kept, tf.transpose(recurrent_kernel))


@_compiled
def gru_back(x, mask, states, kept, d_outputs, d_states, reverse):
    outputs, *gates, transposed = kept
    steps, _, units = outputs.shape
    before = _before(states[0], outputs)
    mask = None if mask is None else _time_major(mask, reverse)[..., None]
    d_outputs = None if d_outputs is None else _time_major(d_outputs, False)

    def step(t, gradients):
        d_h = gradients[0] if d_outputs is None else gradients[0] + d_outputs[t]
        z, r, g, h_g = (gate[t] for gate in gates)
        d_g = d_h * (1 - z) * (1 - g * g)
        d_inner = tf.concat([d_h * (before[t] - g) * z * (1 - z), d_g * h_g * r * (1 - r), d_g * r], -1)
        if mask is not None:
            d_inner, d_g = tf.where(mask[t], d_inner, 0.0), tf.where(mask[t], d_g, 0.0)
        return _unless_masked(mask, t, (d_h * z + d_inner @ transposed,), (d_h,)), (d_inner, d_g)

    d_states, (d_inner, d_g) = _scan(step, d_states, steps, (3 * units, units), backwards=True)
    d_z = tf.concat([d_inner[..., : 2 * units], d_g], axis=-1)
    d_kernel = _kernel_gradient(x, d_z, reverse)
    d_bias = _sum(d_inner)
    d_bias = tf.stack([tf.concat([d_bias[: 2 * units], _sum(d_g)], axis=0), d_bias])
    return d_z, (d_kernel, _weight_gradient(before, d_inner), d_bias), d_states


@_compiled
def simple_rnn(x, mask, weights, states, reverse, sequence, steps):
    kernel, recurrent_kernel, bias = weights
    projected = _project(x, kernel, bias, reverse)
    mask = None if mask is None else _time_major(mask, reverse)[..., None]

    def step(t, states):
        new = _unless_masked(mask, t, (tf.tanh(projected(t) + states[0] @ recurrent_kernel),), states)
        return new, new

    last, kept = _scan(step, states, steps, (recurrent_kernel.shape[0],))
    return _time_major(kept[0], False) if sequence else None, last, (*kept, tf.transpose(recurrent_kernel))


@_compiled
def simple_rnn_back(x, mask, states, kept, d_outputs, d_states, reverse):
    outputs, transposed = kept
    steps, _, units = outputs.shape
    mask = None if mask is None else _time_major(mask, reverse)[..., None]
    d_outputs = None if d_outputs is None else _time_major(d_outputs, False)

    def step(t, gradients):
        d_h = gradients[0] if d_outputs is None else gradients[0] + d_outputs[t]
        d_z = d_h * (1 - outputs[t] * outputs[t])
        if mask is not None:
            d_z = tf.where(mask[t], d_z, 0.0)
        return _unless_masked(mask, t, (d_z @ transposed,), (d_h,)), (d_z,)

    d_states, (d_z,) = _scan(step, d_states, steps, (units,), backwards=True)
    d_recurrent = _weight_gradient(_before(states[0], outputs), d_z)
    d_kernel = _kernel_gradient(x, d_z, reverse)
    return d_z, (d_kernel, d_recurrent, _sum(d_z)), d_states


@_compiled
def input_gradient(d_z, kernel, reverse, repeated):
    """(batch, time, features), or (batch, features) of inputs that are the same at every step.

    By itself, so that a network's first layer, which nobody asks for it, skips it.
    """
    time, batch, width = d_z.shape
    if repeated:
        return tf.matmul(tf.reduce_sum(d_z, axis=0), kernel, transpose_b=True)
    d_x = tf.matmul(tf.reshape(d_z, [-1, width]), kernel, transpose_b=True)
    d_x = _time_major(tf.reshape(d_x, [time, batch, -1]), False)
    return tf.reverse(d_x, [1]) if reverse else d_x
