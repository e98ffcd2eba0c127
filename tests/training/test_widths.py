"""To which widths samples are padded, and in what order their batches come."""

import itertools

import numpy as np
import pytest

from seqrun.components.padding import PADDING
from seqrun.training.gathering import stretches
from seqrun.training.widths import Buckets, choose_widths, measure_lengths


def test_a_batch_is_of_samples_of_similar_length_and_only_one_is_partial():
    lengths = np.random.default_rng(0).integers(1, 101, 1030)
    buckets = Buckets((25, 50, 75, 100), np.searchsorted((25, 50, 75, 100), lengths), padded_in_front=False)
    order = np.random.default_rng(1).permutation(1030)
    epoch = buckets.arranged(order, 50, np.random.default_rng(2))
    assert sorted(epoch) == list(range(1030))
    full, partial = stretches(epoch, 50, buckets)
    assert full[:3] == (0, 20, 50)
    assert partial == (20, 21, 30, None)
    widths = [buckets.widths[place] for place in full.places] + [100]
    batches = [epoch[first : first + 50] for first in range(0, 1030, 50)]
    assert all(lengths[batch].max() <= width for batch, width in zip(batches, widths, strict=True))
    mixed = sum(lengths[batch].min() <= width - 25 for batch, width in zip(batches[:-1], widths, strict=False))
    assert mixed <= 3  # where one bucket ends and the next begins
    assert widths[:-1] != sorted(widths[:-1])
    assert set(widths[:10]) == {25, 50, 75, 100}
    others = [buckets.arranged(order, 50, np.random.default_rng(seed)) for seed in (2, 3)]
    assert np.array_equal(epoch, others[0])
    assert not np.array_equal(epoch, others[1])


@pytest.mark.parametrize("seed", range(5))
def test_no_other_widths_leave_less_padding(seed):
    rng = np.random.default_rng(seed)
    lengths = np.minimum(rng.integers(1, 15, 400) ** rng.integers(1, 3), 40)
    widths = choose_widths(lengths, 40, batch_size=25, shortest=2)  # 16 batches: 4 widths

    def steps(widths):
        return np.array(widths)[np.searchsorted(widths, lengths)].sum()

    least = min(steps((*some, 40)) for some in itertools.combinations(range(2, 40), 3))
    assert len(widths) == 4
    assert widths[-1] == 40
    assert widths[0] >= 2
    assert steps(widths) == least


@pytest.mark.parametrize(
    ("lengths", "widths"),
    [(np.full(500, 9), (9,)), (np.full(500, 4), (4, 9)), (np.arange(500) % 9 + 1, (9,)), (np.zeros(500), (2, 9))],
)
def test_there_are_no_more_widths_than_help(lengths, widths):
    batch_size = 100 if len(set(lengths)) > 1 else 10  # of those few batches none could have another width
    assert choose_widths(lengths, 9, batch_size, shortest=2) == widths


def test_padding_is_found_in_front_and_behind_and_inside_counts():
    in_front = np.array([[0, 0, 3, 0, 5], [0, 0, 0, 0, 0], [1, 2, 3, 4, 5]])
    lengths, is_in_front = measure_lengths(in_front)
    assert (lengths.tolist(), is_in_front) == ([3, 0, 5], True)
    lengths, is_in_front = measure_lengths(in_front[:, ::-1])
    assert (lengths.tolist(), is_in_front) == ([3, 0, 5], False)
    numbers = np.full((2, 4, 2), PADDING, np.float32)
    numbers[0, :3, 1] = 0.0
    lengths, is_in_front = measure_lengths(numbers)
    assert (lengths.tolist(), is_in_front) == ([3, 0], False)
