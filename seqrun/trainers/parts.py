"""Training steps that XLA compiles: each core has a part of the batch and a program of its own.

One program for all cores would share out each of its operations, and they would wait for each other after every one.
Only for networks whose samples do not meet, so no normalisation over a batch, and losses that are means of samples'.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

Gradients = Callable[..., tuple["tf.Tensor", "tf.Tensor", Sequence["tf.Tensor | None"]]]


def compiled_in_parts(gradients: Gradients, model: keras.Model) -> Gradients:
    """The same function, compiled: of inputs, targets and weights (batch, ...) the loss, the outputs and the gradients.

    `gradients` has a further argument, the share that a part is of its batch, by which it multiplies the loss. A
    network with a state of its own, such as a dropout's, is not parted: the parts would write it at once.
    """
    import tensorflow as tf

    from seqrun.architectures.layers.recurrence import part_sizes

    compiled = tf.function(gradients, jit_compile=True, autograph=False)

    def in_parts(inputs, targets, weights=None):
        batch = inputs.shape[0]
        sizes = [batch] if model.non_trainable_variables else part_sizes(batch, loops=1)
        if len(sizes) == 1:
            return compiled(inputs, targets, weights)
        split = [len(sizes) * [None] if each is None else tf.split(each, sizes) for each in (inputs, targets, weights)]
        parts = [compiled(*part, size / batch) for *part, size in zip(*split, sizes, strict=True)]
        losses, outputs, gradients = zip(*parts, strict=True)
        return tf.add_n(losses), tf.concat(outputs, axis=0), list(map(_sum, zip(*gradients, strict=True)))

    return in_parts


def compiled_update(optimizer: keras.optimizers.Optimizer) -> Callable:
    """The optimizer's `apply`, compiled unless it takes a few operations anyway, which start sooner than a program."""
    import tensorflow as tf

    from seqrun.trainers.fast_optimizers import SGD, Adam

    if isinstance(optimizer, (Adam, SGD)):
        return optimizer.apply
    return tf.function(lambda gradients: optimizer.apply(gradients), jit_compile=True, autograph=False)


def _sum(parts: Sequence[tf.Tensor | None]) -> tf.Tensor | None:
    """None for a variable that the loss does not depend on."""
    import tensorflow as tf

    return None if parts[0] is None else tf.add_n(parts)
