"""Recurrent layers' arithmetic on a part of a batch, compiled, with gradients written out.

Only what needs the step before is in the time loop. The product of inputs and kernel is computed before it, for all
steps at once, and the products that make the kernels' gradients after it. XLA fuses what is left to a product with the
recurrent kernel and a few passes over the gates, without an overhead for each operation.

Each layer has two programs. The forward one (`lstm`, `gru`, `simple_rnn`) takes x (batch, time, features), or x (batch,
features) if all `steps` read the same; mask (batch, time); kernel, recurrent kernel and bias; and the first states.
`reverse` reads x from its end; a turn of the time loop takes `turn` steps. It returns the states h at every step (None
unless `sequence`), the last states, and `kept`, what the backward program needs:

- x as it was read: (time, batch, features), or (batch, features);
- the states h before every step and after the last: (time + 1, batch, units);
- an LSTM's cells before every step, and each gate, (time, batch, units): tensors of their own, as XLA does not
  vectorise a slice of a slice;
- the recurrent kernel, transposed here, as XLA would transpose it at each step.

The backward one (`lstm_back`, ...) returns the gradients of the recurrent product, (time, batch, width); of the inputs'
product, in the order of x as it was read, or None if it is the same; of the bias; and of the first states. `d_outputs`
(batch, time, units) is None if only the last states were used.

Samples come first in arguments and results, (batch, time, ...), and time in what is kept. A masked step leaves the
states as they were. LSTM: Hochreiter and Schmidhuber, 1997; GRU: Cho et al., 2014, with the reset gate after the
product.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any, TypeAlias, TypeVar

import numpy as np
import tensorflow as tf  # noqa: TID253

Returned = TypeVar("Returned")
Maybe: TypeAlias = tf.Tensor | None
Tensors = Sequence[tf.Tensor]
Step = Callable[[tf.Tensor, Tensors], tuple[Tensors, Tensors]]  # (time, states) -> the states and outputs after it
Now: TypeAlias = tuple[tf.Tensor, Tensors, Sequence[tf.TensorArray]]  # the number of steps taken, states, outputs
Gradients: TypeAlias = tuple[tf.Tensor, Maybe, tf.Tensor, Tensors]  # of both products, the bias and the first states


def _scan(
    step: Step,
    states: Tensors,
    steps: int,
    widths: Sequence[int],
    turn: int,
    *,
    first: Maybe = None,
    backwards: bool = False,
) -> tuple[Tensors, list[tf.Tensor]]:
    """Return the last states, and the outputs of all steps, (time, batch, width) each.

    Each turn of the loop takes `turn` steps. `first` is put in front of the first output, whose time is then one
    longer. `backwards` starts at the last step.
    """
    batch, ahead = states[0].shape[0], [int(first is not None and number == 0) for number in range(len(widths))]
    arrays = [
        tf.TensorArray(tf.float32, size=steps + more, element_shape=(batch, width))
        for more, width in zip(ahead, widths, strict=True)
    ]
    if first is not None:
        arrays[0] = arrays[0].write(0, first)

    def one(number: tf.Tensor, states: Tensors, arrays: Sequence[tf.TensorArray]) -> Now:
        t = steps - 1 - number if backwards else number
        states, outputs = step(t, states)
        written = (array.write(t + more, out) for array, more, out in zip(arrays, ahead, outputs, strict=True))
        return number + 1, tuple(states), tuple(written)

    def body(*now: Any) -> Now:
        return reduce(lambda then, _: one(*then), range(turn), now)

    in_turns = steps // turn * turn
    now: Now = (tf.constant(0), tuple(states), tuple(arrays))
    now = tf.while_loop(lambda number, *_: number < in_turns, body, now)
    _, last, written = reduce(lambda then, _: one(*then), range(steps - in_turns), now)
    return last, [array.stack() for array in written]


def _time_major(x: tf.Tensor, reverse: bool = False) -> tf.Tensor:
    """Return x with samples and time, its first two axes, swapped; `reverse` turns its second axis around before."""
    x = tf.reverse(x, [1]) if reverse else x
    return tf.transpose(x, [1, 0, *range(2, x.shape.rank)])


def _project(x: tf.Tensor, kernel: tf.Tensor, bias: tf.Tensor) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function from a step to the inputs' share of its gates, (batch, width); x is what `_read` returns."""
    if x.shape.rank == 2:  # the same at every step
        share = x @ kernel + bias
        return lambda t: share
    time, batch, features = x.shape
    shares = tf.reshape(tf.reshape(x, [-1, features]) @ kernel, [time, batch, -1])
    return lambda t: shares[t] + bias


def _read(x: tf.Tensor, reverse: bool) -> tf.Tensor:
    """Return x as the steps read it: time first, or (batch, features) if all steps read the same."""
    return x if x.shape.rank == 2 else _time_major(x, reverse)


def _unless_masked(mask: Maybe, t: tf.Tensor, new: Tensors, old: Tensors) -> list[tf.Tensor]:
    """Return the new tensors, and the old ones for samples whose step t is masked."""
    return [fresh if mask is None else tf.where(mask[t], fresh, kept) for fresh, kept in zip(new, old, strict=True)]


def _gates(z: tf.Tensor, kinds: str) -> list[tf.Tensor]:
    """Return equal parts of z's last axis, each after a sigmoid ("s") or a tanh ("t"): one tanh computes them all."""
    units = z.shape[-1] // len(kinds)
    scale = np.repeat([0.5 if kind == "s" else 1.0 for kind in kinds], units).astype(np.float32)
    return tf.split(tf.tanh(z * scale) * scale + (1 - scale), len(kinds), axis=-1)


def _sum(d_z: tf.Tensor) -> tf.Tensor:
    """Return d_z summed over steps and samples: (width,)."""
    return tf.reduce_sum(tf.reshape(d_z, [-1, d_z.shape[-1]]), axis=0)


def _repeated(read: tf.Tensor, d_z: tf.Tensor) -> Maybe:
    """Return the gradient of a product that all steps read, (batch, width); None if each read its own."""
    return tf.reduce_sum(d_z, axis=0) if read.shape.rank == 2 else None


def _compiled(function: Callable[..., Returned]) -> Callable[..., Returned]:
    """Return the function as a program of XLA's."""
    return tf.function(function, jit_compile=True, autograph=False)


@_compiled
def lstm(
    x: tf.Tensor, mask: Maybe, weights: Tensors, states: Tensors, reverse: bool, sequence: bool, steps: int, turn: int
) -> tuple[Maybe, Tensors, Tensors]:
    """Return an LSTM's states h at every step, its last states h and cell, and `kept` (see the module)."""
    kernel, recurrent_kernel, bias = weights
    units = recurrent_kernel.shape[0]
    x = _read(x, reverse)
    projected = _project(x, kernel, bias)
    mask = None if mask is None else _time_major(mask, reverse)[..., None]

    def step(t: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        i, f, g, o = gates = _gates(projected(t) + states[0] @ recurrent_kernel, "ssts")
        cell = f * states[1] + i * g
        new = _unless_masked(mask, t, (o * tf.tanh(cell), cell), states)
        return new, (new[0], states[1], *gates)

    last, kept = _scan(step, states, steps, 6 * [units], turn, first=states[0])
    return _time_major(kept[0][1:]) if sequence else None, last, (x, *kept, tf.transpose(recurrent_kernel))


@_compiled
def lstm_back(mask: Maybe, kept: Tensors, d_outputs: Maybe, d_states: Tensors, reverse: bool, turn: int) -> Gradients:
    """Return an LSTM's gradients (see the module)."""
    read, _, cells, *gates, transposed = kept  # cells before each step
    steps, _, units = cells.shape
    mask = None if mask is None else _time_major(mask, reverse)[..., None]
    d_outputs = None if d_outputs is None else _time_major(d_outputs)

    def step(t: tf.Tensor, gradients: Tensors) -> tuple[Tensors, Tensors]:
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

    d_states, (d_z,) = _scan(step, d_states, steps, (4 * units,), turn, backwards=True)
    return d_z, _repeated(read, d_z), _sum(d_z), d_states


@_compiled
def gru(
    x: tf.Tensor, mask: Maybe, weights: Tensors, states: Tensors, reverse: bool, sequence: bool, steps: int, turn: int
) -> tuple[Maybe, Tensors, Tensors]:
    """Return a GRU's states h at every step, its last state h, and `kept` (see the module)."""
    kernel, recurrent_kernel, bias = weights
    units = recurrent_kernel.shape[0]
    x = _read(x, reverse)
    projected = _project(x, kernel, bias[0])
    mask = None if mask is None else _time_major(mask, reverse)[..., None]

    def step(t: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        inner = states[0] @ recurrent_kernel + bias[1]
        z, r = _gates(projected(t)[:, : 2 * units] + inner[:, : 2 * units], "ss")
        h_g = inner[:, 2 * units :]
        g = tf.tanh(projected(t)[:, 2 * units :] + r * h_g)
        new = _unless_masked(mask, t, (g + z * (states[0] - g),), states)
        return new, (*new, z, r, g, h_g)

    last, kept = _scan(step, states, steps, 5 * [units], turn, first=states[0])
    return _time_major(kept[0][1:]) if sequence else None, last, (x, *kept, tf.transpose(recurrent_kernel))


@_compiled
def gru_back(mask: Maybe, kept: Tensors, d_outputs: Maybe, d_states: Tensors, reverse: bool, turn: int) -> Gradients:
    """Return a GRU's gradients (see the module)."""
    read, before, *gates, transposed = kept
    steps, _, units = gates[0].shape
    mask = None if mask is None else _time_major(mask, reverse)[..., None]
    d_outputs = None if d_outputs is None else _time_major(d_outputs)

    def step(t: tf.Tensor, gradients: Tensors) -> tuple[Tensors, Tensors]:
        d_h = gradients[0] if d_outputs is None else gradients[0] + d_outputs[t]
        z, r, g, h_g = (gate[t] for gate in gates)
        d_g = d_h * (1 - z) * (1 - g * g)
        d_inner = tf.concat([d_h * (before[t] - g) * z * (1 - z), d_g * h_g * r * (1 - r), d_g * r], -1)
        if mask is not None:
            d_inner, d_g = tf.where(mask[t], d_inner, 0.0), tf.where(mask[t], d_g, 0.0)
        return _unless_masked(mask, t, (d_h * z + d_inner @ transposed,), (d_h,)), (d_inner, d_g)

    d_states, (d_inner, d_g) = _scan(step, d_states, steps, (3 * units, units), turn, backwards=True)
    d_z = tf.concat([d_inner[..., : 2 * units], d_g], axis=-1)
    d_bias = _sum(d_inner)
    d_bias = tf.stack([tf.concat([d_bias[: 2 * units], _sum(d_g)], axis=0), d_bias])
    return d_inner, d_z if read.shape.rank == 3 else tf.reduce_sum(d_z, axis=0), d_bias, d_states


@_compiled
def simple_rnn(
    x: tf.Tensor, mask: Maybe, weights: Tensors, states: Tensors, reverse: bool, sequence: bool, steps: int, turn: int
) -> tuple[Maybe, Tensors, Tensors]:
    """Return a SimpleRNN's states h at every step, its last state h, and `kept` (see the module)."""
    kernel, recurrent_kernel, bias = weights
    x = _read(x, reverse)
    projected = _project(x, kernel, bias)
    mask = None if mask is None else _time_major(mask, reverse)[..., None]

    def step(t: tf.Tensor, states: Tensors) -> tuple[Tensors, Tensors]:
        new = _unless_masked(mask, t, (tf.tanh(projected(t) + states[0] @ recurrent_kernel),), states)
        return new, new

    last, kept = _scan(step, states, steps, (recurrent_kernel.shape[0],), turn, first=states[0])
    return _time_major(kept[0][1:]) if sequence else None, last, (x, *kept, tf.transpose(recurrent_kernel))


@_compiled
def simple_rnn_back(
    mask: Maybe, kept: Tensors, d_outputs: Maybe, d_states: Tensors, reverse: bool, turn: int
) -> Gradients:
    """Return a SimpleRNN's gradients (see the module)."""
    read, outputs, transposed = kept  # outputs: the states before every step and after the last
    steps, units = outputs.shape[0] - 1, outputs.shape[-1]
    mask = None if mask is None else _time_major(mask, reverse)[..., None]
    d_outputs = None if d_outputs is None else _time_major(d_outputs)

    def step(t: tf.Tensor, gradients: Tensors) -> tuple[Tensors, Tensors]:
        d_h = gradients[0] if d_outputs is None else gradients[0] + d_outputs[t]
        d_z = d_h * (1 - outputs[t + 1] * outputs[t + 1])
        if mask is not None:
            d_z = tf.where(mask[t], d_z, 0.0)
        return _unless_masked(mask, t, (d_z @ transposed,), (d_h,)), (d_z,)

    d_states, (d_z,) = _scan(step, d_states, steps, (units,), turn, backwards=True)
    return d_z, _repeated(read, d_z), _sum(d_z), d_states


@_compiled
def input_gradient(d_z: tf.Tensor, kernel: tf.Tensor, reverse: bool) -> tf.Tensor:
    """Return the gradient of x: (batch, time, features), or (batch, features) if all steps read the same.

    It is a program of its own, so that a network's first layer, whose inputs need no gradient, skips it.
    """
    if d_z.shape.rank == 2:
        return tf.matmul(d_z, kernel, transpose_b=True)
    time, batch, width = d_z.shape
    d_x = tf.matmul(tf.reshape(d_z, [-1, width]), kernel, transpose_b=True)
    d_x = _time_major(tf.reshape(d_x, [time, batch, -1]))
    return tf.reverse(d_x, [1]) if reverse else d_x
