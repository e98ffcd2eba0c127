"""The compiled side of training: many steps of gradient descent, or one pass of evaluation, in one call of a graph.

Data stay on the device as whole tensors, and each step gathers its batch by the shuffled order, so that no Python runs
between steps. Shapes are static: there is one trace for full batches and one for the last, partial batch; if batches
have several widths, each width is a branch of the graph.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from seqrun.training.between import joined_between
from seqrun.training.gathering import Gather, stretches
from seqrun.training.parts import compiled, compiled_in_parts, compiled_update
from seqrun.training.samples import on_device

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.training.parts import Gradient, Gradients
    from seqrun.training.samples import AnySamples

    Tensors = tuple[tf.Tensor | None, ...]
    Turn = tuple[tf.Tensor | tf.TensorArray, ...]  # the variables of a loop in the graph

Keep = Callable[["tf.Tensor", "tf.Tensor", "tf.Tensor | None"], "tf.Tensor"]  # (targets, outputs, weights) -> kept
Loss = Callable[..., "tf.Tensor"]  # (targets, outputs, sample_weight=None) -> mean loss of a batch, as Keras' losses

EVALUATION_BATCH = 512  # samples at once where no gradient is needed: large enough to fill the cores, small in memory


# One object for all equal ones: when a Gather is deleted, compiled functions forget its trace and would trace anew.
_GATHERS: dict[Gather, Gather] = {}


def outputs_alone(targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
    """Return the outputs as they are: what is kept by default."""
    return outputs


class Program:
    """A model, its loss and its optimizer, compiled.

    In the graph, `keep` is given the targets, outputs and weights of each batch; what it returns, (batch, ...), is kept
    for the metrics: by default the outputs.
    """

    def __init__(
        self,
        model: keras.Model,
        loss: Loss,
        optimizer: keras.optimizers.Optimizer,
        keep: Keep = outputs_alone,
    ):
        from seqrun.architectures.layers.fast.compiled import arrange  # here: it imports TensorFlow

        self.model = model
        self.arrangement = arrange(model)
        self.loss = loss
        self.optimizer = optimizer
        self.keep = keep
        optimizer.build(model.trainable_variables)

    def train_steps(
        self,
        samples: AnySamples,
        order: np.ndarray,
        start: int,
        count: int,
        batch_size: int,
        places: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Take steps of gradient descent; return the loss of each, and what is kept of the outputs before each update.

        The losses are (steps,), what is kept is (steps * batch_size, ...). There are `count` steps, or fewer: none is
        taken after a loss that is not finite. The batches are those from `order[start * batch_size]` on. For samples in
        buckets, `places` gives for each batch of the order the place of its width, which must hold all its samples;
        None: all steps of a sample are read.
        """
        import tensorflow as tf

        batches = _tensors(order, places)
        losses, outputs = self._train(
            _gather(samples, places), samples.tensors, *batches, tf.constant(start), tf.constant(count), batch_size
        )
        return losses.numpy(), outputs.numpy()

    def evaluate(self, samples: AnySamples) -> tuple[float, np.ndarray]:
        """Return the mean loss over all samples, and what is kept of their outputs, (samples, ...); without dropout.

        Raises ValueError if there are no samples.
        """
        import tensorflow as tf

        order = np.arange(len(samples), dtype=np.int32)
        if samples.buckets is not None:
            order = samples.buckets.by_width(order)
        loss = 0.0
        outputs: np.ndarray | None = None
        for stretch in stretches(order, EVALUATION_BATCH, samples.buckets):
            first, steps = stretch.start * EVALUATION_BATCH, tf.constant(stretch.stop - stretch.start)
            gather, batches = _gather(samples, stretch.places), _tensors(order[first:], stretch.places)
            part_loss, part = self._evaluate(gather, samples.tensors, *batches, steps, stretch.batch_size)
            loss += float(part_loss)
            if outputs is None:
                outputs = np.empty((len(samples), *part.shape[1:]), np.float32)
            outputs[order[first : first + len(part)]] = part.numpy()
        if outputs is None:
            raise ValueError("there are no samples to evaluate")
        return loss / len(samples), outputs

    @cached_property
    def _train(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        import tensorflow as tf

        @partial(tf.function, autograph=False)
        def train(
            gather: Gather,
            tensors: Tensors,
            order: tf.Tensor,
            places: tf.Tensor | None,
            start: tf.Tensor,
            count: tf.Tensor,
            batch_size: int,
        ) -> tuple[tf.Tensor, tf.Tensor]:
            def one_step(index: tf.Tensor, width: int | None) -> tuple[tf.Tensor, tf.Tensor]:
                x, y, weights = gather.batch(tensors, index, width)
                loss, output = self.step(x, y, weights)
                return loss, self._kept(gather, y, output, weights, room.element_shape)

            def goes_on(step: tf.Tensor, loss: tf.Tensor, *_: tf.TensorArray) -> tf.Tensor:
                return tf.logical_and(step < count, tf.math.is_finite(loss))

            def turn(step: tf.Tensor, _: tf.Tensor, losses: tf.TensorArray, outputs: tf.TensorArray) -> Turn:
                place = None if places is None else places[start + step]
                index = tf.slice(order, [(start + step) * batch_size], [batch_size])
                loss, kept = gather.each_width(place, partial(one_step, index))
                return step + 1, loss, losses.write(step, loss), outputs.write(step, kept)

            room = self._room(gather.kind, tensors, count, batch_size)
            losses = tf.TensorArray(tf.float32, size=count, element_shape=())
            step, _, losses, outputs = tf.while_loop(goes_on, turn, (tf.constant(0), tf.constant(0.0), losses, room))
            taken = tf.range(step)
            kept = outputs.gather(taken)  # (steps, batch_size, ...)
            return losses.gather(taken), tf.reshape(kept, [-1, *kept.shape[2:]])

        return train

    @cached_property
    def _evaluate(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        import tensorflow as tf

        @partial(tf.function, autograph=False)
        def evaluate(
            gather: Gather,
            tensors: Tensors,
            order: tf.Tensor,
            places: tf.Tensor | None,
            count: tf.Tensor,
            batch_size: int,
        ) -> tuple[tf.Tensor, tf.Tensor]:
            def one_batch(index: tf.Tensor, width: int | None) -> tuple[tf.Tensor, tf.Tensor]:
                x, y, weights = gather.batch(tensors, index, width)
                output = self.model(x, training=False)
                return self._loss(y, output, weights), self._kept(gather, y, output, weights, room.element_shape)

            def turn(step: tf.Tensor, total: tf.Tensor, outputs: tf.TensorArray) -> Turn:
                place = None if places is None else places[step]
                index = tf.slice(order, [step * batch_size], [batch_size])
                loss, kept = gather.each_width(place, partial(one_batch, index))
                return step + 1, total + loss * batch_size, outputs.write(step, kept)

            room = self._room(gather.kind, tensors, count, batch_size)
            start = (tf.constant(0), tf.constant(0.0), room)
            _, total, outputs = tf.while_loop(lambda step, *_: step < count, turn, start)
            return total, outputs.concat()

        return evaluate

    def _room(self, kind: type[AnySamples], tensors: Tensors, count: tf.Tensor, batch_size: int) -> tf.TensorArray:
        """Return an array for what is kept of `count` batches; of the example only the shape is used."""
        import tensorflow as tf

        _, targets, weights = kind.batch(tensors, tf.range(batch_size))
        example = self.keep(targets, tf.zeros((batch_size, *self.model.output_shape[1:])), weights)
        return tf.TensorArray(tf.float32, size=count, element_shape=example.shape)

    def _kept(
        self,
        gather: Gather,
        targets: tf.Tensor,
        outputs: tf.Tensor,
        weights: tf.Tensor | None,
        shape: tf.TensorShape,
    ) -> tf.Tensor:
        """Return what is kept of a batch, in `shape`: as if all steps had been read."""
        import tensorflow as tf

        return gather.whole(tf.cast(self.keep(targets, outputs, weights), tf.float32), shape)

    def _loss(self, targets: tf.Tensor, outputs: tf.Tensor, weights: tf.Tensor | None) -> tf.Tensor:
        import tensorflow as tf

        loss = tf.cast(self.loss(targets, outputs, sample_weight=weights), tf.float32)
        return tf.add_n([loss, *(tf.cast(penalty, tf.float32) for penalty in self.model.losses)])

    @cached_property
    def step(self) -> Callable[..., tuple[tf.Tensor, tf.Tensor]]:
        """A function that takes one step, inside a graph, and returns the batch's mean loss and outputs before it."""
        from seqrun.architectures.layers.fast.compiled import Arrangement

        arrangement, gradients = self.arrangement, self._gradients
        in_parts = compiled_in_parts(gradients, self.model) if arrangement is Arrangement.PARTS else gradients
        in_programs = arrangement in (Arrangement.PARTS, Arrangement.BETWEEN)
        update = compiled_update(self.optimizer) if in_programs else self.optimizer.apply

        def step(
            inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor | None = None
        ) -> tuple[tf.Tensor, tf.Tensor]:
            loss, outputs, gradients = in_parts(inputs, targets, weights)
            update(gradients)
            return loss, outputs

        return compiled(step) if arrangement is Arrangement.WHOLE else step

    @cached_property
    def _gradients(self) -> Gradients:
        """A function of inputs, targets, weights and a share of the loss to loss, outputs and gradients of a batch."""
        import tensorflow as tf

        from seqrun.architectures.layers.fast.compiled import Arrangement

        between = self.arrangement is Arrangement.BETWEEN
        forward = joined_between(self.model) if between else partial(self.model, training=True)
        measure = compiled(self._loss) if between else self._loss

        def gradients(
            inputs: tf.Tensor, targets: tf.Tensor, weights: tf.Tensor | None = None, share: float | tf.Tensor = 1.0
        ) -> tuple[tf.Tensor, tf.Tensor, Sequence[Gradient]]:
            with tf.GradientTape() as tape:
                outputs = forward(inputs)
                loss = measure(targets, outputs, weights) * share
                scaled = self.optimizer.scale_loss(loss)
            return loss, outputs, tape.gradient(scaled, self.model.trainable_variables)

        return gradients


def _tensors(order: np.ndarray, places: np.ndarray | None) -> tuple[tf.Tensor, tf.Tensor | None]:
    import tensorflow as tf

    numbers = on_device(order.astype(np.int32, copy=False))
    return numbers, None if places is None else tf.convert_to_tensor(places)  # of int32, as the host chooses branches


def _gather(samples: AnySamples, places: np.ndarray | None) -> Gather:
    """Return how batches of these samples are read: in the widths of their buckets, or whole."""
    kind, buckets = type(samples), samples.buckets
    if places is None or buckets is None:
        gather = Gather(kind)
    else:
        gather = Gather(kind, buckets.widths, buckets.padded_in_front)
    return _GATHERS.setdefault(gather, gather)
