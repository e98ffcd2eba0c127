"""What the runs of one command share, and what each keeps for itself."""

import contextlib
import errno
import signal
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqrun.components.base import Dataset
from seqrun.components.options import Checkpoints
from seqrun.errors import ConfigError, DataError, InterruptedRun, Problem, UsageError
from seqrun.events.events import Message
from seqrun.machine.signals import StopSignals
from seqrun.running import runner
from seqrun.running.recording import with_own_plugins
from seqrun.running.runner import run_all
from seqrun.running.workshop import Workshop


def workshop(tmp_path: Path) -> Workshop:
    return Workshop(tmp_path, None, "CPU", [], [lambda event: None], StopSignals())


def toy(value: str):
    """A new dataset class of the name Toy."""

    class Toy(Dataset):
        tasks = frozenset({"classification"})
        inputs = "tokens"

        def load(self, locations):
            return [value]

    return SimpleNamespace(dataset=Toy(name="toy"))


def test_repeats_load_their_data_once_and_two_plugins_of_one_name_each_their_own(tmp_path):
    shop, one, other = workshop(tmp_path), toy("one"), toy("other")
    first = shop.load(one, lambda event: None)
    assert shop.load(one, lambda event: None) is first
    assert shop.load(other, lambda event: None) == ["other"]


def test_a_run_keeps_every_plugin_also_those_of_one_file_name(tmp_path):
    from seqrun.components.base import Experiment

    files = [tmp_path / folder / "model.py" for folder in "ab"]
    for file in files:
        file.parent.mkdir()
        file.write_text(f"# {file.parent.name}\n")
    (tmp_path / "run").mkdir()
    experiment = Experiment("x", 0, None, None, None, plugins=tuple(files))
    copies = with_own_plugins(experiment, tmp_path / "run").plugins
    assert [copy.read_text() for copy in copies] == ["# a\n", "# b\n"]
    assert all(copy.is_relative_to(tmp_path / "run") for copy in copies)


def test_after_a_signal_no_further_run_begins_whatever_the_one_before_made_of_it(tmp_path, monkeypatch):
    shop, begun = workshop(tmp_path), []

    def run(experiment, workshop):
        begun.append(experiment)
        workshop.signals.received = signal.SIGTERM
        return runner.Ended("run", 1, ValueError("a library swallowed the interruption"))

    monkeypatch.setattr(runner, "run", run)
    assert len(list(run_all(["first", "second"], shop))) == 1
    assert begun == ["first"]


def test_a_held_signal_is_not_forgotten_when_the_hold_ends():
    signals = StopSignals()
    with signals.installed(), pytest.raises(InterruptedRun) as stopped, signals.held():
        signal.raise_signal(signal.SIGINT)  # remembered
    assert stopped.value.exit_code == 130


def test_a_second_signal_does_not_wait():
    signals, reached = StopSignals(), []
    with signals.installed(), pytest.raises(InterruptedRun), signals.held():
        signal.raise_signal(signal.SIGTERM)
        reached.append("first")
        signal.raise_signal(signal.SIGTERM)
        reached.append("second")
    assert reached == ["first"]


def test_no_except_exception_stops_an_interruption():
    signals = StopSignals()
    with signals.installed(), pytest.raises(InterruptedRun), contextlib.suppress(Exception):
        signal.raise_signal(signal.SIGTERM)


class Toys(Dataset):
    """Samples that no network needs to read."""

    tasks = frozenset({"classification"})
    inputs = "tokens"
    name: str = "toys"

    def load(self, locations):
        locations.emit(Message("reading toys"))
        return SimpleNamespace(warnings=("few toys",), spec=None)


TRAINER = SimpleNamespace(checkpoint=Checkpoints())


def attempt(tmp_path, monkeypatch, **replaced):
    """How the run of an experiment with toys ended, and what was told; `replaced` are functions of the runner."""
    told, shop = [], workshop(tmp_path / "runs")
    shop.followers[:] = [told.append]
    monkeypatch.setattr(runner, "build", lambda experiment, splits: (None, splits))
    for name, function in replaced.items():
        monkeypatch.setattr(runner, name, function)
    experiment = SimpleNamespace(
        name="x", seed=0, plugins=(), loggers=(), private=False, dataset=Toys(), trainer=TRAINER
    )
    return runner.run(experiment, shop), told


def failing(error):
    def fail(*_):
        raise error

    return fail


def test_a_full_disk_ends_a_run_with_an_error_that_names_the_file(tmp_path, monkeypatch):
    full = OSError(errno.ENOSPC, "No space left on device", "/runs/x/history.csv")

    def record_start(directory, *_):
        directory.update(status="running")
        raise full

    ended, told = attempt(tmp_path, monkeypatch, record_start=record_start)
    assert ended.exit_code == 1
    end = told[-1]
    assert end.error == "No space left on device: /runs/x/history.csv"
    assert (end.status, end.next) == ("failed", f"seqrun resume {ended.path}")
    log = (Path(ended.path) / "log.txt").read_text().splitlines()
    assert log[:2] == ["reading toys", "warning: few toys"]  # from before there was a directory


@pytest.mark.parametrize(
    ("error", "code", "status"),
    [
        (DataError("line 3: no label"), 4, "failed"),
        (ConfigError([Problem(("architecture",), "too deep")]), 2, "failed"),
        (ZeroDivisionError("by design"), 1, "failed"),
        (InterruptedRun(signal.SIGTERM), 143, "interrupted"),
    ],
)
def test_what_fails_before_training_leaves_no_directory_and_is_told(error, code, status, tmp_path, monkeypatch):
    ended, told = attempt(tmp_path, monkeypatch, build=failing(error))
    assert (ended.path, ended.exit_code, ended.error) == (None, code, error)
    assert (told[-1].run, told[-1].status) == (None, status)
    assert str(error) in told[-1].line() and "->" not in told[-1].line()
    assert not (tmp_path / "runs").exists()


def test_a_network_that_the_trainer_refuses_leaves_no_directory_either(tmp_path, monkeypatch):
    refused = failing(UsageError("its outputs are no probabilities"))
    ended, _ = attempt(tmp_path, monkeypatch, record_start=lambda *_: None, facts_of=refused)
    assert (ended.path, ended.exit_code) == (None, 2)
    assert list((tmp_path / "runs").iterdir()) == []


def test_where_no_directory_could_be_made_nothing_is_read(tmp_path, monkeypatch):
    (tmp_path / "runs").write_text("a file stands in the way")
    with pytest.raises(UsageError, match=r"cannot make a run directory in .*runs is no directory"):
        attempt(tmp_path, monkeypatch, prepare=failing(AssertionError("it was read")))
