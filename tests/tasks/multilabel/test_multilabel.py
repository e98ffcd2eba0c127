"""The multi-label trainer: what it learns, chooses on validation, and leaves of a run."""

from __future__ import annotations

import json

import keras
import numpy as np
import pytest
from sklearn import metrics as sk
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from seqrun.components.session import Session
from seqrun.components.splits import Spec, Split, Splits, Values
from seqrun.components.targets import LabelsTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.errors import UsageError
from seqrun.tasks.multilabel.trainer import Multilabel

NAMES, TIME, WORDS = ("a", "b", "c"), 8, 30
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.UndefinedMetricWarning")


def texts(count, seed):
    """Token ids of which 3, 4, 5 mostly tell the labels a, b, c."""
    random = np.random.default_rng(seed)
    tokens = random.integers(6, WORDS, (count, TIME))
    targets = (random.random((count, 3)) < [0.6, 0.4, 0.2]).astype(np.int32)
    for number in range(3):
        told = (targets[:, number] == 1) ^ (random.random(count) < 0.1)
        tokens[told, number] = 3 + number
    return Split(tokens.astype(np.int32), targets, np.arange(count))


def text_splits(**parts):
    words = ("[PAD]", "[START]", "[UNK]", *(f"w{number}" for number in range(3, WORDS)))
    made = {"train": texts(150, 0), "validation": texts(60, 1), "test": texts(70, 2), **parts}
    return Splits(Spec((TIME,), LabelsTarget(NAMES), Vocabulary(WORDS, words, "given")), **made)


def numbers(count, seed):
    random = np.random.default_rng(seed)
    inputs = random.normal(size=(count, TIME, 2)).astype(np.float32)
    targets = np.stack([inputs[:, 0, 0] > 0, inputs[:, 1, 1] > 0.5, inputs[:, :, 0].mean(1) > 0.2], axis=1)
    return Split(inputs, targets.astype(np.int32), np.arange(count))


def number_splits():
    values = Values(("u", "v"), (0.0, 0.0), (1.0, 1.0))
    return Splits(
        Spec((TIME, 2), LabelsTarget(NAMES), values=values), *(numbers(n, s) for s, n in enumerate((150, 60, 70)))
    )


def network(spec, last="sigmoid", units=3):
    keras.utils.set_random_seed(3)
    inputs = keras.Input(spec.input_shape, dtype="int32" if spec.vocabulary else "float32")
    x = keras.layers.Embedding(WORDS, 8)(inputs) if spec.vocabulary else inputs
    x = keras.layers.GlobalMaxPooling1D()(x)
    return keras.Model(inputs, keras.layers.Dense(units, activation=last)(x))


def fit(splits, model=None, epochs=4, batch_size=15):
    rows, model = [], model or network(splits.spec)
    settings = {"epochs": epochs, "batch_size": batch_size, "optimizer": {"name": "adam", "learning_rate": 0.03}}
    session = Session(1, lambda event: None, save_row=rows.append)
    return Multilabel(**settings).fit(model, splits, session), rows, model


@pytest.fixture(scope="module")
def trained():
    splits = text_splits()
    return splits, *fit(splits)


def scikit_learns(targets, predicted):
    return {
        "micro_f1": sk.f1_score(targets, predicted, average="micro"),
        "macro_f1": sk.f1_score(targets, predicted, average="macro", zero_division=np.nan),
        "subset_accuracy": sk.accuracy_score(targets, predicted),
        "hamming_loss": sk.hamming_loss(targets, predicted),
    }


def test_metrics_are_scikit_learns_of_the_networks_outputs(trained):
    splits, outcome, rows, model = trained
    for name, split in (("validation", splits.validation), ("test", splits.test)):
        outputs, values = model.predict(split.inputs, verbose=0).astype(np.float64), outcome.metrics[name]
        for metric, expected in scikit_learns(split.targets, outputs > 0.5).items():
            assert values[metric] == pytest.approx(expected)
        expected = sk.average_precision_score(split.targets, outputs)  # where rounding may break ties otherwise
        assert values["average_precision"] == pytest.approx(expected, abs=2e-3)
        by_label = [sk.log_loss(split.targets[:, n], outputs[:, n]) for n in range(3)]
        assert values["log_loss"] == pytest.approx(np.mean(by_label))
        assert values["loss"] == pytest.approx(values["log_loss"], abs=1e-5)
    assert outcome.metrics["validation"]["micro_f1"] == pytest.approx(rows[outcome.best_epoch - 1]["val_micro_f1"])


def test_thresholds_come_from_validation_and_are_used_on_test(trained):
    splits, outcome, _, model = trained
    kept = json.loads(outcome.artifacts["thresholds.json"])
    validation = model.predict(splits.validation.inputs, verbose=0)
    for number, name in enumerate(NAMES):
        precision, recall, steps = sk.precision_recall_curve(
            splits.validation.targets[:, number], validation[:, number]
        )
        f1 = 2 * precision * recall / (precision + recall + 1e-12)
        chosen = steps[:][np.isclose(f1[:-1], f1[:-1].max())].max()
        assert kept[name] == pytest.approx(chosen, abs=1e-6)
        assert outcome.details["labels"][name]["threshold"] == kept[name]
    test = outcome.predictions["predictions"] >= np.array([kept[name] for name in NAMES])
    for metric, expected in scikit_learns(splits.test.targets, test).items():
        assert outcome.metrics["test"][f"{metric}_at_thresholds"] == pytest.approx(expected)
    expected = sk.precision_recall_fscore_support(splits.test.targets, test, zero_division=np.nan)
    for number, name in enumerate(NAMES):
        scores = outcome.details["labels"][name]
        for key, values in zip(("precision", "recall", "f1", "support"), expected, strict=True):
            assert scores[key] == pytest.approx(values[number], nan_ok=True)


def test_the_loss_is_the_mean_over_labels_of_binary_cross_entropy():
    splits = text_splits()
    model = network(splits.spec)
    outputs = model.predict(splits.train.inputs, verbose=0).astype(np.float64)
    _, [row], _ = fit(splits, model, epochs=1, batch_size=len(splits.train))  # one step, measured before it is taken
    by_label = [sk.log_loss(*pair) for pair in zip(splits.train.targets.T, outputs.T, strict=True)]
    assert row["loss"] == pytest.approx(np.mean(by_label), rel=1e-5)


def test_what_is_kept_of_the_test_split(trained):
    splits, outcome, _, model = trained
    np.testing.assert_array_equal(outcome.predictions["targets"], splits.test.targets)
    np.testing.assert_array_equal(outcome.predictions["index"], splits.test.index)
    np.testing.assert_allclose(
        outcome.predictions["predictions"], model.predict(splits.test.inputs, verbose=0), atol=1e-6
    )
    assert set(outcome.figures) == {"loss", "metrics", "learning_rate", "label_scores", "precision_recall"}
    examples = json.loads(outcome.artifacts["examples.json"])
    assert len(examples) == 6
    for example in examples:
        true = splits.test.targets[example["row"]]
        assert example["labels"] == [name for name, there in zip(NAMES, true, strict=True) if there]


def test_label_frequencies_by_hand(trained):
    splits, outcome, *_ = trained
    found, frequencies = outcome.baselines["label_frequencies"], splits.train.targets.mean(axis=0)
    targets = splits.test.targets
    constant = np.tile(frequencies, (len(targets), 1))
    assert found["average_precision"] == pytest.approx(targets.mean(axis=0).mean())  # its own share, for each label
    assert found["log_loss"] == pytest.approx(sk.log_loss(targets.ravel(), constant.ravel()))
    assert found["micro_f1"] == pytest.approx(sk.f1_score(targets, constant > 0.5, average="micro"))
    # With one probability for all samples a label is best predicted of each of them.
    assert found["micro_f1_at_thresholds"] == pytest.approx(
        sk.f1_score(targets, np.ones_like(targets), average="micro")
    )


def check_baseline(found, splits, validation, test):
    targets = splits.test.targets
    assert found["average_precision"] == pytest.approx(sk.average_precision_score(targets, test), abs=1e-3)
    assert found["log_loss"] == pytest.approx(sk.log_loss(targets.ravel(), test.ravel()), abs=1e-3)
    assert found["micro_f1"] == pytest.approx(sk.f1_score(targets, test > 0.5, average="micro"))
    steps = []
    for hits, scores in zip(splits.validation.targets.T, validation.T, strict=True):
        f1 = {step: sk.f1_score(hits, scores >= step) for step in np.unique(scores)}
        steps.append(max(f1, key=lambda step: (round(f1[step], 9), step)))
    assert found["micro_f1_at_thresholds"] == pytest.approx(
        sk.f1_score(targets, test >= np.array(steps), average="micro")
    )


def logistic_oracle(rows, splits, iterations):
    """(samples, labels) probabilities of validation and test, by a scikit-learn model for each label."""
    models = [LogisticRegression(max_iter=iterations).fit(rows["train"], column) for column in splits.train.targets.T]
    return [np.stack([each.predict_proba(rows[name])[:, 1] for each in models], 1) for name in ("validation", "test")]


def test_tfidf_logistic_is_scikit_learns_for_each_label(trained):
    splits, outcome, *_ = trained
    words = {name: [" ".join(f"w{token}" for token in row) for row in getattr(splits, name).inputs]
             for name in ("train", "validation", "test")}  # fmt: skip
    vectorizer = TfidfVectorizer(analyzer=str.split, sublinear_tf=True).fit(words["train"])
    rows = {name: vectorizer.transform(texts) for name, texts in words.items()}
    check_baseline(outcome.baselines["tfidf_logistic"], splits, *logistic_oracle(rows, splits, 1000))
    assert list(outcome.baselines) == ["label_frequencies", "tfidf_logistic"]


def test_logistic_of_numbers_is_scikit_learns_for_each_label():
    splits = number_splits()
    outcome, *_ = fit(splits, epochs=1)
    flat = {name: getattr(splits, name).inputs.reshape(-1, TIME * 2) for name in ("train", "validation", "test")}
    scaler = StandardScaler().fit(flat["train"])
    rows = {name: scaler.transform(values) for name, values in flat.items()}
    check_baseline(outcome.baselines["logistic"], splits, *logistic_oracle(rows, splits, 30))
    assert set(outcome.artifacts) == {"thresholds.json"}  # no texts to show
    assert any("loses to the baseline logistic: test average_precision" in each for each in outcome.warnings)


def test_skill_is_the_share_of_the_baselines_lack_of_precision_that_is_avoided(trained):
    _, outcome, *_ = trained
    lacks = [1 - each["average_precision"] for each in outcome.baselines.values()]
    assert outcome.skill == pytest.approx(1 - (1 - outcome.metrics["test"]["average_precision"]) / min(lacks))


def test_a_label_that_a_split_lacks_costs_no_run():
    train, validation, test = texts(150, 0), texts(60, 1), texts(70, 2)
    train.targets[:, 0], validation.targets[:, 1], test.targets[:, 2] = 0, 0, 0
    outcome, *_ = fit(text_splits(train=train, validation=validation, test=test), epochs=1)
    assert (
        "no validation sample has 1 label (b), so that no threshold could be chosen there: it is 0.5"
        in outcome.warnings
    )
    assert json.loads(outcome.artifacts["thresholds.json"])["b"] == 0.5
    assert np.isnan(outcome.details["labels"]["c"]["average_precision"])
    assert np.isfinite(outcome.metrics["test"]["average_precision"])
    assert np.isfinite(outcome.baselines["tfidf_logistic"]["average_precision"])


def test_networks_of_another_shape_or_without_probabilities_are_refused():
    splits = text_splits()
    with pytest.raises(UsageError, match=r"shape \(None, 2\); 3 labels want \(None, 3\)"):
        fit(splits, network(splits.spec, units=2))
    with pytest.raises(UsageError, match="wants activation='sigmoid'"):
        fit(splits, network(splits.spec, last="linear"))
