"""Which rows each window sees and forecasts, against a loop over every row; and that none leaves its split."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqrun.datasets.series import scales
from seqrun.datasets.series.framing import Framing
from seqrun.datasets.series.series import Series
from seqrun.datasets.series.windows import cut, input_rows, target_rows, window_starts
from seqrun.errors import DataError

framings = st.builds(
    lambda time, step, **rest: Framing(lookback=time * step, step=step, **rest),
    time=st.integers(1, 6),
    step=st.integers(1, 4),
    horizon=st.integers(1, 5),
    delay=st.integers(0, 4),
    stride=st.integers(1, 5),
    forecast=st.sampled_from(["direct", "sequence", "iterated"]),
)
segments = st.lists(st.tuples(st.integers(0, 9), st.integers(1, 40)), min_size=1, max_size=4)


def laid_out(gaps_and_lengths):
    """Segments one after another, with rows that belong to none between them."""
    found, row = [], 0
    for gap, length in gaps_and_lengths:
        found.append((row + gap, row + gap + length))
        row += gap + length
    return tuple(found)


def windows_by_hand(framing, segments):
    """For each window the rows it sees and those it forecasts, written as the convention is told."""
    for first, past in segments:
        for start in range(first, past, framing.stride):
            seen = [row for row in range(start, start + framing.lookback) if (row - start) % framing.step == 0]
            ahead = [start + framing.lookback + framing.delay + h for h in range(framing.horizon)]
            if ahead[-1] < past:
                yield start, seen, ahead


@given(framings, segments)
def test_windows_are_those_of_a_loop_over_all_rows(framing, gaps_and_lengths):
    inside = laid_out(gaps_and_lengths)
    expected = list(windows_by_hand(framing, inside))
    starts = window_starts(framing, inside)
    assert starts.tolist() == [start for start, _, _ in expected]
    assert (starts[:, None] + input_rows(framing)).tolist() == [seen for _, seen, _ in expected]
    last = target_rows(framing) if framing.forecast != "sequence" else target_rows(framing)[-1]
    assert (starts[:, None] + last).tolist() == [ahead for _, _, ahead in expected]


@given(framings)
def test_a_sequence_forecasts_at_every_step_what_a_direct_window_that_ends_there_would(framing):
    framing = Framing(**{**framing.__dict__, "forecast": "sequence"})
    rows = target_rows(framing)
    assert rows.shape == (framing.time, framing.horizon)
    for t in range(framing.time):
        shorter = Framing(framing.step * (t + 1), framing.horizon, "direct", framing.delay, framing.step)
        assert rows[t].tolist() == target_rows(shorter).tolist()


@given(framings, segments, st.integers(1, 20))
@settings(max_examples=50)
def test_a_limit_keeps_windows_from_the_whole_split(framing, gaps_and_lengths, limit):
    inside = laid_out(gaps_and_lengths)
    rows = np.zeros((inside[-1][1], 1), np.float32)
    every = cut(framing, rows, rows, {"train": inside})["train"].starts
    kept = cut(framing, rows, rows, {"train": inside}, limit=limit)["train"].starts
    assert len(kept) == min(limit, len(every))
    assert set(kept) <= set(every)
    if len(kept):
        assert np.diff(np.searchsorted(every, [*kept, *every[-1:]])).max() <= -(-len(every) // len(kept))


# --- no window straddles a split, no scaler sees past the training rows -----------------------------------------------

ROWS = 200
FIRST, SECOND = 120, 160  # floor(0.6 * 200), floor(0.8 * 200)


@pytest.fixture
def numbered(tmp_path):
    """A series whose values are its row numbers."""
    path = tmp_path / "numbered.csv"
    pd.DataFrame({"row": np.arange(ROWS)}).to_csv(path, index=False)
    return path


def rows_of(windows, target):
    """(samples, rows) all rows that each window touches, read off its values; those of `numbered` are row numbers."""
    touched = [windows.features[windows.starts[:, None] + windows.input_rows][..., 0]]
    flat = windows.target_rows.ravel()
    touched = [touched[0] * target.scale[0] + target.offset[0]]
    touched.append(windows.values[windows.starts[:, None] + flat][..., 0])
    return np.concatenate(touched, axis=1)


def check_rows(splits):
    for name, low, high in (("train", 0, FIRST), ("validation", FIRST, SECOND), ("test", SECOND, ROWS)):
        rows = rows_of(getattr(splits, name), splits.spec.target)
        assert rows.min() == pytest.approx(low, abs=1e-3)
        assert rows.max() == pytest.approx(high - 1, abs=1e-3)


def check_scale(splits):
    training = np.arange(FIRST)
    assert splits.spec.target.offset[0] == pytest.approx(training.mean())
    assert splits.spec.target.scale[0] == pytest.approx(training.std())


@pytest.fixture(params=["direct", "sequence", "iterated"])
def dataset(request, numbered):
    return Series(path=numbered, targets=["row"], forecast=request.param, lookback=12, horizon=5)


def test_every_window_stays_in_its_split_and_reaches_its_ends(dataset, locations):
    check_rows(dataset.load(locations))


def test_a_window_one_row_too_long_would_be_noticed(dataset, locations, monkeypatch):
    monkeypatch.setattr(Framing, "rows", property(lambda self: self.lookback + self.delay + self.horizon - 1))
    with pytest.raises(AssertionError):
        check_rows(dataset.load(locations))


def test_the_scaler_knows_the_training_rows_alone(dataset, locations):
    check_scale(dataset.load(locations))


def test_a_scaler_that_sees_past_them_would_be_noticed(dataset, locations, monkeypatch):
    honest = scales.fitted_scales
    peeking = lambda kind, table, columns, training: honest(kind, table, columns, ((0, FIRST + 1),))  # noqa: E731
    monkeypatch.setattr(scales, "fitted_scales", peeking)
    with pytest.raises(AssertionError):
        check_scale(dataset.load(locations))


def test_what_comes_after_the_training_rows_does_not_change_them(tmp_path, locations):
    path = tmp_path / "series.csv"

    def training(later):
        values = np.concatenate([np.arange(60.0), later])
        values[55] = np.nan  # near the border: what fills it must not come from behind it either
        values[59] = np.nan
        pd.DataFrame({"x": values}).to_csv(path, index=False)
        splits = Series(path=path, targets=["x"], lookback=5, horizon=2, missing="interpolate").load(locations)
        return splits.train.features[:60], splits.spec.target

    one, other = training(np.zeros(40)), training(np.full(40, 1e6))
    np.testing.assert_array_equal(one[0], other[0])
    assert one[1] == other[1]


def test_a_split_too_short_for_a_window_is_named_with_the_rows_that_it_needs(numbered, locations):
    dataset = Series(path=numbered, targets=["row"], lookback=36, horizon=5, delay=2)
    with pytest.raises(DataError) as caught:
        dataset.load(locations)
    lines = str(caught.value).splitlines()
    assert lines[0] == "a window takes 43 rows (lookback 36 + delay 2 + horizon 5), and none fits into"
    assert lines[1:3] == ["  validation: 40 rows", "  test: 40 rows"]


def test_all_splits_cut_from_the_same_arrays(numbered, locations):
    splits = Series(path=numbered, targets=["row"], lookback=12, horizon=5).load(locations)
    assert splits.train.features is splits.validation.features is splits.test.features
    assert splits.train.values is splits.validation.values is splits.test.values
