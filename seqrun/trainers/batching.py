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

from seqrun.splits import PADDING

if TYPE_CHECKING:
    import keras
    import tensorflow as tf

    from seqrun.trainers.samples import Batch

MOST_WIDTHS = 8
LEAST_GAIN = 0.01  # share of the steps that one more width must save
BATCHES = 4  # of an epoch that a width has at least, on average
CANDIDATES = 128  # quantiles of the lengths, from which the widths are chosen


@dataclass(frozen=True)
class Buckets:
    """Which width each sample of a split is padded to; a batch has that of its widest sample."""

    widths: tuple[int, ...]  # steps, ascending; the last is all that samples are stored with
    numbers: np.ndarray  # (samples,) the place of each one's width among them
    padded_in_front: bool

    @classmethod
    def of(cls, inputs: np.ndarray, widths: tuple[int, ...]) -> Buckets:
        """Those of inputs (samples, time) or (samples, time, features)."""
        lengths, padded_in_front = measure_lengths(inputs)
        return cls(widths, np.searchsorted(widths, lengths), padded_in_front)

    def arranged(self, order: np.ndarray, batch_size: int, generator: np.random.Generator) -> np.ndarray:
        """The shuffled order such that each full batch is of one bucket, save where one ends, and the batches shuffled.

        What is left for a partial batch is the end of the order as it was: samples of any length.
        """
        full = len(order) // batch_size * batch_size
        batches = self.by_width(order[:full]).reshape(-1, batch_size)
        return np.concatenate([generator.permutation(batches).ravel(), order[full:]])

    def by_width(self, order: np.ndarray) -> np.ndarray:
        """The same samples, the narrow ones first."""
        return order[np.argsort(self.numbers[order], kind="stable")]

    def places(self, batches: np.ndarray) -> np.ndarray:
        """(batches,) the place of each one's width among the widths, of batches of sample numbers (batches, size)."""
        return self.numbers[batches].max(axis=1).astype(np.int32)


class Run(NamedTuple):
    """Consecutive batches of one size, which one compiled call can take."""

    start: int  # the number of the first batch
    stop: int  # that of the one after the last
    batch_size: int
    places: np.ndarray | None  # (batches,) of each one's width among those of the buckets; None: all steps are read


def runs(order: np.ndarray, batch_size: int, buckets: Buckets | None) -> Iterator[Run]:
    """The batches of an order of samples; of a partial last one all steps are read: one shape, not one of many."""
    full, rest = divmod(len(order), batch_size)
    if full:
        batches = order[: full * batch_size].reshape(full, batch_size)
        yield Run(0, full, batch_size, None if buckets is None else buckets.places(batches))
    if rest:
        yield Run(full, full + 1, rest, None)


@dataclass(frozen=True)
class Gather:
    """Reads batches inside a graph. A compiled function makes a graph of its own for each."""

    kind: type  # of the samples
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


def measure_lengths(inputs: np.ndarray) -> tuple[np.ndarray, bool]:
    """(samples,) the steps of each sample up to its padding, and whether that stands in front; padding inside counts.

    Takes token ids (samples, time), of which 0 is padding, or numbers (samples, time, features).
    """
    real = inputs != 0 if inputs.ndim == 2 else (inputs != PADDING).any(axis=-1)  # (samples, time)
    some, time = real.any(axis=1), real.shape[1]
    after_front = np.where(some, time - real.argmax(axis=1), 0)
    before_end = np.where(some, time - real[:, ::-1].argmax(axis=1), 0)
    padded_in_front = bool(after_front.sum() < before_end.sum())
    return (after_front if padded_in_front else before_end), padded_in_front


def choose_widths(lengths: np.ndarray, time: int, batch_size: int, shortest: int = 1) -> tuple[int, ...]:
    """The widths, ascending, that leave the least padding in samples of these lengths; the last is `time`.

    As few as do, none under `shortest`. Found by dynamic programming: the best widths up to one are those of the best
    k - 1 up to another, and it.
    """
    lengths = np.sort(np.clip(lengths, shortest, time))
    quantiles = np.quantile(lengths, np.linspace(0, 1, CANDIDATES + 1), method="higher")
    widths = np.unique(np.append(quantiles, time)).astype(np.int64)  # (candidates,)
    fitting = np.searchsorted(lengths, widths, side="right")  # samples no longer than each
    added = (fitting - fitting[:, None]) * widths  # (before, last): steps of the samples between the two
    forbidden = np.tri(len(widths), dtype=bool)
    best, before = fitting * widths, []  # of each last width: the steps of all samples up to it; the width before
    for _ in range(min(MOST_WIDTHS, len(lengths) // (batch_size * BATCHES)) - 1):
        steps = np.where(forbidden, np.inf, best[:, None] + added)
        if steps[:, -1].min() > best[-1] * (1 - LEAST_GAIN):
            break
        before.append(steps.argmin(axis=0))
        best = steps.min(axis=0)
    places = [len(widths) - 1]
    for choice in reversed(before):
        places.append(choice[places[-1]])
    return tuple(widths[places[::-1]].tolist())


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
