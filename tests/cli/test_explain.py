"""`seqrun explain`, on runs whose figures are made so that each effect is known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from commands import run_command
from scipy import stats

SEEDS = (42, 43, 44)
NOISE = dict(zip(SEEDS, (0.0, 0.003, -0.002), strict=True))
# Of the settings of B: embedding_dim 16 gives 0.10, batch_size 20 gives 0.02, and both together 0.03 more.
FIGURES = {(8, 32): 0.6, (16, 32): 0.7, (8, 20): 0.62, (16, 20): 0.75}


def figure(dim: int, batch: int, seed: int) -> float:
    """The metric of a run; only the dimension's effect differs by seed."""
    return FIGURES[dim, batch] + (NOISE[seed] if dim == 16 else 0.0)


def made(run: Path, folder: Path, dim: int, batch: int, seed: int) -> Path:
    """Return a copy of the run as one with these settings."""
    copy = Path(shutil.copytree(run, folder / f"{dim}_{batch}_{seed}"))
    record = json.loads((copy / "run.json").read_text())
    record["seed"] = record["config"]["seed"] = seed
    record["config"]["architecture"]["embedding_dim"] = dim
    record["config"]["trainer"]["batch_size"] = batch
    (copy / "run.json").write_text(json.dumps(record))
    metrics = json.loads((copy / "metrics.json").read_text())
    metrics["test"]["auc"] = figure(dim, batch, seed)
    (copy / "metrics.json").write_text(json.dumps(metrics))
    return copy


@pytest.fixture
def runs(family_run, tmp_path):
    """The folder of all runs that explaining takes, with three seeds."""
    run = family_run("bag_of_words")
    for dim, batch in FIGURES:
        for seed in SEEDS:
            made(run, tmp_path, dim, batch, seed)
    return tmp_path


def explain(runs: Path, *arguments: object, code: int = 0):
    ends = (runs / "8_32_42", runs / "16_20_42")
    return run_command("explain", *ends, "--runs-dir", runs, "--progress", "none", *arguments, code=code)


def test_effects_are_those_by_which_the_figures_were_made(runs):
    found = json.loads(explain(runs, "--json").stdout)
    assert found["seeds"] == [*SEEDS]
    dim, batch = found["effects"]
    assert (dim["setting"], dim["from"], dim["to"]) == ("architecture.embedding_dim", 8, 16)
    noise = np.mean([*NOISE.values()])
    assert dim["alone"]["difference"] == pytest.approx(0.1 + noise)
    assert dim["last"]["difference"] == pytest.approx(0.13 + noise)
    assert batch["alone"]["difference"] == pytest.approx(0.02)
    assert found["together"]["difference"] == pytest.approx(0.15 + noise)
    assert found["rest"] == pytest.approx(0.03)
    assert dim["share"] == pytest.approx((0.1 + noise) / (0.15 + noise))
    values = [0.1 + each for each in NOISE.values()]
    low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
    assert dim["alone"]["interval"] == [pytest.approx(low), pytest.approx(high)]
    assert dim["alone"]["verdict"] == "better"


def test_what_is_missing_would_be_trained(runs):
    shutil.rmtree(runs / "16_32_43")
    rows = json.loads(explain(runs, "--dry-run", "--json").stdout)
    assert len(rows) == 12
    assert [(row["config"], row["seed"]) for row in rows if row["run"] is None] == [
        ("smoke_bag_of_words_with_embedding_dim", 43)
    ]


def test_a_table_has_each_setting_and_the_rest(runs):
    printed = explain(runs).stdout
    names = [line.split("  ")[0] for line in printed.splitlines()[2:]]
    assert names == ["architecture.embedding_dim", "trainer.batch_size", "together", "rest (interaction)"]


def test_seeds_that_are_not_shared_are_told(runs):
    for seed in SEEDS[1:]:
        shutil.rmtree(runs / f"8_32_{seed}")
    shutil.rmtree(runs / "16_20_42")
    ends = (runs / "8_32_42", runs / "16_20_43")
    told = run_command("explain", *ends, "--runs-dir", runs, "--dry-run", code=2).stderr
    assert "no seed in common" in told and "--repeats 3" in told


def test_runs_that_do_not_differ_are_no_question(runs):
    ends = (runs / "8_32_42", runs / "8_32_43")
    assert "differ in no setting" in run_command("explain", *ends, "--runs-dir", runs, code=2).stderr
