"""A season is found where there is one, below trends, noise and faults, and nowhere else."""

from itertools import pairwise

import numpy as np
import pytest

from seqrun.components.splits import Windows
from seqrun.components.targets import SeriesTarget
from seqrun.tasks.forecasting import seasonality

pytestmark = pytest.mark.filterwarnings("error")
RANDOM = np.random.default_rng(0)


def find_period(rows):
    return seasonality.find_period(rows, SeriesTarget(("x",) * rows.values.shape[1], 1))


def rows_of(*columns, segments=None):
    """Training rows of these targets."""
    values = np.stack(columns, axis=1)
    at = np.arange(1)
    return Windows(values, values, at, at, at + 1, segments or ((0, len(values)),))


def wandering(rows, inertia, size):
    noise, values = RANDOM.normal(size=rows) * size, np.zeros(rows)
    for row in range(1, rows):
        values[row] = inertia * values[row - 1] + noise[row]
    return values


HOURS = np.arange(8000)
DAY = np.sin(2 * np.pi * HOURS / 24)
WEEK = np.tile([1, 1, 1, 1, 0.95, 0.5, 0.4], 160)


@pytest.mark.parametrize(
    "series",
    [
        DAY,
        DAY + RANDOM.normal(size=8000),
        DAY + wandering(8000, 0.98, 0.3),
        DAY + wandering(8000, 1, 0.2),
        DAY * (1 + HOURS / 4000) + HOURS / 500 + RANDOM.normal(size=8000) / 2,
        DAY * np.where(HOURS // 24 % 7 > 4, 0.6, 1) + RANDOM.normal(size=8000) / 3,
        DAY + 1.5 * np.sin(2 * np.pi * HOURS / 12 + 1) + RANDOM.normal(size=8000) / 2,
        1e6 + 1000 * (DAY > 0.9) + 200 * RANDOM.normal(size=8000),
    ],
    ids=["pure", "noise", "wandering", "random walk", "trend", "weekends", "two peaks a day", "short peak"],
)
def test_hourly_data_with_a_daily_cycle_has_24_rows(series):
    assert find_period(rows_of(series)) == 24


def test_daily_data_with_weekends_has_7_rows():
    random = np.random.default_rng(0)
    year = 0.1 * np.sin(2 * np.pi * np.arange(len(WEEK)) / 365.25)
    assert find_period(rows_of(WEEK + year + 0.1 * random.normal(size=len(WEEK)))) == 7


def test_faulty_readings_do_not_hide_a_season():
    random = np.random.default_rng(0)
    series = DAY + random.normal(size=8000) / 2
    series[[5, 1000, 7000]] = -9999
    assert find_period(rows_of(series)) == 24


def test_several_targets_share_their_season_whatever_their_units():
    random = np.random.default_rng(0)
    columns = [size * (np.roll(DAY, shift) + random.normal(size=8000) / 2) for shift, size in ((0, 1), (5, 1e6))]
    assert find_period(rows_of(*columns, np.ones(8000))) == 24


def test_a_season_is_found_over_many_series_and_not_across_their_borders():
    random = np.random.default_rng(0)
    parts = [np.roll(DAY, random.integers(24))[: random.integers(150, 250)] for _ in range(40)]
    borders = np.cumsum([0, *map(len, parts)]).tolist()
    segments = tuple(pairwise(borders))
    assert find_period(rows_of(np.concatenate(parts), segments=segments)) == 24


def test_only_the_training_rows_count():
    random = np.random.default_rng(0)
    series = np.concatenate([random.normal(size=8000), DAY])
    assert find_period(rows_of(series, segments=((0, 8000),))) is None
    assert find_period(rows_of(series, segments=((8000, 16000),))) == 24


@pytest.mark.parametrize(
    "series",
    [
        RANDOM.normal(size=5000),
        RANDOM.normal(size=5000).cumsum(),
        RANDOM.normal(size=5000).cumsum().cumsum(),
        wandering(5000, 0.9, 1),
        np.arange(5000.0),
        np.arange(5000.0) ** 2,
        np.full(5000, 0.1),
        np.zeros(3),
    ],
    ids=["noise", "random walk", "smooth walk", "wandering", "line", "parabola", "constant", "three rows"],
)
def test_what_has_no_season_has_no_period(series):
    assert find_period(rows_of(series)) is None


@pytest.mark.parametrize("steps", [51, 60])
@pytest.mark.parametrize("count", [20, 2000])
def test_waves_of_random_frequencies_have_no_period(count, steps):
    random = np.random.default_rng(0)
    frequency, offset = random.random((2, count, 1))
    values = np.sin((np.linspace(0, 1, steps) - offset) * (10 + 10 * frequency))
    values += 0.1 * random.random(values.shape)
    segments = tuple((steps * number, steps * (number + 1)) for number in range(count))
    assert find_period(rows_of(values.ravel(), segments=segments)) is None


def test_a_cycle_seen_too_rarely_is_not_a_season():
    series = np.sin(2 * np.pi * np.arange(600) / 120)
    assert find_period(rows_of(series)) is None
