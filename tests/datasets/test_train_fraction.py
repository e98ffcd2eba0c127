"""`dataset.train_fraction`: less to train on, the same to validate and to test on, whatever the dataset."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE

from seqrun.components.locations import Locations
from seqrun.components.splits import Splits
from seqrun.config.experiment import load_experiment
from seqrun.errors import DataError

DRAWN = ["bag_of_words", "text", "multilabel", "regressor", "sequences", "tagger", "mnist_conv_autoencoder"]
OF_SERIES = ["series", "jena", "waves_linear"]


def load(config: str, fraction: float, **settings: object) -> Splits:
    """The splits of a smoke config with this fraction."""
    given = [f"dataset.{key}={value}" for key, value in {"train_fraction": fraction, **settings}.items()]
    experiment = load_experiment(SMOKE / f"{config}.yaml", given)
    return experiment.dataset.load(Locations(None, lambda event: None, None, ()))


@pytest.mark.parametrize("config", [*DRAWN, *OF_SERIES])
def test_smaller_fractions_are_parts_of_larger_ones_and_the_other_splits_stay(config):
    whole, half, third = (load(config, fraction) for fraction in (1, 0.5, 0.3))
    assert set(third.train.index) < set(half.train.index) < set(whole.train.index)
    for part in (half, third):
        assert part.test_fingerprint() == whole.test_fingerprint()
        assert part.validation.fingerprint() == whole.validation.fingerprint()


@pytest.mark.parametrize("config", DRAWN)
def test_a_fraction_is_rounded_to_samples(config):
    assert len(load(config, 0.3).train) == round(0.3 * len(load(config, 1).train))


def test_classes_keep_their_shares():
    whole, part = (load("sequences", fraction).train for fraction in (1, 0.4))
    counts, of = Counter(part.targets.tolist()), Counter(whole.targets.tolist())
    assert all(abs(counts[each] - 0.4 * of[each]) <= 1 for each in of)


def test_another_split_seed_draws_others():
    first, second = (load("mnist_conv_autoencoder", 0.5, split_seed=seed, validation="test") for seed in (0, 1))
    assert set(first.train.index) != set(second.train.index)


def test_words_are_counted_in_what_is_trained_on():
    vocabulary = load("text", 0.05).spec.vocabulary
    assert vocabulary.size < load("text", 1).spec.vocabulary.size


def test_of_series_it_is_the_latest_rows_and_the_scaler_is_fitted_on_them(tmp_path):
    values = np.random.default_rng(0).normal(size=200).cumsum()
    frame = pd.DataFrame({"when": pd.date_range("2020-01-01", periods=200, freq="D"), "y": values})
    frame.to_csv(tmp_path / "y.csv", index=False)
    config = {
        "dataset": {"name": "series", "path": str(tmp_path / "y.csv"), "time": "when", "targets": ["y"]},
        "architecture": "linear",
        "trainer": "forecaster",
    }
    config["dataset"] |= {"lookback": 5, "horizon": 1, "train_fraction": 0.25}  # 120 of 200 rows are for training
    splits = load_experiment(config).dataset.load(Locations(None, lambda event: None, None, ()))
    assert splits.train.segments == ((90, 120),)
    assert splits.spec.target.offset == pytest.approx([frame["y"][90:120].mean()])
    assert splits.spec.target.scale == pytest.approx([frame["y"][90:120].std(ddof=0)])


def test_a_limit_of_windows_is_cut_by_the_fraction_too():
    assert [len(load("ridership", fraction, limit=50).train) for fraction in (1, 0.5, 0.1)] == [50, 25, 5]


def test_too_little_for_one_window_is_told():
    with pytest.raises(DataError, match=r"dataset.train_fraction: 0.001 of the training rows .* a window takes"):
        load("series", 0.001)
