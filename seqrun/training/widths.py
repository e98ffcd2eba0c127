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
    """Return the widths, ascending, with which samples of these lengths take the fewest steps; the last is `time`.

    No more than MOST_WIDTHS, no more than batches of each can be filled, none under `shortest`, and none that saves
    less than LEAST_GAIN of the steps.

    Each sample is padded to the first width that holds it. With N(w) samples no longer than w, those that end up with
    the width w, after v, are N(w) - N(v) and take (N(w) - N(v)) w steps. So the fewest steps of all samples no longer
    than w, with k widths of which w is the last, are

        S(1, w) = N(w) w
        S(k, w) = min over v < w of S(k - 1, v) + (N(w) - N(v)) w

    (dynamic programming), and the widths are found by going back from `time` over the v of each minimum. Candidates are
    quantiles of the lengths, so that there are few.
    """
    lengths = np.sort(np.clip(lengths, shortest, time))
    quantiles = np.quantile(lengths, np.linspace(0, 1, CANDIDATES + 1), method="higher")
    widths = np.unique(np.append(quantiles, time)).astype(np.int64)  # (candidates,)
    samples = np.searchsorted(lengths, widths, side="right")  # N of each
    between = (samples - samples[:, None]) * widths  # (v, w): steps of the samples between the two
    not_before = np.tri(len(widths), dtype=bool)  # (v, w): where v is not less than w
    steps, befores = samples * widths, []  # S(1, w); of each further k the v of each w
    for _ in range(min(MOST_WIDTHS, len(lengths) // (batch_size * BATCHES)) - 1):
        with_one_more = np.where(not_before, np.inf, steps[:, None] + between)  # (v, w)
        if with_one_more[:, -1].min() > steps[-1] * (1 - LEAST_GAIN):
            break
        befores.append(with_one_more.argmin(axis=0))
        steps = with_one_more.min(axis=0)
    chosen = [len(widths) - 1]
    for before in reversed(befores):
        chosen.append(before[chosen[-1]])
    return tuple(widths[chosen[::-1]].tolist())
