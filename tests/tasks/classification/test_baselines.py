"""Baselines are what scikit-learn makes of the same data."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, log_loss, roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Split, Values
from seqrun.components.targets import ClassTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.tasks.classification.baselines import linear, majority

pytestmark = pytest.mark.filterwarnings("error")
WORDS = 60
TWO, THREE = ("negative", "positive"), ("a", "b", "c")


def tfidf_logistic(train, test, size, classes):
    spec = Spec(train.inputs.shape[1:], ClassTarget(classes), Vocabulary(size, None))
    [(name, metrics)] = linear(train, test, spec).items()
    assert name == "tfidf_logistic"
    return metrics


def logistic(train, test, classes):
    values = Values(("a", "b"), (0.0, 0.0), (1.0, 1.0))
    [(name, metrics)] = linear(train, test, Spec(train.inputs.shape[1:], ClassTarget(classes), values=values)).items()
    assert name == "logistic"
    return metrics


def reviews(classes, seed, samples=400, time=20):
    """Token ids (samples, time), padded at the front, in which some words are more frequent in some classes."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, samples).astype(np.int32)
    tokens = random.integers(3, WORDS, (samples, time))
    hinted = random.random((samples, time)) < 0.15
    tokens[hinted] = (3 + 4 * targets[:, None] + random.integers(0, 4, (samples, time)))[hinted]
    tokens[random.random((samples, time)) < 0.1] = 2
    lengths = random.integers(1, time + 1, samples)
    tokens[np.arange(time) < time - lengths[:, None]] = 0
    tokens[np.arange(time) == time - lengths[:, None]] = 1
    return Split(tokens.astype(np.int32), targets, np.arange(samples))


def sklearn_probabilities(train, test):
    """The same model from texts: each id a word, the special ones left out."""

    def texts(split):
        return [" ".join(str(token) for token in row if token > 2) for row in split.inputs]

    vectorizer = TfidfVectorizer(analyzer=str.split, sublinear_tf=True)
    model = LogisticRegression(max_iter=1000).fit(vectorizer.fit_transform(texts(train)), train.targets)
    return model.predict_proba(vectorizer.transform(texts(test)))


def test_majority_is_scikit_learns_prior():
    train, test = np.repeat([0, 1, 2], [20, 50, 30]), np.array([0, 1, 1, 2, 2, 2])
    dummy = DummyClassifier(strategy="prior").fit(np.zeros((100, 1)), train)
    values = majority(train, test, THREE)
    assert values["accuracy"] == pytest.approx(accuracy_score(test, dummy.predict(np.zeros((6, 1)))))
    assert values["log_loss"] == pytest.approx(log_loss(test, dummy.predict_proba(np.zeros((6, 1)))))
    assert values["auc"] == 0.5


def test_majority_of_two_classes_predicts_the_more_frequent_one():
    values = majority(np.array([1, 1, 0]), np.array([1, 1, 1, 0]), TWO)
    assert values["accuracy"] == 0.75
    assert values["log_loss"] == pytest.approx(log_loss([1, 1, 1, 0], [2 / 3] * 4))


@pytest.mark.parametrize("classes", [TWO, THREE])
def test_tfidf_logistic_is_scikit_learns_on_the_same_words(classes):
    train, test = reviews(len(classes), seed=0), reviews(len(classes), seed=1, samples=300)
    expected = sklearn_probabilities(train, test)
    values = tfidf_logistic(train, test, WORDS, classes)
    scores = expected[:, 1] if len(classes) == 2 else expected
    assert values["auc"] == pytest.approx(roc_auc_score(test.targets, scores, multi_class="ovr"), abs=1e-3)
    assert values["log_loss"] == pytest.approx(log_loss(test.targets, expected), abs=1e-3)
    assert values["accuracy"] == pytest.approx(accuracy_score(test.targets, expected.argmax(axis=1)), abs=0.01)
    assert values["accuracy"] > 1.3 / len(classes)


def test_tfidf_logistic_does_not_see_padding_start_and_unknown():
    train, test = reviews(2, seed=0), reviews(2, seed=1)
    # The special tokens give the class away: only a model that counted them would be right.
    for split in (train, test):
        special = split.inputs < 3
        split.inputs[special] = np.broadcast_to(2 * split.targets[:, None], special.shape)[special]
        split.inputs[~special] = 3
    assert tfidf_logistic(train, test, WORDS, TWO)["auc"] == pytest.approx(0.5, abs=0.15)


def test_tfidf_logistic_is_the_same_each_time():
    train, test = reviews(2, seed=0), reviews(2, seed=1)
    assert tfidf_logistic(train, test, WORDS, TWO) == tfidf_logistic(train, test, WORDS, TWO)


def test_a_class_that_training_lacks_is_given_no_probability():
    train, test = reviews(2, seed=0), reviews(3, seed=1)
    values = tfidf_logistic(train, test, WORDS, THREE)
    assert values["accuracy"] < 1 - np.mean(test.targets == 2) + 1e-9
    assert values["log_loss"] > 5


def test_training_on_one_class_alone_is_the_majority():
    train, test = reviews(1, seed=0), reviews(2, seed=1)
    assert tfidf_logistic(train, test, WORDS, TWO) == majority(train.targets, test.targets, TWO)


def series(samples, seed, classes, time=5, features=2):
    """Samples of numbers of unequal length, whose classes lie apart, and one feature that never changes."""
    random = np.random.default_rng(seed)
    targets = random.integers(0, classes, samples).astype(np.int32)
    inputs = 100 * targets[:, None, None] + 120 * random.normal(size=(samples, time, features))
    inputs[:, :, 1] = 7
    inputs[np.arange(time) >= random.integers(2, time + 1, samples)[:, None]] = PADDING
    return Split(inputs.astype(np.float32), targets, np.arange(samples))


@pytest.mark.parametrize("classes", [2, 3])
def test_logistic_is_scikit_learns_regression_on_standardised_values(classes):
    train, test = series(300, 1, classes), series(120, 2, classes)
    known = [np.where(split.inputs == PADDING, np.nan, split.inputs) for split in (train, test)]
    rows = [np.where(np.isnan(part), np.nanmean(known[0], axis=0), part).reshape(len(part), -1) for part in known]
    model = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(rows[0], train.targets)
    probabilities = model.predict_proba(rows[1])
    metrics = logistic(train, test, ("a", "b", "c")[:classes])
    assert metrics["accuracy"] == pytest.approx(accuracy_score(test.targets, probabilities.argmax(axis=1)))
    assert metrics["accuracy"] > 0.55
    assert metrics["log_loss"] == pytest.approx(log_loss(test.targets, probabilities), rel=2e-3)


def test_logistic_learns_from_a_draw_where_there_are_too_many_numbers(monkeypatch):
    monkeypatch.setattr("seqrun.training.features.MOST_NUMBERS", 100 * 10)
    train, test = series(300, 1, 2), series(120, 2, 2)
    assert logistic(train, test, TWO) == logistic(train, test, TWO)
    assert logistic(train, test, TWO) != logistic(series(100, 1, 2), test, TWO)


def test_logistic_of_one_class_is_the_majority():
    train, test = series(30, 1, 1), series(20, 2, 2)
    assert logistic(train, test, TWO) == majority(train.targets, test.targets, TWO)
