"""Runs that give labels, through the commands: train, show, compare, and predict on texts and on numbers."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE, arrays_of, moved, run_command, train, train_sections, without_hashes

TOPICS = ("music", "sport", "travel", "weather")


@pytest.fixture(scope="module")
def topics(family_run, tmp_path_factory) -> Path:
    """A run on texts, whose data are gone; with its plots."""
    return moved(family_run("multilabel"), tmp_path_factory.mktemp("topics"))


@pytest.fixture(scope="module")
def waves(tmp_path_factory, undrawn) -> Path:
    """A run on samples of numbers, from an npz file that lies beside it."""
    folder = tmp_path_factory.mktemp("waves")
    x = np.random.default_rng(0).normal(size=(60, 5, 2))
    np.savez(folder / "own.npz", x=x, y=x.max(axis=1) > 1)
    dataset = {"name": "sequences", "path": "own.npz", "labels": "y"}
    with undrawn():
        return train_sections(folder, dataset, {"name": "gru", "units": 4}, {"name": "multilabel", "epochs": 1})


@pytest.fixture(scope="module")
def thresholds(topics) -> dict[str, float]:
    return json.loads((topics / "artifacts" / "thresholds.json").read_text())


def labels_of(cells) -> list[set[str]]:
    return [set(cell.split("; ")) if isinstance(cell, str) and cell else set() for cell in cells]


def above(probabilities: np.ndarray, thresholds) -> list[set[str]]:
    return [
        {name for name, is_there in zip(TOPICS, row, strict=True) if is_there} for row in probabilities >= thresholds
    ]


def test_what_a_run_leaves(topics, thresholds):
    metrics = json.loads((topics / "metrics.json").read_text())
    assert metrics.keys() == {"best_epoch", "train", "validation", "test", "baselines", "skill", "labels"}
    assert tuple(thresholds) == TOPICS == tuple(metrics["labels"])
    assert metrics["baselines"].keys() == {"label_frequencies", "tfidf_logistic"}
    predictions = arrays_of(topics / "predictions.npz")
    assert predictions["targets"].shape == predictions["predictions"].shape == (60, 4)
    data = pd.read_csv(SMOKE / "data" / "topics.csv", keep_default_na=False)
    true = [set(cell.split("; ")) - {""} for cell in data["topics"][predictions["index"]]]
    assert above(predictions["targets"], 1) == true
    assert metrics["labels"]["music"]["support"] == sum("music" in each for each in true)
    assert {path.stem for path in (topics / "plots").iterdir()} == {
        "loss", "metrics", "learning_rate", "label_scores", "precision_recall"
    }  # fmt: skip


def test_the_smoke_network_beats_its_baselines(topics):
    assert json.loads((topics / "metrics.json").read_text())["skill"] > 0


def test_the_runs_own_texts_get_its_own_predictions(topics, thresholds, tmp_path):
    out = tmp_path / "all.csv"
    run_command("predict", topics, "--input", SMOKE / "data" / "topics.csv", "-o", out)
    table, own = pd.read_csv(out, keep_default_na=False), arrays_of(topics / "predictions.npz")
    assert list(table) == ["row", "text", "topics", "predicted", *(f"probability_{name}" for name in TOPICS)]
    found = table.filter(like="probability_").to_numpy()
    np.testing.assert_allclose(found[own["index"]], own["predictions"], atol=1e-6)
    rounded = np.array([thresholds[name] for name in TOPICS]) * (1 - 1e-8)  # as the table is; a float32 is wider
    assert labels_of(table["predicted"]) == above(found, rounded)


def test_all_files_hold_the_same(topics, thresholds, tmp_path):
    for name in ("all.csv", "all.jsonl", "all.npz", "all.npy"):
        run_command("predict", topics, "--input", SMOKE / "data" / "topics.csv", "-o", tmp_path / name)
    table = pd.read_csv(tmp_path / "all.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(table, pd.read_json(tmp_path / "all.jsonl", lines=True))
    arrays = arrays_of(tmp_path / "all.npz")
    np.testing.assert_allclose(arrays["predictions"], table.filter(like="probability_"), rtol=1e-7)
    np.testing.assert_array_equal(arrays["predictions"], np.load(tmp_path / "all.npy"))
    assert tuple(arrays["labels"]) == TOPICS
    assert arrays["thresholds"].tolist() == [thresholds[name] for name in TOPICS]
    assert labels_of(table["predicted"]) == above(arrays["predicted"], 1)


def test_one_threshold_for_all_labels_overrides_the_chosen_ones(topics, tmp_path):
    texts = ["--text", "vafi tubi", "--text", "povo veno"]

    def predicted(*arguments):
        run_command("predict", topics, *texts, *arguments, "-o", tmp_path / "out.npz")
        return arrays_of(tmp_path / "out.npz")

    assert predicted("--threshold", 0)["predicted"].all()
    assert not predicted("--threshold", 1)["predicted"].any()
    half = predicted("--threshold", "0.5")
    np.testing.assert_array_equal(half["predicted"], half["predictions"] >= 0.5)
    np.testing.assert_array_equal(predicted("--threshold", "chosen")["predicted"], predicted()["predicted"])


def test_labels_are_shown_with_their_probabilities(topics):
    head, _, row = run_command("predict", topics, "--text", "vafi tubi", "--threshold", 0).stdout.splitlines()
    assert head.split() == ["text", "predicted", *(f"p({name})" for name in TOPICS)]
    assert "music; sport; travel; weather" in row
    assert run_command("predict", topics, "--input", "-", "--threshold", 1, stdin="vafi\n").stdout.split()[-5] == "—"


@pytest.mark.parametrize("given", ["1.5", "nan", "often"])
def test_a_threshold_is_a_probability(topics, given):
    stderr = run_command("predict", topics, "--text", "a", "--threshold", given, code=2).stderr
    assert f"--threshold {given}: must be a number from 0 to 1, for all labels, or chosen" in stderr


def test_a_run_that_has_lost_its_thresholds_asks_for_one(topics, tmp_path):
    run = without_hashes(shutil.copytree(topics, tmp_path / "run"))
    (run / "artifacts" / "thresholds.json").unlink()
    stderr = " ".join(run_command("predict", run, "--text", "a", code=2).stderr.split())
    assert "has kept no thresholds; give one for all labels, --threshold P" in stderr
    run_command("predict", run, "--text", "a", "--threshold", "0.5")


def test_samples_of_numbers_get_labels(waves, tmp_path):
    own = arrays_of(waves / "predictions.npz")
    run_command("predict", waves, "--input", waves.parents[1] / "own.npz", "-o", tmp_path / "out.npz")
    arrays = arrays_of(tmp_path / "out.npz")
    np.testing.assert_allclose(arrays["predictions"][own["index"]], own["predictions"], atol=1e-6)
    assert list(arrays["labels"]) == ["label_0", "label_1"]
    np.testing.assert_array_equal(arrays["predicted"], arrays["predictions"] >= arrays["thresholds"])
    assert "--encode is for runs that reconstruct, and" in run_command("predict", waves, "--encode", code=2).stderr


def test_show_has_each_labels_scores_and_texts_with_their_labels(topics):
    shown = run_command("show", topics).stdout
    rows = [line.split() for line in shown.splitlines()]
    assert ["label", "threshold", "precision", "recall", "f1", "average_precision", "support"] in rows
    scores = json.loads((topics / "metrics.json").read_text())["labels"]
    by_support = sorted(TOPICS, key=lambda name: -scores[name]["support"])
    scored = [row for row in rows if row and row[0] in TOPICS and len(row) > 4]  # beside the counts by split
    assert [row[0] for row in scored] == by_support
    assert [int(row[-1]) for row in scored] == [scores[name]["support"] for name in by_support]
    assert ["test", "row", "labels", "predicted", "text"] in rows
    example = json.loads((topics / "artifacts" / "examples.json").read_text())[0]
    assert any(row[:1] == [str(example["row"])] and ", ".join(example["labels"]) in " ".join(row) for row in rows)


def test_runs_are_compared_by_their_most_telling_metrics(topics, tmp_path, undrawn):
    with undrawn():
        other = train(SMOKE / "multilabel.yaml", tmp_path, "trainer.epochs=1")
    rows = json.loads(run_command("compare", topics, other, "--format", "json").stdout)
    assert len(rows) == 2
    table = run_command("compare", topics, other).stdout
    assert "test.micro_f1" in table and "test.macro_f1" in table
    lines = run_command("compare", topics, other, "--sort", "hamming_loss_at_thresholds").stdout.splitlines()
    losses = {run.name: json.loads((run / "metrics.json").read_text())["test"]["hamming_loss_at_thresholds"]
              for run in (topics, other)}  # fmt: skip
    assert min(losses, key=losses.get) in lines[2]


def test_a_dry_run_tells_of_shapes_and_creates_nothing(tmp_path):
    shown = run_command("train", SMOKE / "multilabel.yaml", "--dry-run", "--runs-dir", tmp_path / "runs").stdout
    assert "inputs (180, 32) int32  targets (180, 4)" in shown
    assert not (tmp_path / "runs").exists()
