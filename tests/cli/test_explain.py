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


def changed(run: Path, **sections: object) -> Path:
    """Write these values over those of the run's config, by dotted keys with __ for the dot."""
    record = json.loads((run / "run.json").read_text())
    for key, value in sections.items():
        section, name = key.split("__")
        record["config"][section][name] = value
    (run / "run.json").write_text(json.dumps(record))
    return run


def planned(runs: Path, one: Path, other: Path) -> tuple[list[str], str]:
    """Return the names of the configs that would be trained, and what is told."""
    ended = run_command("explain", one, other, "--runs-dir", runs, "--dry-run", "--json")
    return list(dict.fromkeys(row["config"] for row in json.loads(ended.stdout))), " ".join(ended.stderr.split())


def test_settings_that_need_each_other_are_changed_together(family_run, tmp_path):
    one = made(family_run("conv1d"), tmp_path, 8, 32, 42)
    other = made(one, tmp_path, 8, 20, 42)
    changed(one, architecture__filters=[8, 8], architecture__kernel_size=[5, 3], architecture__pool_size=2)
    changed(other, architecture__filters=[8], architecture__kernel_size=[5], architecture__pool_size=2)
    names, told = planned(tmp_path, one, other)
    assert names == [
        "smoke_conv1d",
        "smoke_conv1d_with_filters_kernel_size",
        "smoke_conv1d_with_batch_size",
    ]
    assert "architecture.filters, architecture.kernel_size: changed together, because architecture.filters" in told
    assert "architecture.kernel_size: there must be one number" in told


def test_a_setting_of_one_config_alone_is_a_change(family_run, tmp_path):
    one = made(family_run("sequential"), tmp_path, 8, 32, 42)
    other = Path(shutil.copytree(one, tmp_path / "other"))
    layers = json.loads((one / "run.json").read_text())["config"]["architecture"]["layers"]
    without = [{key: value for key, value in each.items() if key != "kernel_regularizer"} for each in layers]
    for run, found in ((one, layers), (other, without)):
        record = json.loads((run / "run.json").read_text())
        record["config"]["architecture"] = {"name": "sequential", "layers": found}
        (run / "run.json").write_text(json.dumps(record))
    [effect] = json.loads(explain_these(tmp_path, one, other).stdout)["effects"]
    assert effect["setting"] == "architecture.layers.4.kernel_regularizer"
    assert (effect["from"]["name"], effect["to"]) == ("l2", None)


def explain_these(runs: Path, one: Path, other: Path, *arguments: object, code: int = 0):
    return run_command("explain", one, other, "--runs-dir", runs, "--progress", "none", "--json", *arguments, code=code)


def test_where_equal_data_lay_is_no_change_and_each_config_is_that_of_its_own_run(runs):
    moved = shutil.copy(runs / "8_32_42" / "config.yaml", runs / "else.npz")
    for seed in SEEDS:
        changed(runs / f"16_20_{seed}", dataset__path=str(moved))
    rows = json.loads(explain(runs, "--dry-run", "--json").stdout)
    assert [row["status"] for row in rows[:6]] == ["finished"] * 6  # of A, and of B at its own place
    assert [effect["setting"] for effect in json.loads(explain(runs, "--json").stdout)["effects"]] == [
        "architecture.embedding_dim",
        "trainer.batch_size",
    ]


def test_a_metric_that_there_is_not_is_told_before_anything_is_trained(runs):
    shutil.rmtree(runs / "16_32_43")
    before = sorted(runs.iterdir())
    assert "unknown metric 'test.acu' (did you mean test.auc?)" in explain(runs, "--metric", "acu", code=2).stderr
    assert sorted(runs.iterdir()) == before


def test_a_run_that_diverged_counts_in_no_effect_and_is_told(runs):
    record = runs / "16_32_43" / "run.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "status": "diverged"}))
    ended = explain(runs, "--json", code=3)
    found = json.loads(ended.stdout)
    assert found["effects"][0]["alone"]["n"] == [2, 2]
    [note] = found["notes"]
    assert note == "smoke_bag_of_words_with_embedding_dim with seed 43 does not count: the run is diverged"
    assert note in " ".join(ended.stderr.split())
