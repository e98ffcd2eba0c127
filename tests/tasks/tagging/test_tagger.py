"""The tagger: each real step counts once, padding nowhere, and what it leaves of a run."""

import json

import keras
import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from seqrun.components.padding import NO_TAG, PADDING
from seqrun.components.session import Session
from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import TagTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.errors import UsageError
from seqrun.tasks.tagging.trainer import Tagger

TAGS, TIME, WORDS = ("O", "B-X", "I-X", "V"), 7, 20


def padded(lengths, time, seed, features=None):
    """Samples of those lengths: the tag follows from this token and the one before."""
    random = np.random.default_rng(seed)
    real = np.arange(time) < np.asarray(lengths)[:, None]
    tokens = random.integers(3, WORDS, real.shape)
    before = np.pad(tokens, ((0, 0), (1, 0)))[:, :-1]
    tags = np.where(tokens % 2, 0, 1 + (before % 2) + (tokens % 5 == 0))
    targets = np.where(real, tags, NO_TAG).astype(np.int32)
    if features is None:
        return Split(np.where(real, tokens, 0).astype(np.int32), targets, np.arange(len(lengths)))
    values = random.normal(tags[..., None], 1.0, (*real.shape, features))
    return Split(np.where(real[..., None], values, PADDING).astype(np.float32), targets, np.arange(len(lengths)))


def make_splits(time=TIME, features=None):
    random = np.random.default_rng(0)
    parts = [
        padded(random.integers(1, TIME + 1, count), time, seed, features) for seed, count in enumerate((60, 25, 30))
    ]
    if features is None:
        words = ("[PAD]", "[START]", "[UNK]", *(f"w{number}" for number in range(3, WORDS)))
        return Splits(Spec((time,), TagTarget(TAGS), Vocabulary(WORDS, words, "given")), *parts)
    values = Values(("a",) * features, (0.0,) * features, (1.0,) * features, padded=True)
    return Splits(Spec((time, features), TagTarget(TAGS), values=values), *parts)


def longer(splits, more):
    """The same samples with more padding."""

    def stretch(split):
        fill = [np.pad(array, ((0, 0), (0, more)), constant_values=value) for array, value in
                ((split.inputs, 0), (split.targets, NO_TAG))]  # fmt: skip
        return Split(*fill, split.index)

    spec = Spec((splits.spec.input_shape[0] + more,), splits.spec.target, splits.spec.vocabulary)
    return Splits(spec, *map(stretch, (splits.train, splits.validation, splits.test)))


def network(spec, last="softmax", mask=True):
    keras.utils.set_random_seed(3)
    inputs = keras.Input(spec.input_shape, dtype="int32" if spec.vocabulary else "float32")
    x = (
        keras.layers.Embedding(WORDS, 6, mask_zero=mask)(inputs)
        if spec.vocabulary
        else keras.layers.Masking(PADDING)(inputs)
    )
    x = keras.layers.Dense(6, activation="tanh")(x)
    return keras.Model(inputs, keras.layers.Dense(len(TAGS), activation=last)(x))


def fit(splits, model=None, epochs=2):
    rows, told = [], []
    trainer = Tagger(epochs=epochs, batch_size=20, optimizer={"name": "adam", "learning_rate": 0.02})
    model = model or network(splits.spec)
    outcome = trainer.fit(model, splits, Session(1, told.append, save_row=rows.append))
    return outcome, rows, model


@pytest.fixture(scope="module")
def trained():
    splits = make_splits()
    return splits, *fit(splits)


def real_steps(split, probabilities):
    real = split.targets != NO_TAG
    return split.targets[real], probabilities[real].astype(np.float64)


def test_metrics_are_scikit_learns_of_the_real_steps(trained):
    splits, outcome, _, model = trained
    for name, split in (("validation", splits.validation), ("test", splits.test)):
        true, probabilities = real_steps(split, model.predict(split.inputs, verbose=0))
        predicted, values = probabilities.argmax(axis=1), outcome.metrics[name]
        assert values["accuracy"] == pytest.approx(sk.accuracy_score(true, predicted))
        assert values["f1"] == pytest.approx(sk.f1_score(true, predicted, average="macro"))
        assert values["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(true, predicted))
        assert values["log_loss"] == pytest.approx(-np.log(probabilities[np.arange(len(true)), true]).mean(), abs=1e-5)
        assert values["loss"] == pytest.approx(values["log_loss"], abs=1e-5)


def test_each_tag_has_scikit_learns_scores(trained):
    splits, outcome, _, model = trained
    true, probabilities = real_steps(splits.test, model.predict(splits.test.inputs, verbose=0))
    expected = sk.precision_recall_fscore_support(
        true, probabilities.argmax(axis=1), labels=range(4), zero_division=np.nan
    )
    for number, tag in enumerate(TAGS):
        for score, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
            assert outcome.details["tags"][tag][score] == pytest.approx(values[number], nan_ok=True)


def test_padding_changes_nothing(trained):
    """Loss, gradients and metrics of every epoch are those of the same samples with as much padding again."""
    splits, outcome, rows, _ = trained
    again, other_rows, _ = fit(longer(splits, 7))
    for row, other in zip(rows, other_rows, strict=True):
        for name in ("loss", "val_loss", "accuracy", "val_f1", "val_log_loss"):
            assert row[name] == pytest.approx(other[name], abs=1e-5)
    for split in ("validation", "test"):
        assert outcome.metrics[split] == pytest.approx(again.metrics[split], abs=1e-5, nan_ok=True)
    assert outcome.baselines.keys() == again.baselines.keys()
    for name, values in outcome.baselines.items():
        assert values == pytest.approx(again.baselines[name], nan_ok=True)


def test_the_networks_own_mask_weighs_nothing_anew():
    """With and without a mask a dense layer says the same of a step, and so does the loss."""
    splits = make_splits()
    one, other = (fit(splits, network(splits.spec, mask=mask))[1] for mask in (True, False))
    assert [row["val_loss"] for row in one] == pytest.approx([row["val_loss"] for row in other], abs=1e-5)


def test_what_is_kept_of_the_test_split(trained):
    splits, outcome, _, model = trained
    kept = outcome.predictions
    np.testing.assert_array_equal(kept["targets"], splits.test.targets)
    np.testing.assert_allclose(kept["predictions"], model.predict(splits.test.inputs, verbose=0), atol=1e-6)
    assert set(outcome.figures) == {
        "loss", "metrics", "learning_rate", "confusion_matrix", "tag_f1"
    }  # fmt: skip
    for example in json.loads(outcome.artifacts["examples.json"]):
        number = example["row"]
        real = splits.test.targets[number] != NO_TAG
        assert example["targets"] == [TAGS[tag] for tag in splits.test.targets[number][real]]
        assert example["tokens"] == [f"w{token}" for token in splits.test.inputs[number][real]]
        assert example["predictions"] == [TAGS[tag] for tag in kept["predictions"][number][real].argmax(axis=1)]


def test_spans_are_scored_where_tags_mark_them(trained):
    splits, outcome, *_ = trained
    assert "span_f1" not in outcome.metrics["test"]
    names = TagTarget(("O", "B-X", "I-X", "S-Y"))
    spec = Spec(splits.spec.input_shape, names, splits.spec.vocabulary)
    spanned, *_ = fit(Splits(spec, splits.train, splits.validation, splits.test), epochs=1)
    assert {"span_f1", "span_precision", "span_recall"} <= spanned.metrics["test"].keys()
    assert set(spanned.details["spans"]) <= {"X", "Y"}
    assert "span_f1" in spanned.figures
    assert "span_f1" in spanned.baselines["token_majority"]


def test_baselines_of_tokens_by_hand():
    """w3 is mostly B-X and w4 once each O and B-X, where O is the more frequent of all; w5 is never seen."""
    train = Split(
        np.array([[3, 3, 3], [4, 4, 6], [6, 0, 0]]), np.array([[1, 1, 0], [0, 1, 0], [0, -1, -1]]), np.arange(3)
    )
    test = Split(np.array([[3, 4, 5, 0]]), np.array([[1, 0, 2, -1]]), np.arange(1))
    train = Split(*(np.pad(array, ((0, 0), (0, 1)), constant_values=fill) for array, fill in
                    ((train.inputs, 0), (train.targets, -1))), train.index)  # fmt: skip
    outcome, *_ = fit(Splits(Spec((4,), TagTarget(TAGS), make_splits().spec.vocabulary), train, test, test), epochs=1)
    token, majority = outcome.baselines["token_majority"], outcome.baselines["majority"]
    assert token["accuracy"] == pytest.approx(2 / 3)
    assert majority["accuracy"] == pytest.approx(1 / 3)
    given = [(2 + 3 / 7) / 4, (1 + 4 / 7) / 3, np.finfo(float).eps]
    assert token["log_loss"] == pytest.approx(-np.log(given).mean())
    best = max(token["accuracy"], majority["accuracy"])
    assert outcome.skill == pytest.approx(1 - (1 - outcome.metrics["test"]["accuracy"]) / (1 - best))


def test_the_baseline_of_values_is_scikit_learns_on_each_step():
    splits = make_splits(features=3)
    outcome, *_ = fit(splits, epochs=1)
    assert outcome.baselines.keys() == {"majority", "logistic"}
    learned, real = splits.train.targets != NO_TAG, splits.test.targets != NO_TAG
    scaler = StandardScaler().fit(splits.train.inputs[learned])
    model = LogisticRegression(max_iter=1000)
    model.fit(scaler.transform(splits.train.inputs[learned]), splits.train.targets[learned])
    features, true = scaler.transform(splits.test.inputs[real]), splits.test.targets[real]
    logistic = outcome.baselines["logistic"]
    assert logistic["accuracy"] == pytest.approx(model.score(features, true))
    assert logistic["log_loss"] == pytest.approx(sk.log_loss(true, model.predict_proba(features)), abs=1e-6)
    assert logistic["accuracy"] > outcome.baselines["majority"]["accuracy"]
    assert not outcome.artifacts


def test_networks_of_another_shape_or_without_probabilities_are_refused():
    splits = make_splits()
    inputs = keras.Input((TIME,), dtype="int32")
    whole = keras.Model(inputs, keras.layers.Dense(4)(keras.layers.Flatten()(keras.layers.Embedding(WORDS, 2)(inputs))))
    with pytest.raises(UsageError, match=r"shape \(None, 4\); 4 tags at each of 7 steps want \(None, 7, 4\)"):
        fit(splits, whole)
    with pytest.raises(UsageError, match="wants activation='softmax'"):
        fit(splits, network(splits.spec, last="relu"))
