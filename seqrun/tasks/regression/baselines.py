"""What a regressor must beat: the mean of the training targets, and a linear model of words or of numbers."""

from __future__ import annotations

import numpy as np

from seqrun.components.splits import Split, Splits
from seqrun.components.targets import NumbersTarget
from seqrun.training.features import fitted_features

PENALTIES = (1e-2, 1e-1, 1.0, 10.0, 100.0, 1e3, 1e4)


def regression_baselines(splits: Splits[Split, NumbersTarget]) -> dict[str, np.ndarray]:
    """Return the predictions of every baseline for the test split, (samples, targets) float64 in original units.

    `ridge` is left out where it is not known what the inputs are.
    """
    found = {"mean": mean(splits.train.targets, len(splits.test))}
    readable = splits.spec.vocabulary is not None or splits.spec.values is not None
    return {**found, "ridge": ridge(splits)} if readable else found


def mean(train_targets: np.ndarray, samples: int) -> np.ndarray:
    """Return the mean of the training targets for each of the samples, (samples, targets)."""
    return np.tile(train_targets.mean(axis=0), (samples, 1))


def ridge(splits: Splits[Split, NumbersTarget]) -> np.ndarray:
    """Return what ridge regression on what the network sees predicts of the test split (Hoerl and Kennard, 1970).

    scikit-learn's `Ridge`, on TF-IDF weights of token ids or on standardised numbers (see `training.features`). Of the
    penalties the one is taken that has the least squared error on the validation split, of targets scaled to
    deviation 1, so that each counts alike; the weights are learned from the training split alone.
    """
    from sklearn.linear_model import Ridge

    spec, train, validation = splits.spec, splits.train, splits.validation
    features, learned = fitted_features(train.inputs, spec)
    rows, known = features.rows(train.inputs[learned]).astype(np.float64), scaled(train.targets, spec.target)
    judged, truth = features.rows(validation.inputs), scaled(validation.targets, spec.target)
    models = [Ridge(alpha=penalty).fit(rows, known[learned]) for penalty in PENALTIES]
    errors = [((model.predict(judged).reshape(truth.shape) - truth) ** 2).mean() for model in models]
    predicted = models[int(np.argmin(errors))].predict(features.rows(splits.test.inputs))
    return spec.target.original(predicted.reshape(splits.test.targets.shape))


def scaled(targets: np.ndarray, target: NumbersTarget) -> np.ndarray:
    """Return targets (samples, targets) with mean 0 and deviation 1 on the training split, float64."""
    return (targets - np.asarray(target.offset)) / np.asarray(target.scale)
