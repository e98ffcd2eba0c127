"""What an autoencoder must beat is what scikit-learn and plain sums make of the same samples."""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.decomposition import PCA

from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import Reconstruction
from seqrun.tasks.reconstruction.baselines import fitted_pca, reconstruction_baselines

TIME, FEATURES = 6, 3


def make_splits(*, padded, samples=120, rank=4, classes=("a", "b"), noise=0.1):
    """Samples near a plane of that rank, with a large mean; ragged if `padded`."""
    random = np.random.default_rng(0)
    factors = random.normal(size=(samples, rank))
    inputs = 50 + factors @ random.normal(size=(rank, TIME * FEATURES)) + noise * random.normal(size=(samples, 18))
    inputs = inputs.reshape(samples, TIME, FEATURES).astype(np.float32)
    if padded:
        lengths = random.integers(2, TIME + 1, samples)
        inputs[np.arange(TIME) >= lengths[:, None]] = PADDING
    targets = (factors[:, 0] > 0).astype(np.int32) if classes else np.zeros((samples, 0), np.int32)
    spec = Spec((TIME, FEATURES), Reconstruction(classes), values=Values(("x", "y", "z"), (0.0,) * 3, (1.0,) * 3))
    parts = (slice(0, 80), slice(80, 80), slice(80, None))
    return Splits(spec, *(Split(inputs[part], targets[part], np.arange(samples)[part]) for part in parts))


@pytest.mark.parametrize("padded", [False, True])
def test_baselines_are_the_mean_sample_and_scikit_learns_pca_of_real_values(padded):
    splits = make_splits(padded=padded)
    baselines = reconstruction_baselines(splits, latent_dim=3)
    train, test = (np.where(split == PADDING, np.nan, split) for split in (splits.train.inputs, splits.test.inputs))
    mean = np.nanmean(train.astype(np.float64), axis=0)
    assert baselines["mean_sample"]["reconstruction_mse"] == pytest.approx(np.nanmean((test - mean) ** 2), rel=1e-4)

    filled = [np.where(np.isnan(part), mean, part).reshape(len(part), -1) for part in (train, test)]
    pca = PCA(3, svd_solver="full").fit(filled[0])
    again = pca.inverse_transform(pca.transform(filled[1])).reshape(test.shape)
    assert baselines["pca"]["reconstruction_mse"] == pytest.approx(np.nanmean((test - again) ** 2), rel=1e-3)

    codes = [pca.transform(rows) for rows in filled]
    nearest = ((codes[1][:, None] - codes[0]) ** 2).sum(axis=-1).argmin(axis=1)
    agreement = (splits.train.targets[nearest] == splits.test.targets).mean()
    assert baselines["pca"]["neighbour_agreement"] == pytest.approx(agreement)


def test_a_step_that_only_test_samples_have_is_met_by_the_mean_of_all_steps():
    splits = make_splits(padded=True, classes=())
    splits.train.inputs[:, -1] = PADDING
    errors = splits.test.inputs.astype(np.float64)
    train = np.where(splits.train.inputs == PADDING, np.nan, splits.train.inputs).astype(np.float64)
    errors[:, :-1] -= np.nanmean(train[:, :-1], axis=0)
    errors[:, -1] -= np.nanmean(train, axis=(0, 1))
    expected = np.mean(errors[splits.test.inputs != PADDING] ** 2)
    baselines = reconstruction_baselines(splits, latent_dim=2)
    assert baselines["mean_sample"]["reconstruction_mse"] == pytest.approx(expected, rel=1e-4)
    assert set(baselines["pca"]) == {"reconstruction_mse"}


@pytest.mark.parametrize(("rank", "noise", "latent_dim"), [(2, 0.0, 4), (4, 0.1, 18), (4, 0.1, 500)])
def test_a_pca_as_wide_as_the_samples_makes_no_error(rank, noise, latent_dim):
    splits = make_splits(padded=False, rank=rank, noise=noise)
    assert reconstruction_baselines(splits, latent_dim)["pca"]["reconstruction_mse"] == 0


def test_many_columns_are_projected_at_random_but_always_in_the_same_way():
    rows = np.random.default_rng(0).normal(size=(30, 2500)).astype(np.float32)
    first, second = fitted_pca(rows, 40), fitted_pca(rows, 40)
    assert first.n_components_ == 30
    np.testing.assert_array_equal(first.components_, second.components_)


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("alone", [True, False])
def test_a_pca_of_one_sample_or_of_equal_ones_is_no_worse_than_their_mean(alone):
    splits = make_splits(padded=False, classes=())
    first = splits.train.inputs[:1] if alone else np.repeat(splits.train.inputs[:1], 5, axis=0)
    train = Split(first, np.zeros((len(first), 0), np.int32), np.arange(len(first)))
    baselines = reconstruction_baselines(replace(splits, train=train), latent_dim=3)
    expected = np.mean((splits.test.inputs - first[0].astype(np.float64)) ** 2)
    assert baselines["mean_sample"]["reconstruction_mse"] == pytest.approx(expected, rel=1e-4)
    assert baselines["pca"]["reconstruction_mse"] <= baselines["mean_sample"]["reconstruction_mse"]
