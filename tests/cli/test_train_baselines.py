"""Runs are compared with the baselines that `trainer.baselines` names."""

from __future__ import annotations

import csv
import json
from importlib.util import find_spec

import pytest
from commands import SMOKE, run_command, train, train_sections


def test_nbsvm_reads_what_the_network_does_not_see(tmp_path):
    """What tells the classes apart stands in front, and the network reads the last two words."""
    with (tmp_path / "texts.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(
            [f"{'splendid' if number % 3 else 'dreadful'} film {number}, said no one", "bg"[number % 3 > 0]]
            for number in range(90)
        )
    dataset = {"name": "text", "path": "texts.csv", "text": "text", "label": "label", "max_len": 2}
    trainer = {"name": "classifier", "epochs": 1, "baselines": ["nbsvm"]}
    run = train_sections(tmp_path, dataset, {"name": "bag_of_words"}, trainer)
    baselines = json.loads((run / "metrics.json").read_text())["baselines"]
    assert list(baselines) == ["majority", "tfidf_logistic", "nbsvm"]
    assert baselines["nbsvm"]["auc"] == 1
    assert baselines["tfidf_logistic"]["auc"] < 0.9
    shown = run_command("show", run).stdout
    assert "nbsvm" in shown
    assert json.loads((run / "run.json").read_text())["config"]["trainer"]["baselines"] == ["nbsvm"]


@pytest.mark.skipif(find_spec("statsforecast") is None, reason="statsforecast is not installed")
def test_a_statistical_model_stands_beside_the_usual_baselines_of_forecasts(tmp_path, undrawn_plots):
    settings = ("trainer.baselines=[auto_theta]", "trainer.epochs=1", "trainer.backtest=false", "dataset.limit=64")
    run = train(SMOKE / "series.yaml", tmp_path, *settings)
    metrics = json.loads((run / "metrics.json").read_text())
    assert list(metrics["baselines"]) == ["last_value", "seasonal_naive", "mean", "ridge", "auto_theta"]
    assert len(metrics["by_step"]["baselines"]["auto_theta"]["mae"]) == 12
    assert "auto_theta" in run_command("show", run).stdout
