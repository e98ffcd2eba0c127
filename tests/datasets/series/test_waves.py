"""The generated waves: the book's formula, its splits, and a last value as wrong as it should be."""

import numpy as np
import pytest

from seqrun.datasets.series.waves import Waves, make_waves


@pytest.fixture(scope="module")
def splits():
    from seqrun.components.locations import Locations

    return Waves().load(Locations(None, print))


def last_value_mse(windows):
    last = windows.values[windows.starts + windows.input_rows[-1]]
    return float(np.mean((windows.values[windows.starts[:, None] + windows.horizon_rows][:, 0] - last) ** 2))


@pytest.mark.parametrize("name", ["train", "validation", "test"])
def test_the_last_value_is_wrong_by_a_mse_of_0_020(splits, name):
    assert last_value_mse(getattr(splits, name)) == pytest.approx(0.020, abs=0.001)


def test_there_are_10_000_series_of_one_window_each(splits):
    assert [len(each) for each in (splits.train, splits.validation, splits.test)] == [7000, 2000, 1000]
    assert splits.spec.input_shape == (50, 1)
    assert splits.spec.target_features == (0,)
    assert (splits.spec.target.offset, splits.spec.target.scale) == ((0.0,), (1.0,))
    starts = np.concatenate([each.starts for each in (splits.train, splits.validation, splits.test)])
    assert starts.tolist() == list(range(0, 510_000, 51))
    assert splits.test.segments[0] == (9000 * 51, 9001 * 51)


def test_without_noise_each_is_the_sum_of_two_sines_of_the_books_ranges():
    waves = make_waves(500, 201, 0.0, seed=3)
    assert np.abs(waves).max() <= 0.7
    time = np.linspace(0, 1, 201)
    for wave in waves[:10]:  # fitted anew: the best pair of frequencies in the book's ranges explains all of it
        errors = []
        for slow in np.linspace(10, 20, 41):
            for fast in np.linspace(20, 40, 81):
                basis = np.stack([f(w * time) for w in (slow, fast) for f in (np.sin, np.cos)], axis=1)
                errors.append(np.linalg.lstsq(basis, wave, rcond=None)[1].sum())
        assert min(errors) / (wave**2).sum() < 0.01


def test_the_noise_is_uniform_and_of_the_width_asked_for():
    noise = make_waves(1000, 60, 0.2, seed=1) - make_waves(1000, 60, 0.0, seed=1)
    assert -0.1 <= noise.min() < -0.0999
    assert 0.0999 < noise.max() <= 0.1
    assert noise.std() == pytest.approx(0.2 / np.sqrt(12), rel=0.01)


def test_the_draw_depends_on_split_seed_and_on_nothing_else(locations):
    one, again, other = (Waves(series=30, split_seed=seed).load(locations) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.train.features, again.train.features)
    assert not np.array_equal(one.train.features, other.train.features)
    np.testing.assert_array_equal(make_waves(5, 51, 0.1, 1), make_waves(30, 51, 0.1, 1)[:5])


@pytest.mark.parametrize("forecast", ["direct", "sequence", "iterated"])
def test_ten_steps_can_be_forecast_in_every_way(locations, forecast):
    splits = Waves(series=30, horizon=10, forecast=forecast, limit=4).load(locations)
    assert len(splits.train) == 4
    assert splits.spec.target.horizon == 10
    assert splits.train.target_rows.shape == ((50, 10) if forecast == "sequence" else (10,))
    assert splits.spec.target.iterated == (forecast == "iterated")
    assert splits.train.horizon_rows.tolist() == list(range(50, 60))
