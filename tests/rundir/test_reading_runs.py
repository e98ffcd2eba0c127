"""What a reader sees of a run that lives, ended, was killed, or is none."""

import multiprocessing
import os
import signal

import pytest

from seqrun.errors import UsageError
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.reading import read_run


def _run_for_ever(runs_dir, prepared, ready):
    run = RunDirectory.create(runs_dir, "x")
    if prepared:
        run.update(status="running")
        run.add_epoch({"epoch": 1, "loss": 0.5})
    ready.send(str(run.path))
    signal.pause()


@pytest.fixture
def process(tmp_path):
    """Starts a process that makes a run and lives on; the last one is killed with `kill`."""
    context = multiprocessing.get_context("spawn")
    started = []

    def start(prepared=True):
        ready, there = context.Pipe()
        worker = context.Process(target=_run_for_ever, args=(str(tmp_path), prepared, there))
        worker.start()
        there.close()
        started.append(worker)
        assert ready.poll(30)
        return ready.recv()

    def kill():
        os.kill(started[-1].pid, signal.SIGKILL)
        started[-1].join()

    start.kill = kill
    yield start
    for worker in started:
        worker.kill()
        worker.join()


def test_a_killed_run_reads_as_interrupted(process):
    path = process()
    assert read_run(path).status == "running"
    process.kill()
    found = read_run(path)
    assert found.status == "interrupted"
    assert found.record["status"] == "running"  # what stands in the file is not touched
    assert found.history == [{"epoch": 1, "loss": 0.5}]
    assert found.metrics is None


def test_a_half_made_directory_says_so(process):
    path = process(prepared=False)
    with pytest.raises(UsageError, match=r"without run\.json: its process is still preparing it"):
        read_run(path)
    process.kill()
    with pytest.raises(UsageError, match=r"without run\.json: it was stopped before it began"):
        read_run(path)


def test_looking_at_a_run_does_not_keep_its_owner_out(make_run):
    path = make_run(status="interrupted")
    with RunDirectory.open(path) as again:
        again.update(status="running")
        assert [read_run(path).status for _ in range(3)] == ["running"] * 3
    RunDirectory.open(path).close()


def test_a_run_that_ends_between_two_looks_is_not_called_interrupted(make_run, monkeypatch):
    path = make_run(status="running")
    run = make_run.alive[0]

    def ends_now(_):
        run.update(status="finished")
        run.close()
        return False

    monkeypatch.setattr("seqrun.rundir.lock.is_held", ends_now)
    assert read_run(path).status == "finished"


def test_a_copy_without_hidden_files_is_read(make_run, tmp_path):
    path = make_run(status="finished", test={"auc": 0.9})
    (path / ".lock").unlink()
    assert read_run(path).metrics["test"] == {"auc": 0.9}


@pytest.mark.parametrize("end", ["", "/", "/run.json", "/history.csv"])
def test_a_run_is_named_by_its_directory_or_a_file_in_it(make_run, end):
    path = make_run(history=[{"epoch": 1, "loss": 1.0}])
    assert read_run(f"{path}{end}").path == path


def test_what_is_no_run_is_a_usage_error_that_says_why(make_run, tmp_path):
    run = make_run()
    (run.parent / ".gitkeep").write_text("")
    for path, reason in [
        (tmp_path / "nowhere", "no such run directory"),
        (run.parent, r"has no run\.json \(it holds runs: name one of them\)"),
        (run.parent / ".gitkeep", "neither a run directory nor a file in one"),
    ]:
        with pytest.raises(UsageError, match=reason):
            read_run(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.json", "{"),
        ("run.json", "[]"),
        ("run.json", "{}"),
        ("metrics.json", "\x00"),
        ("history.csv", "epoch,loss\n1\n"),
        ("history.csv", "epoch,loss\n1,x\n"),
    ],
)
def test_a_damaged_file_is_named(make_run, name, content):
    path = make_run()
    (path / name).write_text(content)
    with pytest.raises(UsageError, match=name.replace(".", r"\.")):
        read_run(path)
