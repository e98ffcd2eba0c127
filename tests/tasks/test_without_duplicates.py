"""Test samples that also stand in training or validation: every task measures without them too; scikit-learn judges."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import arrays_of, run_command, train_sections
from sklearn import metrics as sk

from seqrun.components.padding import NO_TAG

pytestmark = pytest.mark.usefixtures("undrawn_plots")
RNG = np.random.default_rng(0)
LAYERS = [{"name": "Embedding", "output_dim": 4}]
TAGGER = {"name": "sequential", "layers": LAYERS}
DIFFERENT, COUNT = 60, 100  # texts from DIFFERENT on repeat the first ones
WORDS = [f"w{n} w{n % 7} w{n % 5}" for n in range(DIFFERENT)]
TEXTS = [WORDS[n % DIFFERENT] for n in range(COUNT)]


def trained(folder: Path, dataset: dict, trainer: str) -> tuple[dict, dict[str, np.ndarray], list[str]]:
    """Return metrics.json, predictions.npz and the warnings of a run."""
    architecture = TAGGER if trainer == "tagger" else {"name": "bag_of_words", "embedding_dim": 4}
    run = train_sections(folder, dataset, architecture, {"name": trainer, "epochs": 1})
    warnings = json.loads((run / "run.json").read_text())["warnings"]
    return json.loads((run / "metrics.json").read_text()), arrays_of(run / "predictions.npz"), warnings


def alone(index: np.ndarray) -> np.ndarray:
    """Whether each test row's text is in no other row: as its twin is not in the test split, it is elsewhere."""
    return np.array([sum(TEXTS[other] == TEXTS[row] for other in set(range(COUNT)) - {*index.tolist()}) == 0
                     for row in index.tolist()])  # fmt: skip


def table(folder: Path, **columns) -> dict:
    pd.DataFrame({"body": TEXTS, **columns}).to_csv(folder / "t.csv", index=False)
    return {"name": "text", "path": "t.csv", "text": "body", "max_len": 4, "splits": [0.5, 0.1, 0.4]}


def test_a_classifier_is_measured_without_them(tmp_path):
    dataset = table(tmp_path, kind=["ab"[n % DIFFERENT % 2] for n in range(COUNT)]) | {"label": "kind"}
    metrics, kept, warnings = trained(tmp_path, dataset, "classifier")
    chosen, found = alone(kept["index"]), metrics["test_without_duplicates"]
    targets, scores = kept["targets"][chosen], kept["predictions"][chosen].astype(float)
    assert 0 < chosen.sum() < len(chosen) == 40
    assert found["accuracy"] == pytest.approx(sk.accuracy_score(targets, scores > 0.5))
    assert found["auc"] == pytest.approx(sk.roc_auc_score(targets, scores))
    at = sk.balanced_accuracy_score(targets, scores >= found["threshold"])
    assert found["threshold"] == metrics["test"]["threshold"] and found["balanced_accuracy_at_threshold"] == at
    assert metrics["test"]["accuracy"] == pytest.approx(sk.accuracy_score(kept["targets"], kept["predictions"] > 0.5))
    assert any(f"{40 - chosen.sum()} of 40 test texts also stand in" in told for told in warnings)
    assert any(told.startswith("without the samples that stand in training or validation") for told in warnings)
    [run] = (tmp_path / "runs").iterdir()
    assert "test_without_duplicates" in run_command("show", run).stdout
    metric = "test_without_duplicates.accuracy"
    [row] = json.loads(run_command("compare", run, "--metric", metric, "--format", "json").stdout)
    assert row["metrics"][metric]["mean"] == found["accuracy"]


def test_a_multilabel_network_is_measured_without_them(tmp_path):
    cells = [["a;b", "b", "a;c", "c", ""][n % DIFFERENT % 5] for n in range(COUNT)]
    dataset = table(tmp_path, kinds=cells) | {"label": "kinds", "labels_separator": ";"}
    metrics, kept, _ = trained(tmp_path, dataset, "multilabel")
    chosen, found = alone(kept["index"]), metrics["test_without_duplicates"]
    targets, scores = kept["targets"][chosen], kept["predictions"][chosen].astype(float)
    assert found["hamming_loss"] == pytest.approx(sk.hamming_loss(targets, scores > 0.5))
    assert found["average_precision"] == pytest.approx(sk.average_precision_score(targets, scores))
    assert "micro_f1_at_thresholds" in found


def test_a_regressor_is_measured_without_them(tmp_path):
    dataset = table(tmp_path, price=RNG.normal(size=COUNT)) | {"target": "price"}
    metrics, kept, _ = trained(tmp_path, dataset, "regressor")
    chosen, found = alone(kept["index"]), metrics["test_without_duplicates"]
    expected = sk.mean_absolute_error(kept["targets"][chosen], kept["predictions"][chosen])
    assert found["mae"] == pytest.approx(expected) and found["mae"] != metrics["test"]["mae"]


def test_a_tagger_is_measured_without_them(tmp_path):
    lines = ("\n".join(f"{word} {'OX'[int(word[1:]) % 2]}" for word in text.split()) for text in TEXTS)
    (tmp_path / "t.txt").write_text("\n\n".join(lines))
    dataset = {"name": "conll", "path": "t.txt", "splits": [0.5, 0.1, 0.4]}
    metrics, kept, _ = trained(tmp_path, dataset, "tagger")
    chosen = alone(kept["index"])
    targets, guessed = kept["targets"][chosen], kept["predictions"][chosen].argmax(axis=-1)
    right = (targets == guessed)[targets != NO_TAG]
    assert metrics["test_without_duplicates"]["accuracy"] == pytest.approx(right.mean())
