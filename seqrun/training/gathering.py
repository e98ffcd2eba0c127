"""Batches of samples of similar length, without the padding that none of a batch needs: `trainer.batching: bucketed`.

There are few widths, as each is a shape of its own to compile. What a network answers must not depend on padding: see
`Architecture.padding_problems`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from seqrun.training.widths import Buckets

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.training.samples import AnySamples, Batch


class Stretch(NamedTuple):
    """Consecutive batches of one size, which one compiled call can take."""

    start: int  # the number of the first batch
    stop: int  # that of the one after the last
    batch_size: int
    places: np.ndarray | None  # (batches,) of each one's width among those of the buckets; None: all steps are read


def stretches(order: np.ndarray, batch_size: int, buckets: Buckets | None) -> Iterator[Stretch]:
    """The batches of an order of samples; of a partial last one all steps are read: one shape, not one of many."""
    full, rest = divmod(len(order), batch_size)
    if full:
        batches = order[: full * batch_size].reshape(full, batch_size)
        yield Stretch(0, full, batch_size, None if buckets is None else buckets.places(batches))
    if rest:
        yield Stretch(full, full + 1, rest, None)


@dataclass(frozen=True)
class Gather:
    """Reads batches inside a graph. A compiled function makes a graph of its own for each."""

    kind: type[AnySamples]
    widths: tuple[int, ...] = ()  # steps that may be read of each sample of a batch; none given: all
    padded_in_front: bool = False

    def each_width(self, place: tf.Tensor | None, body: Callable[[int | None], Any]) -> Any:
        """What `body` gives for the width in that place: a graph has one branch for each."""
        import tensorflow as tf

        if place is None:
            return body(None)
        return tf.switch_case(place, [partial(body, width) for width in self.widths])

    def batch(self, tensors: tuple[tf.Tensor | None, ...], index: tf.Tensor, width: int | None = None) -> Batch:
        """`width` steps of the samples of these numbers; where steps have targets and weights, those are cut too."""
        inputs, targets, weights = self.kind.batch(tensors, index)
        if width is None or width == inputs.shape[1]:
            return inputs, targets, weights
        if weights is not None and weights.shape.rank == 2:  # (batch, time)
            # The loss is the mean over all steps of the batch, of which padding, with weight 0, is a part.
            shorter = width / inputs.shape[1]
            targets, weights = self._cut(targets, width), self._cut(weights, width) * shorter
        return self._cut(inputs, width), targets, weights

    def _cut(self, x: tf.Tensor, width: int) -> tf.Tensor:
        """(batch, width, ...) of (batch, time, ...)."""
        return x[:, -width:] if self.padded_in_front else x[:, :width]

    def whole(self, kept: tf.Tensor, shape: tf.TensorShape) -> tf.Tensor:
        """What is kept of each step, (batch, width, ...), with zeros for the padding that was cut, in that shape."""
        import tensorflow as tf

        if kept.shape[1:] == shape[1:]:
            return kept
        missing = shape[1] - kept.shape[1]
        sides = [missing, 0] if self.padded_in_front else [0, missing]
        return tf.pad(kept, [[0, 0], sides, *[[0, 0]] * (len(shape) - 2)])


def read_any_length(model: keras.Model) -> None:
    """Lets the network be called on samples of fewer steps than those it was built for."""
    import keras

    batch, _, *features = model.input_shape
    model.input_spec = keras.layers.InputSpec(shape=(batch, None, *features))


def normalisation_warning(model: keras.Model) -> str | None:
    """What to tell the user if the network normalises by the mean and variance of a batch; None if it does not."""
    import keras

    names = [layer.name for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    if not names:
        return None
    return (
        f"{', '.join(names)}: batch normalisation sees samples of one length at a time in training, and of all lengths "
        "afterwards, which can cost accuracy: compare with trainer.batching shuffled, or leave it out"
    )
