"""Recurrent layers on all cores. Only what builds a network imports this module.

The samples of a batch do not depend on each other, so each core runs a compiled program (recurrent_programs.py) on a
part of them. The kernels' gradients are left to TensorFlow's matrix product, which is up to four times as fast as XLA's
where it sums over steps and samples.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import NoReturn, TypeAlias

import tensorflow as tf  # noqa: TID253

from seqrun.architectures.layers.fast import recurrent_programs as programs
from seqrun.architectures.layers.fast.recurrent_programs import Maybe, Tensors
from seqrun.machine import device

FEWEST_ROWS = 8  # samples in a part: with fewer, a second loop costs more than it saves
GPU_TURN = 8  # steps in one turn of a loop on a GPU

Deferred: TypeAlias = tuple[object, tf.Tensor, tf.Tensor]  # a kernel, and the arguments of `kernel_gradient`
Gradient = Callable[..., Tensors]  # upstream gradients -> gradients of a function's inputs

_deferred: ContextVar[list[Deferred] | None] = ContextVar("_deferred", default=None)


@contextmanager
def kernel_gradients_deferred() -> Iterator[list[Deferred]]:
    """Yield a list; inside, layers do not divide the batch, and kernels' gradients are listed there, not computed.

    This is for a program that trains on one core's part of a batch. Once gradients are asked for, the list has each
    kernel, as the layer was given it, with the arguments from which `kernel_gradient` computes its gradient.
    """
    deferred: list[Deferred] = []
    token = _deferred.set(deferred)
    try:
        yield deferred
    finally:
        _deferred.reset(token)


def kernel_gradient(inputs: tf.Tensor, d_outputs: tf.Tensor) -> tf.Tensor:
    """Return inputs^T d_outputs, (features, width), summed over all axes but the last.

    Inputs of steps past the last one of d_outputs are left out.
    """
    inputs, d_outputs = (tf.reshape(each, [-1, each.shape[-1]]) for each in (inputs, d_outputs))
    return tf.matmul(inputs[: d_outputs.shape[0]], d_outputs, transpose_a=True)


def part_sizes(batch: int, loops: int) -> list[int]:
    """Return how many samples each part of a batch has; there is a part a core, and loops at once share the cores.

    On a GPU there is one part.
    """
    if device.on_gpu():
        return [batch]
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    cores = tf.config.threading.get_intra_op_parallelism_threads() or usable
    count = max(1, min(cores // loops, batch // FEWEST_ROWS))
    return [batch // count + (number < batch % count) for number in range(count)]


def turn() -> int:
    """Return how many steps one turn of a time loop takes: several on a GPU, where each turn is waited for."""
    return GPU_TURN if device.on_gpu() else 1


def _parts_gradient(
    weight: object, kernel: tf.Tensor, inputs: Tensors, d_outputs: Tensors, deferred: list[Deferred] | None
) -> tf.Tensor:
    """Return a kernel's gradient, summed over all parts; where it is deferred, zeros that nobody reads."""
    pairs = list(zip(inputs, d_outputs, strict=True))
    if deferred is None:
        return tf.add_n([kernel_gradient(*pair) for pair in pairs])
    deferred.extend((weight, *pair) for pair in pairs)
    return tf.zeros_like(kernel)


def _split(x: Maybe, sizes: list[int]) -> list[Maybe]:
    return [x] * len(sizes) if x is None or len(sizes) == 1 else tf.split(x, sizes)


def _split_all(tensors: Tensors, sizes: list[int]) -> list[Tensors]:
    """Return, for each part, its share of all tensors."""
    return list(zip(*(_split(each, sizes) for each in tensors), strict=True))


def _join(parts: Tensors) -> tf.Tensor:
    return parts[0] if len(parts) == 1 else tf.concat(parts, axis=0)


def _differentiable_once(function: Callable[..., tuple[Tensors, Gradient]]) -> Callable[..., Tensors]:
    """Return the function with the gradient that it gives (see tf.custom_gradient); a second-order one is an error.

    The loops inside are hidden from gradient tapes: else TensorFlow, when it runs eagerly, prepares to differentiate
    them itself, which XLA refuses.
    """

    def refused(*_: tf.Tensor) -> NoReturn:
        message = "the compiled recurrent layers have no second-order gradients; those of keras.layers have"
        raise NotImplementedError(message)

    @tf.custom_gradient
    def forward(*inputs: tf.Tensor) -> tuple[Tensors, Gradient]:
        outputs, backward = function(*map(tf.stop_gradient, inputs))

        def gradient(*upstream: tf.Tensor) -> Tensors:
            @tf.custom_gradient
            def first(*_: tf.Tensor) -> tuple[Tensors, Gradient]:
                return backward(*map(tf.stop_gradient, upstream)), refused

            return first(*inputs, *upstream)

        return outputs, gradient

    return forward


@dataclass(frozen=True)
class _Passes:
    """A layer's passes over the parts of a batch: forth through all steps, and back for the gradients."""

    forward: Callable[..., tuple[Maybe, Tensors, Tensors]]
    backward: Callable[..., programs.Gradients]
    weights: Tensors  # as the layer was given them
    masks: Sequence[Maybe]  # of each part
    sizes: list[int]  # samples of each part
    steps: int
    sequence: bool
    reverse: bool
    deferred: list[Deferred] | None

    def forth(
        self, x: tf.Tensor, kernel: tf.Tensor, recurrent_kernel: tf.Tensor, bias: tf.Tensor, *states: tf.Tensor
    ) -> tuple[Tensors, Gradient]:
        """Return the results of all parts joined, and the function from their gradients to those of the arguments."""
        inputs = zip(_split(x, self.sizes), self.masks, _split_all(states, self.sizes), strict=True)
        parts = [(x, mask, (kernel, recurrent_kernel, bias), start) for x, mask, start in inputs]
        passed = (self.forward(*part, self.reverse, self.sequence, self.steps, turn()) for part in parts)
        outputs, last, kept = zip(*passed, strict=True)
        results = list(map(_join, zip(*last, strict=True)))
        gradient = partial(self.back, kernel, recurrent_kernel, kept)
        return ([_join(outputs)] if self.sequence else []) + results, gradient

    def back(
        self, kernel: tf.Tensor, recurrent_kernel: tf.Tensor, kept: Sequence[Tensors], *upstream: tf.Tensor
    ) -> Tensors:
        """Return the gradients of the arguments of `forth`; `kept` is what each part's pass forth left for it."""
        parts = zip(self.masks, kept, _split_all(upstream, self.sizes), strict=True)
        back = [self._part_back(*part) for part in parts]
        d_inner, d_z, d_biases, d_states = zip(*back, strict=True)
        d_x = _join([programs.input_gradient(each, kernel, self.reverse) for each in d_z])
        read, before, *_ = zip(*kept, strict=True)
        d_kernel = _parts_gradient(self.weights[0], kernel, read, d_z, self.deferred)
        d_recurrent = _parts_gradient(self.weights[1], recurrent_kernel, before, d_inner, self.deferred)
        return d_x, d_kernel, d_recurrent, tf.add_n(d_biases), *map(_join, zip(*d_states, strict=True))

    def _part_back(
        self, mask: Maybe, kept: Tensors, upstream: Tensors
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor, Tensors]:
        """Return a part's gradients of the recurrent product, the inputs' product, the bias and the first states."""
        d_outputs, d_states = (upstream[0], upstream[1:]) if self.sequence else (None, upstream)
        d_inner, d_z, d_bias, d_states = self.backward(mask, kept, d_outputs, d_states, self.reverse, turn())
        return d_inner, d_inner if d_z is None else d_z, d_bias, d_states


def _run(
    forward: Callable[..., tuple[Maybe, Tensors, Tensors]],
    backward: Callable[..., programs.Gradients],
    x: tf.Tensor,
    mask: Maybe,
    weights: Tensors,
    states: Tensors,
    *,
    sequence: bool,
    reverse: bool = False,
    repeats: int | None = None,
    loops: int = 1,
) -> Tensors:
    """Return the last states, (batch, units) each; with `sequence`, after the states h at every step.

    x is (batch, time, features), `mask` (batch, time) booleans, and the states h are (batch, time, units). `weights`,
    tensors or variables, are kernel, recurrent kernel and bias; a GRU's bias has two rows. `reverse` reads x from its
    end. If all steps are equal, x may be (batch, features), and `repeats` is their number. `loops` is how many
    recurrent layers run at once. Gates are in Keras' order: input, forget, cell, output; update, reset, candidate.
    """
    deferred = _deferred.get()
    sizes = part_sizes(x.shape[0], loops) if deferred is None else [x.shape[0]]
    steps, masks = repeats or x.shape[1], _split(mask, sizes)
    passes = _Passes(forward, backward, weights, masks, sizes, steps, sequence, reverse, deferred)
    tensors = [tf.convert_to_tensor(weight) for weight in weights]
    if deferred is not None:
        tensors[:2] = map(tf.stop_gradient, tensors[:2])
    return _differentiable_once(passes.forth)(x, *tensors, *states)


lstm = partial(_run, programs.lstm, programs.lstm_back)
gru = partial(_run, programs.gru, programs.gru_back)
simple_rnn = partial(_run, programs.simple_rnn, programs.simple_rnn_back)
