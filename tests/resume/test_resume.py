"""A run that is interrupted and resumed comes to what it would have come to, bit for bit."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from commands import SMOKE, run_command
from own_plugin import with_plugin
from processes import content, differences

from seqrun.components.base import Experiment
from seqrun.config.experiment import load_experiment
from seqrun.events.events import Epoch, Event, Message, Started
from seqrun.machine.device import select_device
from seqrun.machine.signals import StopSignals
from seqrun.rundir.checkpoints import save_checkpoint
from seqrun.rundir.lock import take
from seqrun.rundir.reading import RunRecord, read_run
from seqrun.running import progress
from seqrun.running.ending import Ended
from seqrun.running.progress import RunProgress
from seqrun.running.resuming import resume
from seqrun.running.runner import run
from seqrun.running.workshop import Workshop

# Each of them with something of its own to go wrong: random numbers outside and inside the network, several widths of
# batches, a schedule, a refit, folds.
EXPERIMENTS = {
    "dense, dropout and refit": (
        "waves_linear.yaml",
        "architecture={name: dense, units: 4, dropout: 0.3}",
        "trainer.refit=true",
        "trainer.epochs=4",
    ),
    "bag of words, dropout and refit": (
        "bag_of_words.yaml",
        "architecture.output_dropout=0.3",
        "trainer.refit=true",
        "trainer.epochs=4",
    ),
    "dropout and refit": (
        "lstm.yaml",
        "architecture.dropout=0.3",
        "trainer.refit=true",
        "trainer.epochs=4",
    ),
    "schedule, compiled": (
        "lstm.yaml",
        "architecture.batch_norm=false",
        "~trainer.reduce_lr",
        "trainer.optimizer={name: adam, learning_rate: {name: cosine_decay, initial_learning_rate: 0.01, "
        "decay_steps: 30}}",
    ),
    "backtest and mc dropout": (
        "series.yaml",
        "architecture={name: gru, units: 4, dropout: 0.1}",
        "trainer.intervals={name: mc_dropout, samples: 3}",
    ),
    "backtest": ("series.yaml", "trainer.batch_size=1000"),  # one program to compile a fold
    "statistical baseline": ("series.yaml", "trainer.baselines=[auto_ets]", "trainer.backtest=false"),
    "iterated, refit": ("waves_iterated.yaml", "trainer.refit=true"),
    "several labels": ("multilabel.yaml", "trainer.epochs=4"),
    "numbers": ("regressor.yaml", "trainer.epochs=4"),
    "part of the samples an epoch, falling rate": (
        "gru.yaml",
        "trainer.steps_per_epoch=3",
        "trainer.epochs=6",
        "trainer.reduce_lr={monitor: val_loss, patience: 1, min_delta: 0.5}",
        "architecture.dropout=0.2",
    ),
    "stopped early": (
        "conv1d.yaml",
        "trainer.epochs=30",
        "trainer.early_stopping={monitor: val_loss, patience: 1, min_delta: 0.1}",
    ),
    "vae": ("mnist_vae.yaml",),
    "bucketed": ("bucketed.yaml", "trainer.batch_size=16"),
    "tagger": ("tagger.yaml",),
    "16 bits": ("lstm.yaml", "trainer.precision=mixed_float16"),
}
LONG = "KILLS" in os.environ
IN_SHORT = ("dense, dropout and refit", "backtest")  # the others: make kills


def experiment(name: str, *more: str) -> Experiment:
    config, *settings = EXPERIMENTS[name]
    return load_experiment(SMOKE / config, [*settings, *more])


@pytest.fixture(scope="module")
def device() -> str:
    return select_device("cpu")


def workshop(runs: Path, device: str, signals: StopSignals, follower: Callable[[Event], None]) -> Workshop:
    return Workshop(runs, None, device, [], [follower], signals)


@pytest.fixture(scope="module", autouse=True)
def no_plots(undrawn) -> Iterator[None]:
    with undrawn():
        yield


@pytest.fixture
def train(tmp_path, device, monkeypatch) -> Callable[..., Ended]:
    """Trains an experiment, or goes on with a run; a signal comes at the first event for which `stop` is true."""
    monkeypatch.setattr("seqrun.training.loop.SAVE_SECONDS", 0)

    def train(what: Experiment | RunRecord, stop: Callable[[Event], bool] = lambda event: False, *more: str) -> Ended:
        signals, due = StopSignals(), [True]

        def follow(event: Event) -> None:
            if due and stop(event):
                due.clear()
                signal.raise_signal(signal.SIGTERM)

        with signals.installed():
            shop = workshop(tmp_path / "runs", device, signals, follow)
            if isinstance(what, Experiment):
                return run(what, shop)
            return resume(what, load_experiment(what.path / "config.yaml", more), shop, anyway=False)

    return train


def moments(name: str) -> Iterator[Callable[[Event], bool]]:
    """Yield tests of events at which the run is interrupted, one after the other: each is later than the one before."""
    if LONG or "refit" in name:
        yield lambda event: isinstance(event, Started)
        yield lambda event: isinstance(event, Epoch) and event.number == 2
        later = ("refit:", "fitting the baselines", "encoding the samples")
        yield lambda event: isinstance(event, Message) and event.text.startswith(later)
    if name == "statistical baseline":
        yield lambda event: isinstance(event, Message) and event.text.startswith("auto_ets: fitted")
    if "backtest" in name:
        yield lambda event: isinstance(event, Message) and event.text.startswith("backtest: fold 2")


@pytest.mark.parametrize("name", EXPERIMENTS if LONG else IN_SHORT)
def test_interrupted_again_and_again_it_comes_to_the_same(name, train):
    if name == "statistical baseline":
        pytest.importorskip("statsforecast")
    alone = train(experiment(name))
    assert alone.exit_code == 0, alone.error
    first, *others = moments(name)
    ended = train(experiment(name), first)
    for moment in others:
        assert (ended.exit_code, read_run(ended.path).status) == (143, "interrupted")
        ended = train(read_run(ended.path), moment)
    assert ended.exit_code == 143
    ended = train(read_run(ended.path))
    assert ended.exit_code == 0, ended.error
    assert differences(Path(ended.path), Path(alone.path)) == []
    record = read_run(ended.path).record
    assert len(record["resumed"]) == len(others) + 1
    assert all(each["interrupted"] < each["resumed"] for each in record["resumed"])
    assert "error" not in record


TINY = ("waves_linear.yaml", "trainer.epochs=3")


def of_new_input(run: Path, folder: Path) -> Result:
    """What `seqrun predict` says of a series that the run does not know."""
    np.save(folder / "new.npy", np.sin(np.arange(20.0)))
    return run_command("predict", run, "--input", folder / "new.npy")


@pytest.fixture(scope="module")
def once(tmp_path_factory, device) -> Path:
    """The finished run of a tiny config."""
    return trained_once(tmp_path_factory.mktemp("finished"), device)


@pytest.fixture
def finished(once, tmp_path) -> Path:
    """A copy of that run."""
    return Path(shutil.copytree(once, tmp_path / "runs" / once.name))


def tiny(*more: str) -> Experiment:
    config, *settings = TINY
    return load_experiment(SMOKE / config, [*settings, *more])


def trained_once(runs: Path, device: str, *more: str, follower: Callable[[Event], None] = lambda event: None) -> Path:
    """The run of a tiny config, for the tests of this file to copy; the follower may send a signal."""
    signals = StopSignals()
    with signals.installed():
        ended = run(tiny(*more), workshop(runs, device, signals, follower))
    assert ended.exit_code in (0, 143), ended.error
    return Path(ended.path)


@pytest.fixture(scope="module")
def longer(tmp_path_factory, device) -> Path:
    """The finished run of five epochs, which is never interrupted."""
    return trained_once(tmp_path_factory.mktemp("longer"), device, "trainer.epochs=5")


def test_a_finished_run_goes_on_for_more_epochs_as_if_it_had_never_stopped(finished, longer, train):
    ended = train(read_run(finished), lambda event: False, "trainer.epochs=5")
    assert ended.exit_code == 0, ended.error
    assert differences(finished, longer) == []


def test_a_disk_that_is_full_while_a_run_goes_on_costs_nothing_once_there_is_room(finished, longer, train, monkeypatch):
    def full(folder: Path, epoch: int, *state, **options) -> Path:
        if epoch == 5:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))
        return save_checkpoint(folder, epoch, *state, **options)

    with monkeypatch.context() as patched:
        patched.setattr(progress, "save_checkpoint", full)
        for _ in range(2):
            ended = train(read_run(finished), lambda event: False, "trainer.epochs=5")
            assert (ended.exit_code, read_run(finished).status) == (1, "failed")
            assert "No space left on device" in str(ended.error)
    ended = train(read_run(finished))
    assert ended.exit_code == 0, ended.error
    assert differences(finished, longer) == []


def test_what_goes_on_from_a_checkpoint_is_what_went_on_past_it(train, tmp_path):
    alone = Path(train(tiny("trainer.checkpoint.keep=all")).path)
    assert checkpoints_of(alone) == ["epoch-00001", "epoch-00002", "epoch-00003"]
    again = Path(shutil.copytree(alone, tmp_path / "runs" / "again"))
    shutil.rmtree(again / "checkpoints" / "epoch-00003")
    shutil.rmtree(again / "checkpoints" / "epoch-00002")
    shutil.rmtree(again / "artifacts")  # they are made again
    (again / "metrics.json").unlink()
    record = json.loads((again / "run.json").read_bytes())
    (again / "run.json").write_text(json.dumps({**record, "status": "running"}))
    ended = train(read_run(again))
    assert ended.exit_code == 0, ended.error
    assert differences(again, alone) == []
    assert read_run(again).record["resumed"][0]["epochs"] == 1


@pytest.fixture(scope="module")
def stopped(tmp_path_factory, device) -> Path:
    """A run of three epochs, interrupted after two."""

    def stop(event: Event) -> None:
        if isinstance(event, Epoch) and event.number == 2:
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqrun.training.loop.SAVE_SECONDS", 0)
        return trained_once(tmp_path_factory.mktemp("stopped"), device, follower=stop)


@pytest.mark.parametrize("name", ["state.npz", "scalars.json", "manifest.json"])
def test_a_flipped_bit_in_the_newest_checkpoint_is_told_and_the_one_before_taken(name, once, stopped, tmp_path, train):
    path = Path(shutil.copytree(stopped, tmp_path / "runs" / stopped.name))
    file = path / "checkpoints" / "epoch-00002" / name
    damaged = bytearray(file.read_bytes())
    damaged[len(damaged) // 2] ^= 0x10
    file.write_bytes(damaged)
    ended = train(read_run(path))
    assert ended.exit_code == 0, ended.error
    assert differences(path, once) == []
    told = (path / "log.txt").read_text("utf-8")
    assert "checkpoint passed over" in told and "epoch-00002/" in told


def test_a_plugins_own_state_and_generators_outside_the_model_go_on_too(tmp_path, train):
    config = with_plugin(tmp_path, epochs=4)
    alone = train(load_experiment(config))
    assert alone.exit_code == 0, alone.error
    ended = train(load_experiment(config), lambda event: isinstance(event, Epoch) and event.number == 2)
    told = run_command("resume", ended.path, code=2).stderr
    assert "--allow-plugins" in told
    ended = train(read_run(ended.path))
    assert ended.exit_code == 0, ended.error
    assert differences(Path(ended.path), Path(alone.path)) == []


# --- what is kept -----------------------------------------------------------------------------------------------------


def checkpoints_of(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "checkpoints").iterdir())


def test_a_finished_run_keeps_its_last_checkpoint(once):
    assert checkpoints_of(once) == ["epoch-00003"]


def test_a_finished_run_keeps_no_checkpoint_if_its_config_says_so(train):
    ended = train(tiny("trainer.refit=true", "trainer.checkpoint.keep=none"))
    assert checkpoints_of(Path(ended.path)) == []
    told = run_command("resume", ended.path, "--set", "trainer.epochs=9", code=2).stderr
    assert "kept no checkpoint" in told and "config.yaml --set trainer.epochs=9" in told


def test_an_epoch_is_saved_in_its_middle_when_it_is_long(train, monkeypatch):
    saved = []
    monkeypatch.setattr(RunProgress, "save", lambda self, stage, number, arrays, scalars: saved.append(scalars["step"]))
    ended = train(tiny("trainer.epochs=1", "trainer.checkpoint.minutes=1e-9"))
    assert ended.exit_code == 0
    assert len(saved) > 2 and saved[-1] == 0 and saved[:-1] == sorted({*saved[:-1]})


@pytest.fixture(scope="module")
def looked_at(tmp_path_factory, device) -> tuple[Path, Path]:
    """A run of nine epochs, interrupted after three, and a copy of it as it was just before."""
    runs, copy = tmp_path_factory.mktemp("runs"), tmp_path_factory.mktemp("looked_at") / "copy"

    def stop(event: Event) -> None:
        if isinstance(event, Epoch) and event.number == 3:
            shutil.copytree(next(runs.iterdir()), copy)
            signal.raise_signal(signal.SIGTERM)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seqrun.training.loop.SAVE_SECONDS", 0)
        return trained_once(runs, device, "trainer.epochs=9", follower=stop), copy


def test_an_interrupted_run_predicts_with_its_best_weights_and_says_so(looked_at, once, tmp_path):
    ended, _ = looked_at
    weights = [content(each / "model.weights.h5") for each in (ended, once)]
    assert weights[0] == weights[1]
    told = of_new_input(ended, tmp_path).stderr
    assert "interrupted" in told and "best weights so far" in told


def test_a_run_that_is_going_on_or_was_killed_predicts_with_the_best_weights_of_its_last_checkpoint(
    looked_at, once, tmp_path
):
    _, copy = looked_at
    files = content_of(copy)
    with take(copy):
        going_on = of_new_input(copy, tmp_path)
    killed = of_new_input(copy, tmp_path)
    rows = [each.stdout.splitlines()[-1].split() for each in (going_on, killed, of_new_input(once, tmp_path))]
    assert rows[0] == rows[1] == rows[2][:2]  # that of the finished run has an interval beside the forecast
    losses = [row["val_loss"] for row in read_run(once).history]
    for ended, status in ((going_on, "running"), (killed, "interrupted")):
        told = " ".join(ended.stderr.split())
        assert f"{status} after 3 epochs" in told
        assert f"those of epoch {losses.index(min(losses)) + 1}, the best of the 3 epochs" in told
    assert content_of(copy) == files


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_finished_run_prints_its_directory(finished):
    assert run_command("resume", finished).stdout.strip().endswith(finished.name)
    event = json.loads(run_command("resume", finished, "--json").stdout)
    assert (event["event"], event["status"], Path(event["run"]).name) == ("finished", "finished", finished.name)


REFUSED = {
    "another setting": (["trainer.batch_size=5"], "only trainer.epochs and trainer.early_stopping.patience"),
    "fewer epochs": (["trainer.epochs=2"], "has trained 3 epochs already"),
}


@pytest.mark.parametrize(("settings", "told"), REFUSED.values(), ids=REFUSED)
def test_what_would_change_nothing_or_too_much_is_refused(settings, told, finished):
    before = (finished / "run.json").read_bytes()
    options = [part for setting in settings for part in ("--set", setting)]
    assert told in run_command("resume", finished, *options, code=2).stderr
    assert (finished / "run.json").read_bytes() == before


def test_more_epochs_than_early_stopping_allows_are_refused(finished):
    config = json.loads((finished / "run.json").read_bytes())["config"]
    config["trainer"]["early_stopping"] = {"monitor": "loss", "patience": 1, "mode": "max"}
    (finished / "config.yaml").write_text(json.dumps(config))
    told = run_command("resume", finished, "--set", "trainer.epochs=9", code=2).stderr
    assert "early stopping ended the training after epoch 3" in told and "patience=3" in told


def test_other_versions_and_other_data_are_refused_and_leave_the_run_as_it_was(finished, train):
    record = json.loads((finished / "run.json").read_bytes())
    for name, value, error in (
        ("packages", {**record["packages"], "keras": "2.0"}, "keras .* for 2.0.*--anyway"),
        ("data", {**record["data"], "rows": {"train": 1, "validation": 1, "test": 1}}, "samples"),
    ):
        (finished / "run.json").write_text(json.dumps({**record, name: value}))
        ended = train(read_run(finished), lambda event: False, "trainer.epochs=5")
        assert re.search(error, str(ended.error)) and ended.exit_code in (2, 4)
        assert read_run(finished).record == {**record, name: value}
    # A processor of another kind is told, and gone on with.
    (finished / "run.json").write_text(json.dumps({**record, "cpu": {"model": "an abacus", "count": 2}}))
    ended = train(read_run(finished), lambda event: False, "trainer.epochs=4")
    assert ended.exit_code == 0
    assert "an abacus" in read_run(finished).record["resumed"][0]["differences"][0]


def test_settings_that_were_changed_are_refused(finished, train):
    config = finished / "config.yaml"
    config.write_text(config.read_text("utf-8").replace("batch_size: 28", "batch_size: 14"), "utf-8")
    before = (finished / "run.json").read_bytes()
    ended = train(read_run(finished), lambda event: False, "trainer.epochs=5")
    assert ended.exit_code == 2 and "trainer.batch_size: 14 for 28" in str(ended.error)
    assert (finished / "run.json").read_bytes() == before


def test_so_is_another_value_of_an_environment_variable(train, monkeypatch):
    monkeypatch.setenv("RATE", "0.01")
    ended = train(tiny("trainer.optimizer.learning_rate=${env:RATE}"), lambda event: isinstance(event, Epoch))
    assert ended.exit_code == 143
    monkeypatch.setenv("RATE", "0.5")
    again = train(read_run(ended.path))
    assert again.exit_code == 2 and "trainer.optimizer.learning_rate: ${env:RATE" in str(again.error)
    assert "0.5" not in str(again.error)
    monkeypatch.setenv("RATE", "0.01")
    assert train(read_run(ended.path)).exit_code == 0


def test_of_a_killed_run_it_is_recorded_when_it_last_wrote(finished, train):
    record = json.loads((finished / "run.json").read_bytes())
    (finished / "run.json").write_text(json.dumps({**record, "status": "running"}))
    for path in (finished / "run.json", finished / "history.csv", *(finished / "checkpoints").iterdir()):
        os.utime(path, (1e9, 1e9))
    assert train(read_run(finished)).exit_code == 0
    assert read_run(finished).record["resumed"][0]["interrupted"] == "2001-09-09T01:46:40.000+00:00"


def test_a_finished_run_that_goes_on_keeps_its_results_until_there_are_new_ones(finished, train, tmp_path):
    kept = {name: (finished / name).read_bytes() for name in ("model.weights.h5", "metrics.json", "predictions.npz")}
    ended = train(read_run(finished), lambda event: isinstance(event, Epoch) and event.number == 5, "trainer.epochs=9")
    assert ended.exit_code == 143
    assert {name: (finished / name).read_bytes() for name in kept} == kept
    assert len(read_run(finished).record["epochs_sha256"]) == 5
    assert "the weights of its former end" in of_new_input(finished, tmp_path).stderr


def test_a_changed_data_file_is_exit_4(tmp_path, train):
    shutil.copytree(SMOKE / "data", tmp_path / "data")
    for name in ("lstm.yaml", "bag_of_words.yaml"):
        shutil.copy(SMOKE / name, tmp_path)
    config = tmp_path / "bag_of_words.yaml"
    ended = train(load_experiment(config), lambda event: isinstance(event, Epoch))
    (tmp_path / "data" / "imdb.npz").write_bytes((SMOKE / "data" / "mnist.npz").read_bytes())
    again = train(read_run(ended.path))
    assert again.exit_code == 4 and "other data than the run has read" in str(again.error)
    assert read_run(ended.path).status == "interrupted"


def test_a_diverged_run_says_what_helps_and_is_not_resumed(train):
    ended = train(tiny("trainer.optimizer={name: sgd, learning_rate: 1e30}"))
    assert ended.exit_code == 3
    assert "trainer.optimizer.global_clipnorm" in str(ended.error)
    told = run_command("resume", ended.path, code=2).stderr
    assert "diverged" in told and "global_clipnorm" in told
