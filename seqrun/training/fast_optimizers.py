"""Keras' Adam, AdamW, RMSprop and SGD with the same arithmetic in fewer passes over memory, on a CPU.

An update by Keras reads the variable and its moments a dozen times; TensorFlow's kernel, which is used here, reads them
once. The gradient of an embedding comes as rows; XLA adds these to the table, as TensorFlow's own scatter takes several
times as long. As in Keras, the second moment of such a gradient is the sum of the squares of a row's occurrences, not
the square of their sum. This module imports Keras, for the classes that it defines, and so is imported where an
optimizer is built.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, TypeAlias

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.machine import device

LEAST_DECAY = 0.01  # of a moment: dividing by a smaller one loses digits
PIECES = 8  # the rows of a gradient are added in so many pieces

Gradient: TypeAlias = tf.Tensor | tf.IndexedSlices


def _served(gradient: Gradient, variable: tf.Variable) -> bool:
    """Return whether the update can be done here: float32 on a CPU, and rows only of a matrix."""
    known = not isinstance(gradient, tf.IndexedSlices) or variable.shape.rank == 2
    return known and variable.dtype == tf.float32 and not device.on_gpu()


def _add_rows(
    table: tf.Tensor, rows: tf.Tensor, values: tf.Tensor, share: Callable[[tf.Tensor], tf.Tensor]
) -> tf.Tensor:
    """Return the table with `share(values)` added to these rows, of which some may occur more than once.

    The values are added piece by piece, so that shares stay in the cache.
    """
    size = -(-values.shape[0] // PIECES) or 1
    for start in range(0, values.shape[0], size):
        piece = slice(start, start + size)
        table = tf.tensor_scatter_nd_add(table, rows[piece, None], share(values[piece]))
    return table


def _compiled(update: Callable[..., None]) -> cached_property[Callable[..., None]]:
    """Return a property of an optimizer: `update`, compiled for it alone, as a trace keeps its variables in memory."""
    return cached_property(lambda _: tf.function(update, jit_compile=True, autograph=False))


def _anticipate(moment: tf.Variable, rows: tf.Tensor, values: tf.Tensor, decay: float, power: int) -> None:
    """Add a gradient's rows to a moment of Adam's, divided by the decay that the kernel will multiply it by.

    The kernel is then given a gradient of 0.
    """
    moment.assign(_add_rows(moment, rows, values, lambda g: g**power * ((1 - decay) / decay)))


def _descend(
    variable: tf.Variable,
    velocity: tf.Variable,
    rows: tf.Tensor,
    values: tf.Tensor,
    learning_rate: tf.Tensor,
    rho: float,
    epsilon: float,
) -> None:
    """Take a step of RMSprop's for the rows of a gradient."""
    v = _add_rows(rho * velocity, rows, values, lambda g: tf.square(g) * (1 - rho))
    gradient = _add_rows(tf.zeros_like(velocity), rows, values, lambda g: g)
    velocity.assign(v)
    variable.assign_sub(learning_rate * gradient / tf.sqrt(v + epsilon))


@keras.saving.register_keras_serializable(package="seqrun")
class Adam(keras.optimizers.Adam):
    """keras.optimizers.Adam; AMSGrad and moments of a decay below LEAST_DECAY are left to Keras."""

    _anticipate = _compiled(_anticipate)

    def update_step(self, gradient: Gradient, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        if self.amsgrad or min(self.beta_1, self.beta_2) < LEAST_DECAY or not _served(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        number = self._get_variable_index(variable)
        m, v = self._momentums[number].value, self._velocities[number].value
        if isinstance(gradient, tf.IndexedSlices):
            for moment, decay, power in ((m, self.beta_1, 1), (v, self.beta_2, 2)):  # two programs, a core for each
                self._anticipate(moment, gradient.indices, gradient.values, decay, power)
            with tf.init_scope():
                gradient = tf.zeros(m.shape)  # once, not in each step
        step = tf.cast(self.iterations + 1, tf.float32)
        tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=m.handle,
            v=v.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=gradient,
        )


@keras.saving.register_keras_serializable(package="seqrun")
class AdamW(Adam):
    """keras.optimizers.AdamW; the weight decay itself is done by the base class of all Keras optimizers."""

    def __init__(self, *arguments: Any, weight_decay: float = 0.004, **options: Any):
        super().__init__(*arguments, weight_decay=weight_decay, **options)


@keras.saving.register_keras_serializable(package="seqrun")
class RMSprop(keras.optimizers.RMSprop):
    """keras.optimizers.RMSprop; dense gradients, momentum and centering are left to Keras."""

    _descend = _compiled(_descend)

    def update_step(self, gradient: Gradient, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        rows_alone = isinstance(gradient, tf.IndexedSlices) and not (self.momentum or self.centered)
        if not rows_alone or not _served(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        velocity = self._velocities[self._get_variable_index(variable)].value
        rate = tf.cast(learning_rate, tf.float32)
        self._descend(variable, velocity, gradient.indices, gradient.values, rate, self.rho, self.epsilon)


@keras.saving.register_keras_serializable(package="seqrun")
class SGD(keras.optimizers.SGD):
    """keras.optimizers.SGD; gradients that are rows are left to Keras."""

    def update_step(self, gradient: Gradient, variable: tf.Variable, learning_rate: tf.Tensor) -> None:
        if isinstance(gradient, tf.IndexedSlices) or not _served(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        handle, rate = variable.handle, tf.cast(learning_rate, tf.float32)
        if not self.momentum:
            tf.raw_ops.ResourceApplyGradientDescent(var=handle, alpha=rate, delta=gradient)
            return
        tf.raw_ops.ResourceApplyKerasMomentum(
            var=handle,
            accum=self.momentums[self._get_variable_index(variable)].value.handle,
            lr=rate,
            grad=gradient,
            momentum=self.momentum,
            use_nesterov=self.nesterov,
        )


FAST = {"adam": Adam, "adamw": AdamW, "rmsprop": RMSprop, "sgd": SGD}
