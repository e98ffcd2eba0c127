"""A trainer of the user's own, with a metric of its own: from the config to what `seqrun compare` makes of it."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from seqrun import load
from seqrun.cli import main
from seqrun.errors import UsageError

TRAINER = '''
from seqrun.components import Outcome, Trainer


class Counting(Trainer):
    """Counts epochs in place of training, and scores them."""

    tasks = frozenset({"forecasting"})
    metrics = {"my_score": "max"}

    def {steps}
'''
WHOLE = """fit(self, model, splits, session):
        rows = [{"epoch": n, "loss": 1.0, "val_loss": 1.0, "val_my_score": score, "learning_rate": 0.1,
                 "seconds": 0.1, "samples_per_second": 1.0} for n, score in enumerate((1.0, 3.0, 2.0), start=1)]
        for row in rows:
            session.save_row(row)
        return Outcome(2, {"train": {}, "validation": {}, "test": {"my_score": self.epochs}}, {}, None, {}, {})
"""
STEPS = """train(self, model, splits, session):
        return "trained"

    def measure(self, model, splits, trained, session):
        assert trained == "trained"
        return Outcome(2, {"train": {}, "validation": {}, "test": {"my_score": self.epochs}}, {}, None, {}, {})
"""
CONFIG = """name: counting
plugins: [counting.py]
dataset: {name: waves, series: 20, lookback: 5}
architecture: linear
trainer: {name: counting, early_stopping: {monitor: val_my_score}}
"""


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Trains with such a trainer, of which these are the steps, and returns what `seqrun` printed, by its words."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "exp.yaml").write_text(CONFIG, "utf-8")

    def seqrun(*words: str) -> str:
        ended = CliRunner().invoke(main, [*words], catch_exceptions=False)
        assert ended.exit_code == 0, ended.output
        return ended.stdout

    def run(steps: str, *more: str) -> str:
        (tmp_path / "counting.py").write_text(TRAINER.replace("{steps}", steps), "utf-8")
        return seqrun("train", "exp.yaml", "--device", "cpu", "--progress", "none", *more).strip()

    run.seqrun = seqrun
    return run


@pytest.mark.parametrize("steps", [WHOLE, STEPS], ids=["fit as a whole", "train and measure"])
def test_its_outcome_is_the_runs(run, tmp_path, steps):
    path = tmp_path / run(steps, "--set", "trainer.epochs=7")
    assert json.loads((path / "metrics.json").read_bytes())["test"] == {"my_score": 7}


def test_its_metric_is_known_to_the_comparison_without_the_plugin(run):
    runs = [run(WHOLE, "--set", f"trainer.epochs={epochs}", "--name", f"e{epochs}") for epochs in (5, 9, 7)]
    rows = json.loads(run.seqrun("compare", *runs, "--format", "json"))
    assert [row["metrics"]["test.my_score"]["mean"] for row in rows] == [9, 7, 5]  # larger is better, best first


def test_the_best_epoch_so_far_of_a_run_that_ended_is_known_too(run, tmp_path):
    failing = WHOLE.replace("        return Outcome", "        raise OSError('no more')\n        return Outcome")
    (tmp_path / "counting.py").write_text(TRAINER.replace("{steps}", failing), "utf-8")
    ended = CliRunner().invoke(main, ["train", "exp.yaml", "--device", "cpu", "--progress", "none"])
    assert ended.exit_code == 1
    assert "3, the best is 2" in run.seqrun("show", ended.stdout.strip())


def test_what_it_has_not_kept_is_said_to_be_missing_and_all_else_does_without(run):
    scores = WHOLE.replace("None, {}, {})", 'None, {"index": [0, 1], "scores": [self.epochs, 0.25]}, {})')
    one, other = (run(scores, "--name", name, "--set", f"trainer.epochs={n}") for n, name in enumerate("ab", start=3))
    with pytest.raises(UsageError, match="kept no array 'predictions', but index, scores") as told:
        _ = load(one).predictions
    assert "damaged" not in str(told.value)
    assert "my_score" in run.seqrun("show", one)
    assert "scores" not in run.seqrun("compare", one, other)
    assert CliRunner().invoke(main, ["diff", one, other]).stderr.count("a has kept no targets and no predictions") == 1
