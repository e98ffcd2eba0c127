"""Keras' Adam, AdamW and RMSprop with the same arithmetic in fewer passes over memory, on a CPU.

An update of Keras' walks the variable and its moments a dozen times. Here TensorFlow's kernel does it in one, and an
embedding's gradient, which comes as rows, is summed row by row and never made dense. As in Keras the second moment of
such a gradient is the sum of each occurrence's squares, not the square of their sum. Defines Keras classes: imported
where an optimizer is built.
"""

from __future__ import annotations

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

LEAST_DECAY = 0.01  # of a moment: by a smaller one it cannot be divided without losing digits


def _served(gradient: tf.Tensor | tf.IndexedSlices, variable: tf.Variable) -> bool:
    known = not isinstance(gradient, tf.IndexedSlices) or variable.shape.rank == 2
    return known and variable.dtype == tf.float32 and not tf.config.list_logical_devices("GPU")


def _row_sums(gradient: tf.IndexedSlices) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
    """Which rows of a table the gradient holds, (rows,), and of each the sums of gradients and of their squares."""
    rows, positions = tf.unique(gradient.indices)
    order = tf.argsort(positions)
    segments = tf.gather(positions, order)
    sums, squares = (
        tf.raw_ops.SparseSegmentSum(data=each, indices=order, segment_ids=segments)
        for each in (gradient.values, tf.square(gradient.values))
    )
    return rows, sums, squares


@keras.saving.register_keras_serializable(package="seqrun")
class Adam(keras.optimizers.Adam):
    """keras.optimizers.Adam; AMSGrad and moments that forget nearly all at each step are left to Keras."""

    def update_step(self, gradient, variable, learning_rate):
        if self.amsgrad or min(self.beta_1, self.beta_2) < LEAST_DECAY or not _served(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        number = self._get_variable_index(variable)
        m, v = self._momentums[number].value, self._velocities[number].value
        if isinstance(gradient, tf.IndexedSlices):
            gradient = self._anticipate(gradient, m, v)
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

    def _anticipate(self, gradient: tf.IndexedSlices, m: tf.Variable, v: tf.Variable) -> tf.Tensor:
        """Sets the moments of the gradient's rows such that their decay makes them right; the gradient left is zero."""
        rows, sums, squares = _row_sums(gradient)
        for moment, decay, added in ((m, self.beta_1, sums), (v, self.beta_2, squares)):
            old = tf.gather(moment, rows)
            moment.scatter_update(tf.IndexedSlices((old + (added - old) * (1 - decay)) / decay, rows))
        with tf.init_scope():
            return tf.zeros(m.shape)  # once, not in each step


@keras.saving.register_keras_serializable(package="seqrun")
class AdamW(Adam):
    """keras.optimizers.AdamW, whose weight decay is every Keras optimizer's."""

    def __init__(self, *arguments, weight_decay=0.004, **options):
        super().__init__(*arguments, weight_decay=weight_decay, **options)


@keras.saving.register_keras_serializable(package="seqrun")
class RMSprop(keras.optimizers.RMSprop):
    """keras.optimizers.RMSprop; dense gradients, momentum and centering are left to Keras."""

    def update_step(self, gradient, variable, learning_rate):
        rows_alone = isinstance(gradient, tf.IndexedSlices) and not (self.momentum or self.centered)
        if not rows_alone or not _served(gradient, variable):
            super().update_step(gradient, variable, learning_rate)
            return
        velocity = self._velocities[self._get_variable_index(variable)].value
        rows, sums, squares = _row_sums(gradient)
        v = self.rho * tf.gather(velocity, rows) + (1 - self.rho) * squares
        velocity.assign(self.rho * velocity)
        velocity.scatter_update(tf.IndexedSlices(v, rows))
        step = tf.cast(learning_rate, tf.float32) * sums / tf.sqrt(v + self.epsilon)
        variable.scatter_sub(tf.IndexedSlices(step, rows))


FAST = {"adam": Adam, "adamw": AdamW, "rmsprop": RMSprop}
