"""How a batch is gathered: whole, or without the padding that none of its samples needs (`trainer.batching: bucketed`).

There are few widths, as each is one more shape to compile. The network's outputs must not depend on padding: see
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
    stop: int  # one past the number of the last batch
    batch_size: int
    places: np.ndarray | None  # (batches,) of each batch's width in `Buckets.widths`; None: all steps are read


def stretches(order: np.ndarray, batch_size: int, buckets: Buckets | None) -> Iterator[Stretch]:
    """Yield the full batches of an order of samples, then the partial last one.

    Of a partial batch all steps are read, so that it adds one shape to compile and not one for each width.
    """
    full, rest = divmod(len(order), batch_size)
    if full:
        batches = order[: full * batch_size].reshape(full, batch_size)
        yield Stretch(0, full, batch_size, None if buckets is None else buckets.places(batches))
    if rest:
        yield Stretch(full, full + 1, rest, None)


@dataclass(frozen=True)
class Gather:
    """How batches are read inside a graph; a compiled function is traced anew for each Gather."""

    kind: type[AnySamples]
    widths: tuple[int, ...] = ()  # steps of a sample that may be read; empty: all are
    padded_in_front: bool = False

    def each_width(self, place: tf.Tensor | None, body: Callable[[int | None], Any]) -> Any:
        """Return `body(width)` for the width at this place, a branch of the graph; `body(None)` without a place."""
        import tensorflow as tf

        if place is None:
            return body(None)
        return tf.switch_case(place, [partial(body, width) for width in self.widths])

    def batch(self, tensors: tuple[tf.Tensor | None, ...], index: tf.Tensor, width: int | None = None) -> Batch:
        """Return `width` steps (None: all) of these samples; targets and weights of steps, if any, are cut too."""
        inputs, targets, weights = self.kind.batch(tensors, index)
        if width is None or width == inputs.shape[1]:
            return inputs, targets, weights
        if weights is not None and weights.shape.rank == 2:  # (batch, time)
            # The loss is the mean over all steps of the batch, with padding (of weight 0), of which there is less now.
            shorter = width / inputs.shape[1]
            targets, weights = self._cut(targets, width), self._cut(weights, width) * shorter
        return self._cut(inputs, width), targets, weights

    def _cut(self, x: tf.Tensor, width: int) -> tf.Tensor:
        """Return (batch, width, ...) of (batch, time, ...)."""
        return x[:, -width:] if self.padded_in_front else x[:, :width]

    def whole(self, kept: tf.Tensor, shape: tf.TensorShape) -> tf.Tensor:
        """Return what is kept of each step, (batch, width, ...), in `shape`: with zeros for the steps that were cut."""
        import tensorflow as tf

        if kept.shape[1:] == shape[1:]:
            return kept
        missing = shape[1] - kept.shape[1]
        sides = [missing, 0] if self.padded_in_front else [0, missing]
        return tf.pad(kept, [[0, 0], sides, *[[0, 0]] * (len(shape) - 2)])


def read_any_length(model: keras.Model) -> None:
    """Let the network be called on samples of fewer steps than it was built for."""
    import keras

    batch, _, *features = model.input_shape
    model.input_spec = keras.layers.InputSpec(shape=(batch, None, *features))


def normalisation_warning(model: keras.Model) -> str | None:
    """Return a warning if the network has batch normalisation, else None."""
    import keras

    names = [layer.name for layer in model._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]
    if not names:
        return None
    return (
        f"{', '.join(names)}: batch normalisation sees samples of one length at a time in training, and of all lengths "
        "afterwards, which can cost accuracy: compare with trainer.batching shuffled, or leave it out"
    )
