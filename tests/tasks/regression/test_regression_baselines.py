"""What a regressor must beat: the mean, and scikit-learn's ridge on what the network sees."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import Ridge
from sklearn.preprocessing import StandardScaler

from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import NumbersTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.tasks.regression.baselines import PENALTIES, regression_baselines

WORDS = 30


def target_of(train):
    return NumbersTarget(("a", "b"), tuple(train.mean(axis=0)), tuple(train.std(axis=0)))


def split(inputs, targets):
    return Split(inputs, targets, np.arange(len(inputs)))


def of_values(random):
    weights = random.normal(size=(8, 2)) * [1, 1000]
    parts = []
    for count in (40, 20, 25):
        values = random.normal(3, 2, size=(count, 4, 2)).astype(np.float32)
        noise = random.normal(size=(count, 2)) * [1, 1000]
        parts.append(split(values, values.reshape(count, -1) @ weights + noise))
    spec = Spec((4, 2), target_of(parts[0].targets), values=Values(("x", "y"), (0.0, 0.0), (1.0, 1.0)))
    return Splits(spec, *parts)


def of_tokens(random):
    worth = random.normal(size=(WORDS, 2)) * [1, 50]
    parts = []
    for count in (60, 20, 25):
        tokens = random.integers(3, WORDS, (count, 6)).astype(np.int32)
        parts.append(split(tokens, worth[tokens].mean(axis=1) + 100))
    words = ("[PAD]", "[START]", "[UNK]", *(f"w{number}" for number in range(3, WORDS)))
    return Splits(Spec((6,), target_of(parts[0].targets), Vocabulary(WORDS, words, "given")), *parts)


def scaled(rows):
    scaler = StandardScaler().fit(rows[0].reshape(len(rows[0]), -1))
    return [scaler.transform(each.reshape(len(each), -1)) for each in rows]


def weighted(rows):
    texts = [[" ".join(map(str, row)) for row in each] for each in rows]
    vectorizer = TfidfVectorizer(sublinear_tf=True, token_pattern=r"\d+").fit(texts[0])
    return [vectorizer.transform(each) for each in texts]


@pytest.mark.parametrize(("make", "seen"), [(of_values, scaled), (of_tokens, weighted)], ids=["values", "tokens"])
def test_ridge_is_scikit_learns_with_the_penalty_that_validation_chooses(make, seen):
    splits = make(np.random.default_rng(1))
    parts = (splits.train, splits.validation, splits.test)
    train, validation, test = seen([part.inputs for part in parts])
    known, judged = (
        (part.targets - parts[0].targets.mean(axis=0)) / parts[0].targets.std(axis=0) for part in parts[:2]
    )
    errors = [((Ridge(alpha=a).fit(train, known).predict(validation) - judged) ** 2).mean() for a in PENALTIES]
    chosen = PENALTIES[int(np.argmin(errors))]
    expected = Ridge(alpha=chosen).fit(train, splits.train.targets).predict(test)
    np.testing.assert_allclose(regression_baselines(splits)["ridge"], expected, rtol=1e-3, atol=1e-2)


def test_the_mean_is_the_training_splits():
    splits = of_values(np.random.default_rng(2))
    mean = regression_baselines(splits)["mean"]
    assert mean.shape == splits.test.targets.shape
    np.testing.assert_allclose(mean, np.broadcast_to(splits.train.targets.mean(axis=0), mean.shape))


def test_nothing_of_the_test_split_is_learned_from():
    splits = of_values(np.random.default_rng(3))
    other = Splits(splits.spec, splits.train, splits.validation, split(splits.test.inputs, splits.test.targets * 9))
    for name, predicted in regression_baselines(splits).items():
        np.testing.assert_array_equal(predicted, regression_baselines(other)[name])


def test_inputs_of_an_unknown_kind_have_no_ridge():
    splits = of_values(np.random.default_rng(4))
    bare = Splits(Spec((4, 2), splits.spec.target), splits.train, splits.validation, splits.test)
    assert set(regression_baselines(bare)) == {"mean"}
