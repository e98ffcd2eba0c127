"""`seqrun train`, from a YAML file to a run directory."""

import csv
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from commands import SMOKE, UNDRAWN
from sklearn import metrics as sk

from seqrun.cli import main

CONFIGS = sorted(path.stem for path in SMOKE.glob("*.yaml"))
FAST = SMOKE / "waves_linear.yaml"  # compiled the fastest, for what is the same for every network
PATIENCE = 600  # seconds for a process that a busy machine is slow to run


def train(*arguments, runs: Path, progress: str = "none"):
    command = ["train", *map(str, arguments), "--runs-dir", str(runs), "--progress", progress]
    return CliRunner().invoke(main, command, catch_exceptions=False)


def start(*arguments, runs: Path, stderr=subprocess.PIPE) -> subprocess.Popen:
    command = [sys.executable, "-c", UNDRAWN, "train", *map(str, arguments), "--runs-dir", str(runs)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=stderr, text=True)


def record(run: Path) -> dict:
    return json.loads((run / "run.json").read_text())


def weights(run: Path) -> dict[str, np.ndarray]:
    import h5py

    found = {}
    with h5py.File(run / "model.weights.h5") as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.fixture
def no_plots(undrawn):
    with undrawn():
        yield


@pytest.fixture(scope="module")
def finished(family_run) -> Path:
    """A finished run of the smoke LSTM."""
    return family_run("lstm")


def test_a_run_directory_holds_all_that_the_design_names(finished):
    names = {str(path.relative_to(finished)) for path in finished.rglob("*") if path.is_file()}
    plots = ("loss", "metrics", "learning_rate", "roc", "precision_recall", "confusion_matrix", "calibration")
    files = "config.yaml run.json history.csv metrics.json model.weights.h5 predictions.npz log.txt"
    assert {*files.split()} | {f"plots/{name}.png" for name in plots} <= names
    assert "artifacts/vocabulary.json" in names
    assert not [name for name in names if name.endswith(".tmp")]
    about = record(finished)
    assert about["status"] == "finished"
    assert about["seed"] == 42
    assert about["threads"] >= 1
    assert about["deterministic"] is True  # as always on a CPU
    assert about["data"]["rows"].keys() == {"train", "validation", "test"}
    assert about["data"]["sources"][0]["kind"] == "path"
    assert Path(about["data"]["sources"][0]["path"]).is_absolute()
    counts = about["data"]["counts"]
    assert counts["of"] == "class"
    assert {name: sum(counts[name].values()) for name in about["data"]["rows"]} == about["data"]["rows"]
    assert "2 classes (samples in train / validation / test): negative " in (finished / "log.txt").read_text()
    assert about["parameters"]["non_trainable"] == 16  # the moving mean and variance of 8 units
    assert about["config"]["trainer"]["optimizer"]["name"] == "adam"


def test_metrics_agree_with_scikit_learn_on_the_saved_predictions(finished):
    saved = np.load(finished / "predictions.npz")
    targets, probabilities = saved["targets"], saved["predictions"].astype(np.float64)
    results = json.loads((finished / "metrics.json").read_text())
    test, predicted = results["test"], probabilities > 0.5
    assert test["auc"] == pytest.approx(sk.roc_auc_score(targets, probabilities), abs=1e-9)
    assert test["accuracy"] == pytest.approx(sk.accuracy_score(targets, predicted), abs=1e-9)
    assert test["average_precision"] == pytest.approx(sk.average_precision_score(targets, probabilities), abs=1e-9)
    assert test["balanced_accuracy"] == pytest.approx(sk.balanced_accuracy_score(targets, predicted), abs=1e-9)
    assert test["f1"] == pytest.approx(sk.f1_score(targets, predicted), abs=1e-9)
    assert test["log_loss"] == pytest.approx(sk.log_loss(targets, probabilities), abs=1e-9)
    assert test["loss"] == pytest.approx(test["log_loss"], abs=1e-5)
    at = sk.balanced_accuracy_score(targets, probabilities >= test["threshold"])
    assert test["balanced_accuracy_at_threshold"] == pytest.approx(at, abs=1e-9)
    best = max(results["baselines"].values(), key=lambda metrics: metrics["accuracy"])["accuracy"]
    assert results["baselines"].keys() == {"majority", "tfidf_logistic"}
    assert results["skill"] == pytest.approx(1 - (1 - test["accuracy"]) / (1 - best), abs=1e-9)


def test_train_metrics_are_the_historys_at_the_best_epoch(finished):
    rows = list(csv.DictReader((finished / "history.csv").open()))
    results = json.loads((finished / "metrics.json").read_text())
    best = min(rows, key=lambda row: float(row["val_loss"]))
    assert results["best_epoch"] == int(best["epoch"])
    assert results["train"]["auc"] == float(best["auc"])
    assert results["validation"]["auc"] == pytest.approx(float(best["val_auc"]), abs=1e-9)
    assert list(rows[0])[:3] == ["epoch", "loss", "val_loss"]
    assert list(rows[0])[-3:] == ["learning_rate", "seconds", "samples_per_second"]


def test_the_runs_own_config_and_weights_give_its_predictions(finished):
    from seqrun.components.locations import Locations
    from seqrun.config.experiment import load_experiment

    experiment = load_experiment(finished / "config.yaml")
    assert experiment.resolved() == record(finished)["config"]
    splits = experiment.dataset.load(Locations(None, lambda event: None))
    model = experiment.architecture.build(splits.spec)
    model.load_weights(finished / "model.weights.h5")
    saved = np.load(finished / "predictions.npz")
    np.testing.assert_array_equal(saved["targets"], splits.test.targets)
    np.testing.assert_allclose(model.predict(splits.test.inputs, verbose=0)[:, 0], saved["predictions"], atol=1e-6)


# One of each way in which a trained network is measured.
MEASURED = (
    *("bucketed", "sequences", "tagger", "multilabel", "regressor_sequences", "mnist_vae"),
    *("series", "ridership", "waves_iterated", "waves_mc_dropout"),
)


@pytest.mark.parametrize("name", MEASURED)
def test_evaluate_gives_the_metrics_that_training_gave(name, family_run, no_plots, tmp_path):
    run, rows = family_run(name), tmp_path / "rows.csv"
    result = CliRunner().invoke(main, ["evaluate", str(run), "--json", "-o", str(rows)], catch_exceptions=False)
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    recorded = json.loads((run / "metrics.json").read_text())
    assert {name: found["metrics"][name] for name in recorded["test"]} == pytest.approx(recorded["test"], abs=1e-6)
    assert found["recorded"]["in training"] == recorded["test"]
    targets = np.load(run / "predictions.npz")["targets"]
    steps = {"forecaster": targets[..., :1].size, "tagger": (targets >= 0).sum()}  # each has a row
    lines = steps.get(record(run)["config"]["trainer"]["name"], len(targets))
    assert len(list(csv.reader(rows.open()))) == lines + 1


def test_the_same_config_and_seed_give_the_same_weights_bit_for_bit(finished, no_plots, tmp_path):
    """Also in a process that trained something else before."""
    result = train(FAST, SMOKE / "lstm.yaml", runs=tmp_path)
    _, lstm = map(Path, result.stdout.splitlines())
    ours, theirs = weights(finished), weights(lstm)
    assert ours.keys() == theirs.keys()
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)


def test_a_process_of_its_own_gives_the_same_weights(finished, tmp_path):
    process = start(SMOKE / "lstm.yaml", runs=tmp_path)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, err
    ours, theirs = weights(finished), weights(Path(out.strip()))
    assert all(np.array_equal(ours[name], theirs[name]) for name in ours)
    epochs = [line for line in err.splitlines() if line.startswith("epoch")]
    assert len(epochs) == 3  # piped: one plain line an epoch
    assert (Path(out.strip()) / "log.txt").read_text().splitlines()[: len(err.splitlines())] == err.splitlines()


@pytest.mark.parametrize("config", CONFIGS)
def test_every_smoke_config_trains(config, family_run):
    run = family_run(config)
    results = json.loads((run / "metrics.json").read_text())
    plain_rules = {"majority": "accuracy", "label_frequencies": "log_loss", "last_value": "mae", "mean": "mae",
                   "mean_sample": "reconstruction_mse"}  # fmt: skip
    plain, metric = next(pair for pair in plain_rules.items() if pair[0] in results["baselines"])
    assert np.isfinite(results["test"][metric])
    assert results["baselines"][plain][metric] > 0


def test_repeats_are_seeds_in_a_row_on_the_same_test_set(no_plots, tmp_path):
    result = train(FAST, "--repeats", 2, "--seed", 7, runs=tmp_path)
    first, second = map(Path, result.stdout.splitlines())
    assert [record(run)["seed"] for run in (first, second)] == [7, 8]
    index = [np.load(run / "predictions.npz")["index"] for run in (first, second)]
    assert np.array_equal(*index)
    assert any(not np.array_equal(a, b) for a, b in zip(weights(first).values(), weights(second).values(), strict=True))


def test_json_lines_tell_the_whole_run(no_plots, tmp_path):
    arguments = ["train", str(FAST), "--json", "--runs-dir", str(tmp_path)]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    events = [json.loads(line) for line in result.stdout.splitlines()]
    kinds = [event["event"] for event in events]
    assert kinds.count("epoch") == 2
    assert kinds[-1] == "finished"
    assert Path(events[-1]["run"]).parent == tmp_path.resolve()
    epoch = next(event for event in events if event["event"] == "epoch")
    assert epoch["epoch"] == 1
    assert {"loss", "val_loss", "val_mae"} <= epoch.keys()


def test_a_dry_run_shows_everything_and_creates_nothing(tmp_path):
    result = train(SMOKE / "lstm.yaml", "--dry-run", runs=tmp_path / "runs")
    assert result.exit_code == 0, result.stderr
    assert "embedding_dim: 8" in result.stdout
    assert "Total params: 2,985" in result.stdout
    assert "train       inputs (" in result.stdout
    assert "2 classes (samples in train / validation / test): negative " in result.stdout
    assert not (tmp_path / "runs").exists()


def test_a_loss_that_diverges_ends_that_run_with_3_and_the_rest_still_run(no_plots, tmp_path):
    wild = tmp_path / "wild.yaml"
    wild.write_text(f"extends: {FAST}\ntrainer: {{optimizer: {{name: sgd, learning_rate: 1e38}}}}")
    result = train(wild, FAST, runs=tmp_path / "runs")
    assert result.exit_code == 3
    diverged, fine = map(Path, result.stdout.splitlines())
    assert record(diverged)["status"] == "diverged"
    assert "diverged" in record(diverged)["error"]
    assert record(fine)["status"] == "finished"


def test_data_that_cannot_be_had_is_exit_4_and_leaves_nothing(tmp_path):
    nowhere = ("--set", "dataset.source=path", "--set", "dataset.path=nowhere.npz")
    result = train(SMOKE / "lstm.yaml", *nowhere, runs=tmp_path / "runs")
    assert (result.exit_code, result.stdout) == (4, "")
    assert "nowhere.npz" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "runs").exists()
    told = json.loads(train(SMOKE / "lstm.yaml", *nowhere, "--json", runs=tmp_path).stdout.splitlines()[-1])
    assert (told["event"], told["run"], told["status"]) == ("finished", None, "failed")


def test_mistakes_are_told_before_anything_is_made(tmp_path):
    result = train(SMOKE / "lstm.yaml", "--set", "architecture.unit=3", runs=tmp_path / "runs")
    assert result.exit_code == 2
    assert "architecture.unit: unknown key (did you mean units?)" in result.stderr
    answers = ("--set", "dataset.validation=test", "--set", "trainer.refit=true")
    assert "trainer.refit: cannot be true" in train(SMOKE / "lstm.yaml", *answers, runs=tmp_path / "runs").stderr
    weights = ("--set", "trainer.class_weight={positiv: 2}")
    told = train(SMOKE / "lstm.yaml", *weights, runs=tmp_path / "runs").stderr
    assert "unknown class 'positiv' (did you mean positive?)" in told
    seeds = train(SMOKE / "lstm.yaml", "--seed", 2**32 - 1, "--repeats", 2, runs=tmp_path / "runs")
    assert "past the last seed" in seeds.stderr
    two = train(SMOKE / "lstm.yaml", SMOKE / "gru.yaml", "--name", "x", runs=tmp_path / "runs")
    assert two.exit_code == 2
    assert "--name" in two.stderr
    assert not (tmp_path / "runs").exists()


def test_a_books_protocol_carries_a_visible_warning(no_plots, tmp_path):
    result = train(SMOKE / "bag_of_words.yaml", "--set", "dataset.validation=test", runs=tmp_path, progress="plain")
    (told,) = [line for line in result.stderr.splitlines() if "validation" in line and line.startswith("warning:")]
    assert told.removeprefix("warning: ") in record(Path(result.stdout.strip()))["warnings"]


BROKEN = {
    "trainer": "from seqrun.components import Trainer\n"
    "class Broken(Trainer):\n"
    "    tasks = frozenset({'classification'})\n"
    "    metrics = ('accuracy',)\n"
    "    def fit(self, model, splits, session):\n",
    "architecture": "from seqrun.components import Architecture\n"
    "class Broken(Architecture):\n"
    "    inputs = frozenset({'tokens'})\n"
    "    tasks = frozenset({'classification'})\n"
    "    def build(self, spec):\n",
}


@pytest.fixture
def broken(tmp_path) -> Callable[[str], Path]:
    """broken(section): a config whose trainer or architecture, of a plugin beside it, fails."""

    def broken(section: str) -> Path:
        (tmp_path / "broken.py").write_text(f"{BROKEN[section]}        raise ZeroDivisionError('by design')\n")
        config = tmp_path / "broken.yaml"
        config.write_text(f"extends: {SMOKE / 'lstm.yaml'}\nplugins: [broken.py]\n{section}: broken\n")
        return config

    return broken


def test_a_failure_that_is_nobodys_mistake_leaves_its_traceback_in_the_log(broken, tmp_path):
    result = train(broken("trainer"), runs=tmp_path / "runs")
    run = Path(result.stdout.strip())
    assert result.exit_code == 1
    assert record(run)["error"] == "ZeroDivisionError: by design"
    assert "Traceback" not in result.stderr and "--debug" not in result.stderr
    assert "broken.py" in (run / "log.txt").read_text()
    (tmp_path / "broken.py").unlink()  # the run keeps its own copy
    assert (run / "plugins" / "broken.py").is_file()
    assert CliRunner().invoke(main, ["validate", str(run / "config.yaml")]).exit_code == 0


def test_one_that_comes_before_training_leaves_nothing_and_debug_shows_where(broken, tmp_path):
    config = broken("architecture")
    result = train(config, runs=tmp_path / "runs")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "ZeroDivisionError: by design" in result.stderr and "(--debug shows where)" in result.stderr
    assert "broken.py" in train(config, "--debug", runs=tmp_path / "runs").stderr
    assert not (tmp_path / "runs").exists()


def test_a_signal_stops_all_after_a_checkpoint(tmp_path, wait_for):
    process = start(FAST, SMOKE / "gru.yaml", "--set", "trainer.epochs=100000", runs=tmp_path)
    wait_for(lambda: len(list(tmp_path.glob("*/history.csv"))) == 1, lambda: process.poll() is None)
    os.kill(process.pid, signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 143, err
    (run,) = map(Path, out.splitlines())  # the second one never began
    assert record(run)["status"] == "interrupted"
    assert list((run / "checkpoints").glob("*/manifest.json"))
    assert "Traceback" not in err


@pytest.mark.parametrize("to_stdout", [["--json"], ["--progress", "rich"]])
def test_a_reader_that_leaves_does_not_end_the_training(to_stdout, tmp_path):
    """As in `seqrun train ... 2>&1 | head -1`; of two runs both are finished."""
    with start(FAST, FAST, "--set", "trainer.epochs=1", *to_stdout, runs=tmp_path, stderr=subprocess.STDOUT) as process:
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(timeout=PATIENCE) == 0
    assert [record(run)["status"] for run in tmp_path.iterdir()] == ["finished", "finished"]


@pytest.mark.parametrize(
    ("arguments", "redirected", "told"),
    [
        (["--progress", "plain"], ">&- 2>&- <&-", ""),
        (["--json"], ">/dev/full", "error: standard output cannot be written: No space left on device"),
    ],
)
def test_no_stream_that_cannot_be_written_costs_a_run(arguments, redirected, told, tmp_path):
    """Of standard output the exit code says so."""
    command = [sys.executable, "-c", UNDRAWN, "train", str(FAST), *arguments]
    more = ["--repeats", "2", "--set", "trainer.epochs=1", "--runs-dir", str(tmp_path)]
    shell = ["sh", "-c", f'exec "$@" {redirected}', "sh", *command, *more]
    process = subprocess.run(shell, capture_output=True, text=True, timeout=PATIENCE)
    assert (process.returncode, process.stdout) == (1, "")
    assert told in process.stderr and "Traceback" not in process.stderr
    runs = list(tmp_path.iterdir())
    assert [record(run)["status"] for run in runs] == ["finished", "finished"]
    assert all((run / "log.txt").read_text().count("finished") == 1 for run in runs)  # and nothing else went into files
