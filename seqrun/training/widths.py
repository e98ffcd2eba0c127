"""To which widths the samples of a batch are padded, so that little of it is padding: `trainer.batching: bucketed`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqrun.components.padding import real_steps

MOST_WIDTHS = 8
LEAST_GAIN = 0.01  # share of the steps that one more width must save
BATCHES = 4  # in an epoch for each width, on average: of fewer batches there are fewer widths
CANDIDATES = 128  # quantiles of the lengths, from which the widths are chosen


@dataclass(frozen=True)
class Buckets:
    """The width (steps) that each sample of a split is padded to; a batch has the width of its widest sample."""

    widths: tuple[int, ...]  # ascending; the last is the width that samples are stored with
    numbers: np.ndarray  # (samples,) the place of each sample's width among `widths`
    padded_in_front: bool

    @classmethod
    def of(cls, inputs: np.ndarray, widths: tuple[int, ...]) -> Buckets:
        """Return the buckets of inputs (samples, time) or (samples, time, features)."""
        lengths, padded_in_front = measure_lengths(inputs)
        return cls(widths, np.searchsorted(widths, lengths), padded_in_front)

    def arranged(self, order: np.ndarray, batch_size: int, generator: np.random.Generator) -> np.ndarray:
        """Return shuffled sample numbers in batches of similar width, the batches shuffled again.

        Samples are sorted by width and cut into batches, so few batches hold samples of more than one width. The end of
        the order, too short for a full batch, stays as it was: samples of any length.
        """
        full = len(order) // batch_size * batch_size
        batches = self.by_width(order[:full]).reshape(-1, batch_size)
        return np.concatenate([generator.permutation(batches).ravel(), order[full:]])

    def by_width(self, order: np.ndarray) -> np.ndarray:
        """Return the same sample numbers, the narrowest samples first."""
        return order[np.argsort(self.numbers[order], kind="stable")]

    def places(self, batches: np.ndarray) -> np.ndarray:
        """Return the place of each batch's width among `widths`, (batches,); takes sample numbers (batches, size)."""
        return self.numbers[batches].max(axis=1).astype(np.int32)


def measure_lengths(inputs: np.ndarray) -> tuple[np.ndarray, bool]:
    """Return the steps of each sample without its padding, (samples,), and whether the padding is in front.

    Padding between real steps counts as steps. Takes token ids (samples, time), of which 0 is padding, or numbers
    (samples, time, features).
    """
    real = real_steps(inputs)  # (samples, time)
    some, time = real.any(axis=1), real.shape[1]
    after_front = np.where(some, time - real.argmax(axis=1), 0)
    before_end = np.where(some, time - real[:, ::-1].argmax(axis=1), 0)
    padded_in_front = bool(after_front.sum() < before_end.sum())
    return (after_front if padded_in_front else before_end), padded_in_front


def choose_widths(lengths: np.ndarray, time: int, batch_size: int, shortest: int = 1) -> tuple[int, ...]:
    """Return the widths, ascending, with which samples of these lengths take the fewest steps; the last is `time`.

    There are at most MOST_WIDTHS, and so few that an epoch has BATCHES batches for each on average; none is under
    `shortest`, and each saves at least LEAST_GAIN of the steps.

    A sample is padded to the first width that holds it. N(w) samples are no longer than w. If v is the next smaller
    width, N(w) - N(v) samples are padded to w, which takes (N(w) - N(v)) w steps. So the fewest steps of all samples no
    longer than w, with k widths of which w is the last, are

        S(1, w) = N(w) w
        S(k, w) = min over v < w of S(k - 1, v) + (N(w) - N(v)) w

    (dynamic programming). The widths are found by going back from `time` over the v of each minimum. Candidates are
    CANDIDATES quantiles of the lengths.
    """
    lengths = np.sort(np.clip(lengths, shortest, time))
    quantiles = np.quantile(lengths, np.linspace(0, 1, CANDIDATES + 1), method="higher")
    widths = np.unique(np.append(quantiles, time)).astype(np.int64)  # (candidates,)
    samples = np.searchsorted(lengths, widths, side="right")  # N(w) of each
    between = (samples - samples[:, None]) * widths  # (v, w): steps of the samples longer than v, up to w
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
