"""Loggers of real runs, read back by the readers of the tools that they write for."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from click.testing import Result
from commands import SMOKE, run_command

from seqrun.rundir.reading import read_run

CONFIG = SMOKE / "waves_linear.yaml"
OWN = Path(__file__).parent / "own_logger.py"


def needs(package: str) -> pytest.MarkDecorator:
    missing = importlib.util.find_spec(package) is None
    return pytest.mark.skipif(missing, reason=f"{package} is not installed")


@pytest.fixture(scope="module")
def logged(tmp_path_factory) -> list[Path]:
    """Two repeats, told to TensorBoard, MLflow and a logger of one's own."""
    folder = tmp_path_factory.mktemp("logged")
    own = json.dumps({"name": "json_lines", "path": str(folder / "lines.jsonl")})
    told = run_command(
        "train", CONFIG, "--runs-dir", folder / "runs", "--repeats", 2, "--progress", "none",
        "--set", "trainer.epochs=3", "--set", "tags=[good]", "--set", "notes=a try",
        "--set", f"plugins=[{OWN}]", "--set", f"loggers=[{own}]", "--log", "tensorboard", "--log", "mlflow",
    )  # fmt: skip
    return [Path(line) for line in told.stdout.split()]


@needs("tensorboard")
def test_tensorboard_reads_curves_settings_results_and_plots(logged):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
    from tensorboard.plugins.hparams import plugin_data_pb2

    run, folder = read_run(logged[0]), logged[0] / "tensorboard"
    for part, prefix in (("train", ""), ("validation", "val_")):
        read = EventAccumulator(str(folder / part)).Reload()
        told = [(event.step, event.value) for event in read.Scalars("loss")]
        assert told == [(row["epoch"], pytest.approx(row[f"{prefix}loss"])) for row in run.history]
    read = EventAccumulator(str(folder)).Reload()
    assert read.Scalars("test/mae")[0].value == pytest.approx(run.metrics["test"]["mae"])
    plots = {f"plots/{path.stem}": path.read_bytes() for path in (logged[0] / "plots").glob("*.png")}
    assert {name: read.Images(name)[0].encoded_image_string for name in read.Tags()["images"]} == plots
    content = read.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
    settings = plugin_data_pb2.HParamsPluginData.FromString(content).session_start_info.hparams
    assert settings["trainer.epochs"].number_value == 3
    assert settings["architecture.name"].string_value == "linear"


@needs("mlflow")
def test_mlflow_has_repeats_as_children_with_settings_curves_results_and_files(logged):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(f"sqlite:///{logged[0].parent / 'mlflow.db'}")
    experiment = client.get_experiment_by_name("smoke_waves_linear")
    by_name = {run.info.run_name: run for run in client.search_runs([experiment.experiment_id])}
    assert len(by_name) == 3
    parent = by_name["smoke_waves_linear: 2 repeats"]
    for path in logged:
        run, told = read_run(path), by_name[path.name]
        assert told.info.status == parent.info.status == "FINISHED"
        assert told.data.tags["mlflow.parentRunId"] == parent.info.run_id
        assert told.data.tags["mlflow.note.content"] == "a try"
        assert told.data.params["trainer.optimizer.learning_rate"] == "0.001"
        curve = client.get_metric_history(told.info.run_id, "val_loss")
        assert [(each.step, each.value) for each in curve] == [(row["epoch"], row["val_loss"]) for row in run.history]
        assert told.data.metrics["test_mae"] == run.metrics["test"]["mae"]
        files = {file.path for file in client.list_artifacts(told.info.run_id)}
        assert {"run.json", "metrics.json", "model.weights.h5", "plots"} <= files and "checkpoints" not in files


def test_a_logger_of_ones_own_is_told_the_same(logged):
    lines = [json.loads(line) for line in (logged[0].parents[1] / "lines.jsonl").read_text().splitlines()]
    first = read_run(logged[0])
    assert lines[:5] == [
        {"run": logged[0].name, "lookback": 20, "before": 0},
        *({"epoch": row["epoch"], "val_loss": row["val_loss"]} for row in first.history),
        {"status": "finished", "mae": first.metrics["test"]["mae"]},
    ]


def test_loggers_make_no_other_experiment(logged, tmp_path):
    plain = run_command(
        "train", CONFIG, "--runs-dir", tmp_path, "--seed", read_run(logged[0]).record["seed"] + 5,
        "--set", "trainer.epochs=3", "--set", f"plugins=[{OWN}]", "--progress", "none",
    ).stdout.strip()  # fmt: skip
    rows = json.loads(run_command("compare", *logged, plain, "--format", "json").stdout)
    assert [row["runs"] if isinstance(row["runs"], int) else len(row["runs"]) for row in rows] == [3]


HANGING = """
import time
from seqrun.components import Logger, RunLog

class Hanging(Logger):
    '''Never answers.'''
    name: str = "hanging"

    def open(self, run):
        time.sleep(600)
"""


@pytest.fixture(scope="module")
def beside_others(tmp_path_factory) -> Result:
    """What training says with a logger that fails, the README's, whose diary is beside the runs, and one that hangs."""
    folder = tmp_path_factory.mktemp("beside")
    readme = (SMOKE.parents[1] / "README.md").read_text()
    (folder / "my_logger.py").write_text(readme.partition("# my_logger.py\n")[2].partition("```")[0])
    (folder / "hanging.py").write_text(HANGING)
    failing = {"name": "json_lines", "path": str(folder / "lines.jsonl"), "broken": True}
    loggers = [failing, {"name": "diary", "path": str(folder / "diary.txt")}, "hanging"]
    plugins = [str(OWN), *(str(folder / f"{name}.py") for name in ("my_logger", "hanging"))]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqrun.running.loggers.PATIENCE", 1.0)
        return run_command(
            "train", CONFIG, "--runs-dir", folder / "runs", "--set", "trainer.epochs=3", "--progress", "plain",
            "--set", f"plugins={json.dumps(plugins)}", "--set", f"loggers={json.dumps(loggers)}",
        )  # fmt: skip


def test_one_that_fails_is_a_warning_and_the_run_finishes(beside_others):
    told = "warning: logger json_lines failed: ConnectionError: the server has gone for good"
    assert beside_others.stderr.count(told) == 1
    assert read_run(beside_others.stdout.strip()).status == "finished"


def test_one_that_hangs_does_not_hold_the_run(beside_others):
    assert "logger hanging: not done 1 s after the end of the run" in beside_others.stderr


def test_the_readmes_logger_works_also_beside_one_that_fails(beside_others):
    diary = Path(beside_others.stdout.strip()).parents[1] / "diary.txt"
    words = [line.split()[:2] for line in diary.read_text().splitlines()]
    name = "smoke_waves_linear"
    assert words == [[name, "1"], [name, "2"], [name, "3"], [name, "finished"]]


@needs("tensorboard")
def test_a_resumed_run_goes_on_in_the_same_curves(logged, tmp_path):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    run = logged[1]
    run_command("resume", run, "--set", "trainer.epochs=5", "--allow-plugins", "--progress", "none")
    read = EventAccumulator(str(run / "tensorboard" / "train")).Reload()
    assert [event.step for event in read.Scalars("loss")] == [1, 2, 3, 4, 5]
    if importlib.util.find_spec("mlflow"):
        from mlflow.tracking import MlflowClient

        client = MlflowClient(f"sqlite:///{run.parent / 'mlflow.db'}")
        experiment = client.get_experiment_by_name("smoke_waves_linear")
        found = [each for each in client.search_runs([experiment.experiment_id]) if each.info.run_name == run.name]
        assert len(found) == 1 and found[0].info.status == "FINISHED"
        assert [each.step for each in client.get_metric_history(found[0].info.run_id, "loss")] == [1, 2, 3, 4, 5]
        assert found[0].data.tags["resumed.trainer.epochs"] == "5"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("loggers=[tensorbord]", r"loggers\.0: unknown logger 'tensorbord' \(did you mean tensorboard\?\)"),
        ("loggers=[{name: mlflow, url: x}]", r"loggers\.0\.url: unknown key \(did you mean uri\?\)"),
        ("loggers=tensorboard", r"loggers: must be a list"),
        ("loggers=[3]", r"loggers\.0: must be a name or a mapping with a name, not 3"),
    ],
)
def test_a_wrong_logger_is_a_problem_of_the_config(given, message):
    told = run_command("train", CONFIG, "--set", given, "--dry-run", code=2).stderr
    assert re.search(message, told), told


def test_a_logger_whose_package_is_missing_is_told_before_the_run(monkeypatch):
    monkeypatch.setattr("seqrun.components.base.find_spec", lambda name: None)
    told = run_command("train", CONFIG, "--log", "mlflow", "--dry-run", code=2).stderr
    assert "mlflow needs the package mlflow: pip install 'seqrun[mlflow]'" in told


@needs("mlflow")
def test_mlflows_own_server_takes_a_run(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    uri = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
         "--backend-store-uri", f"sqlite:///{tmp_path / 'server.db'}", "--artifacts-destination", tmp_path / "files"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=tmp_path, start_new_session=True,
        env={**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
    )  # fmt: skip
    try:
        _wait_for(f"{uri}/health", server)
        run = run_command(
            "train", CONFIG, "--runs-dir", tmp_path / "runs", "--set", "trainer.epochs=2", "--progress", "none",
            "--set", f"loggers=[{{name: mlflow, uri: '{uri}', experiment: shared}}]",
        ).stdout.strip()  # fmt: skip
        from mlflow.tracking import MlflowClient

        client = MlflowClient(uri)
        (told,) = client.search_runs([client.get_experiment_by_name("shared").experiment_id])
        assert told.info.status == "FINISHED" and told.info.run_name == Path(run).name
        assert "metrics.json" in {file.path for file in client.list_artifacts(told.info.run_id)}
    finally:
        os.killpg(server.pid, 15)
        server.wait(30)


def _wait_for(url: str, server: subprocess.Popen) -> None:
    """Return as soon as the address answers; fail if the server ends before."""
    for _ in range(600):
        assert server.poll() is None
        try:
            urllib.request.urlopen(url, timeout=5)
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"{url} does not answer")
