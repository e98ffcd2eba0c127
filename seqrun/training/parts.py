"""Training steps that XLA compiles: each core runs a program of its own on a part of the batch.

One program for all cores would divide each operation among them, and they would wait for each other after every one.
The parts add up to the batch only if samples do not depend on each other (no batch normalisation) and the loss is the
mean of the samples' losses.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from seqrun.machine import device

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    Gradient: TypeAlias = tf.Tensor | tf.IndexedSlices | None  # None: the loss does not depend on that variable
    Gradients = Callable[..., tuple[tf.Tensor, tf.Tensor, Sequence[Gradient]]]

Returned = TypeVar("Returned")

NEXT_SEED = 0x9E3779B9  # from part to part: any odd number, so that no two of 2**32 have the same


def compiled_in_parts(gradients: Gradients, model: keras.Model) -> Gradients:
    """Return a compiled function of inputs, targets and weights (batch, ...) to loss, outputs and gradients.

    It calls `gradients` on each part, with one more argument: the part's share of the batch, by which `gradients`
    multiplies the loss. Each part draws other random numbers; those of the first are what the whole batch would draw.
    """
    import tensorflow as tf

    from seqrun.architectures.layers.fast.recurrence import part_sizes

    seeds = _seeds(model)
    part_of = _compiled_part(gradients, model, seeds)

    def in_parts(
        inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor, Sequence[Gradient]]:
        batch = inputs.shape[0]
        sizes = part_sizes(batch, loops=1)
        pieces = [len(sizes) * [None] if each is None else tf.split(each, sizes) for each in (inputs, targets, weights)]
        states = [tf.convert_to_tensor(seed.value) for seed in seeds]
        parts = []
        for number, (*part, size) in enumerate(zip(*pieces, sizes, strict=True)):
            own = [state + tf.constant([number * NEXT_SEED % 2**32, 0], state.dtype) for state in states]
            parts.append(part_of(*part, size / batch, own))
        losses, outputs, gradients, products, after = zip(*parts, strict=True)
        for seed, state in zip(seeds, after[0], strict=True):
            seed.assign(state)
        sums = map(_sum, zip(*gradients, strict=True), zip(*products, strict=True))
        return tf.add_n(losses), tf.concat(outputs, axis=0), list(sums)

    return in_parts


def _compiled_part(
    gradients: Gradients, model: keras.Model, seeds: Sequence[keras.Variable]
) -> Callable[..., tuple[Any, ...]]:
    """Return a compiled function of a part, its share of the batch, and the states of its random numbers.

    It returns the loss, the outputs and the gradients, the products that are left to do for each variable, and the
    states of the random numbers after it.
    """
    import keras

    from seqrun.architectures.layers.fast.recurrence import kernel_gradients_deferred

    @compiled
    def part(
        inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor | None, share: float, states: Sequence[tf.Tensor]
    ) -> tuple[Any, ...]:
        own_seeds = keras.StatelessScope(state_mapping=zip(seeds, states, strict=True))  # parts must not write
        own_seeds.state_mapping.update({id(each): each.value for each in model.trainable_variables})  # for penalties
        with own_seeds, kernel_gradients_deferred() as deferred:
            results = gradients(inputs, targets, weights, share)
        products = [[pair for owner, *pair in deferred if owner is weight] for weight in model.trainable_variables]
        return *results, products, [own_seeds.get_current_value(seed) for seed in seeds]

    return part


def compiled_update(optimizer: keras.optimizers.Optimizer) -> Callable[[Sequence[Gradient]], None]:
    """Return the optimizer's `apply`, compiled; on a CPU unless it is a few operations, which start sooner."""
    import tensorflow as tf

    from seqrun.training.fast_optimizers import SGD, Adam

    apply = compiled(lambda gradients: optimizer.apply(gradients))

    def update(gradients: Sequence[Gradient]) -> None:
        rows = any(isinstance(gradient, tf.IndexedSlices) for gradient in gradients)
        few = rows or isinstance(optimizer, (Adam, SGD))  # a table of rows is not for XLA, which would copy it
        (optimizer.apply if few and not device.on_gpu() else apply)(gradients)

    return update


def compiled(function: Callable[..., Returned]) -> Callable[..., Returned]:
    """Return the function as a program of XLA's."""
    import tensorflow as tf

    program: Callable[..., Returned] = tf.function(function, jit_compile=True, autograph=False)
    return program


def _seeds(model: keras.Model) -> list[keras.Variable]:
    """Return the states of the model's random number generators, (2,) each: a seed, and how often it was drawn from."""
    weights = {id(weight) for weight in model.non_trainable_weights}
    return [variable for variable in model.non_trainable_variables if id(variable) not in weights]


def _sum(parts: Sequence[Gradient], products: Sequence[Sequence[tuple[tf.Tensor, tf.Tensor]]]) -> Gradient:
    """Return a variable's gradient of the whole batch: the sum of the parts' gradients and their deferred products."""
    import tensorflow as tf

    from seqrun.architectures.layers.fast.recurrence import kernel_gradient

    terms = [kernel_gradient(*pair) for part in products for pair in part]
    if isinstance(parts[0], tf.IndexedSlices):
        rows, values = (tf.concat([getattr(each, name) for each in parts], axis=0) for name in ("indices", "values"))
        return tf.IndexedSlices(values, rows, parts[0].dense_shape)
    terms += [part for part in parts if part is not None]
    return tf.add_n(terms) if terms else None
