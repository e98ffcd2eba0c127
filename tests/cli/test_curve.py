"""`seqrun curve`, with trainings of a second."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from commands import SMOKE, run_command

from seqrun.rundir.reading import read_run

CONFIG = SMOKE / "bag_of_words.yaml"
SETTINGS = ("--fractions", ".2,.5,1", "--repeats", "1", "--set", "trainer.epochs=2")


def curve(runs: Path, *arguments: object, code: int = 0, config: Path = CONFIG):
    """Run `seqrun curve` with three trials."""
    return run_command("curve", config, *SETTINGS, "--runs-dir", runs, "--progress", "none", *arguments, code=code)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, undrawn):
    """The folder of three trials, and what the curve of them was as JSON."""
    runs = tmp_path_factory.mktemp("curve")
    with undrawn():
        return runs, json.loads(curve(runs, "--json").stdout)


def test_each_trial_is_a_run_that_says_its_fraction(trained):
    runs, found = trained
    paths = [Path(path) for point in found["points"] for path in point["runs"]]
    assert sorted(paths) == sorted(runs.iterdir())
    records = [read_run(path).record for path in paths]
    assert [record["config"]["dataset"]["train_fraction"] for record in records] == [0.2, 0.5, 1.0]
    assert [record["data"]["rows"]["train"] for record in records] == [64, 160, 320]
    assert [point["samples"] for point in found["points"]] == [64, 160, 320]
    assert len({record["data"]["test_sha256"] for record in records}) == 1
    assert all("curve" in record["config"]["tags"] for record in records)


def test_the_figures_are_those_of_the_runs(trained):
    for point in trained[1]["points"]:
        metrics = json.loads((Path(point["runs"][0]) / "metrics.json").read_text())
        assert point["mean"] == metrics["test"]["auc"]
        assert point["baseline"]["mean"] == max(each["auc"] for each in metrics["baselines"].values())


def test_compare_shows_the_fraction_as_what_differs(trained):
    rows = json.loads(run_command("compare", *trained[0].iterdir(), "--json").stdout)
    assert {row["config"]["dataset.train_fraction"] for row in rows} == {0.2, 0.5, 1.0}


def test_the_same_command_trains_nothing_again_and_imports_no_tensorflow(trained):
    code = "import sys\nfrom seqrun.cli import main\ntry: main()\nfinally: print('tensorflow' in sys.modules)"
    command = [sys.executable, "-c", code, "curve", str(CONFIG), *SETTINGS, "--runs-dir", str(trained[0])]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stdout.splitlines()[-1] == "False"
    assert "3 of 3 runs are there already" in ended.stderr and "too few points" in ended.stderr
    assert len([*trained[0].iterdir()]) == 3


def test_what_differs_is_trained_and_a_dry_run_says_so(trained):
    def statuses(*arguments: str) -> list[str]:
        return [row["status"] for row in json.loads(curve(trained[0], "--dry-run", "--json", *arguments).stdout)]

    assert statuses() == ["finished"] * 3
    assert statuses("--repeats", "2") == ["finished", "to be trained"] * 3
    assert statuses("--fractions", ".1,.5") == ["to be trained", "finished"]
    assert statuses("--set", "trainer.epochs=3") == ["to be trained"] * 3
    assert statuses("--set", "notes=other") == ["finished"] * 3


def test_other_data_are_trained_on_anew(trained, tmp_path):
    runs = shutil.copytree(trained[0], tmp_path / "runs")
    for run in runs.iterdir():
        text = (run / "run.json").read_text()
        digest = json.loads(text)["data"]["sources"][0]["sha256"]
        (run / "run.json").write_text(text.replace(digest, "0" * 64))
    rows = json.loads(curve(runs, "--dry-run", "--json").stdout)
    assert [row["status"] for row in rows] == ["to be trained"] * 3


def test_the_curve_is_drawn(trained, tmp_path):
    curve(trained[0], "-o", tmp_path / "curve.png")
    assert (tmp_path / "curve.png").read_bytes().startswith(b"\x89PNG")


def test_a_curve_that_was_stopped_goes_on(trained, tmp_path, wait_for):
    runs, slow = tmp_path / "runs", ("--set", "trainer.epochs=60", "--set", "trainer.early_stopping=false")
    options = [*slow, "--fractions", ".2", "--repeats", "1", "--runs-dir", str(runs), "--progress", "none"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen([sys.executable, "-m", "seqrun", "curve", str(CONFIG), *options], **quiet)
    wait_for(lambda: any(runs.glob("*/history.csv")), lambda: process.poll() is None)
    os.kill(process.pid, signal.SIGINT)
    _, told = process.communicate()
    assert process.returncode == 130 and "the same command goes on" in told
    (run,) = runs.iterdir()
    assert read_run(run).status == "interrupted" and len(read_run(run).history) < 60
    run_command("curve", CONFIG, *options)
    assert [*runs.iterdir()] == [run]
    assert read_run(run).status == "finished" and len(read_run(run).history) == 60


@pytest.mark.parametrize("metric", ["acuracy", "mae", "tests.auc", "baselines.auc", "skill"])
def test_a_metric_that_the_trainer_has_not_is_told_before_anything_is_trained(tmp_path, metric):
    told = " ".join(curve(tmp_path / "runs", "--metric", metric, code=2).stderr.split())
    assert f"unknown metric '{metric if '.' in metric else f'test.{metric}'}'" in told
    assert "validation.auc" in told and "test.balanced_accuracy_at_threshold" in told
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("metric", ["auc", "validation.threshold", "baselines.majority.accuracy"])
def test_a_metric_that_it_may_have_is_taken(trained, metric):
    curve(trained[0], "--metric", metric, "--dry-run")


@pytest.mark.parametrize("fractions", ["0,1", "1.5", "a,b", "nan", ""])
def test_what_is_no_fraction_is_a_mistake_of_usage(fractions, tmp_path):
    assert "--fractions" in run_command("curve", CONFIG, "--fractions", fractions, code=2).stderr


def test_of_series_it_is_said_what_a_fraction_is(tmp_path, undrawn):
    options = ("--fractions", ".5", "--repeats", "1", "--set", "trainer.epochs=1", "--progress", "none")
    with undrawn():
        ended = run_command("curve", SMOKE / "waves_linear.yaml", *options, "--runs-dir", tmp_path)
    assert "the latest part of the training rows" in ended.stderr
