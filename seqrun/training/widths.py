"""To which widths the samples of a batch are padded, so that little of it is padding: `trainer.batching: bucketed`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqrun.components.padding import real_steps

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


def measure_lengths(inputs: np.ndarray) -> tuple[np.ndarray, bool]:
    """(samples,) the steps of each sample up to its padding, and whether that stands in front; padding inside counts.

    Takes token ids (samples, time), of which 0 is padding, or numbers (samples, time, features).
    """
    real = real_steps(inputs)  # (samples, time)
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
