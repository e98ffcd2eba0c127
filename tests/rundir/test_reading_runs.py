"""What a reader sees of a run that lives, ended, was killed, or is none."""

import multiprocessing
import os
import signal

import pytest

from seqrun.errors import UsageError
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.reading import read_run
from seqrun.rundir.several import read_runs


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
        ("history.csv", "loss\n1\n"),
        ("history.csv", "epoch,loss\ninf,1\n"),
        ("history.csv", "epoch,loss\n1.5,1\n"),
        ("history.csv", f"epoch,loss\n1,{'z' * 200_000}\n"),
        ("history.csv", "epoch,seconds\n1,-inf\n"),
        ("run.json", '{"status": "gone"}'),
        ("run.json", '{"status": ["finished"]}'),
        ("run.json", '{"status": "finished", "config": []}'),
        ("run.json", '{"status": "finished", "config": {"trainer": "classifier"}}'),
        ("run.json", '{"status": "finished", "config": {"trainer": {"early_stopping": {"monitor": 5}}}}'),
        ("run.json", '{"status": "finished", "data": {"sources": [{"kind": "path"}]}}'),
        ("run.json", '{"status": "finished", "warnings": "one"}'),
        ("run.json", '{"status": "finished", "started": "yesterday"}'),
        ("run.json", '{"status": "finished", "seconds": NaN}'),
        ("run.json", '{"status": "finished", "parameters": {"total": 1e400}}'),
        ("run.json", '{"status": "finished", "notes": "\\ud800"}'),
        ("run.json", '{"status": "finished", "config": ' + '{"a": ' * 200 + "1" + "}" * 201),
        ("run.json", "[" * 100_000),
        ("metrics.json", '{"test": {"auc": "high"}}'),
        ("metrics.json", '{"test": {"auc": 1e999}}'),
        ("metrics.json", '{"best_epoch": -1}'),
        ("metrics.json", '{"baselines": {"majority": 0.5}}'),
    ],
    ids=lambda value: value[:60],
)
def test_a_damaged_file_is_named(make_run, name, content):
    path = make_run()
    (path / name).write_text(content)
    with pytest.raises(UsageError, match=name.replace(".", r"\.")) as raised:
        read_run(path)
    assert len(str(raised.value)) < len(str(path)) + 200


def test_a_damaged_value_is_told_by_its_place_with_what_it_must_be(make_run):
    path = make_run()
    (path / "run.json").write_text('{"status": "finished", "data": {"rows": {"train": -5}}}')
    with pytest.raises(UsageError, match=r"data\.rows\.train must be a whole number from 0 on, not -5"):
        read_run(path)
    (path / "run.json").write_text('{"status": "finished"}')
    (path / "history.csv").write_text("epoch,loss\n1,0.5\ninf,0.4\n")
    with pytest.raises(UsageError, match=r"history\.csv: damaged: line 3\.epoch must be a whole number"):
        read_run(path)


@pytest.mark.parametrize(
    ("name", "size"), [("run.json", 64_000_001), ("metrics.json", 64_000_001), ("history.csv", 256_000_001)]
)
def test_a_file_that_is_too_large_is_not_read(make_run, name, size):
    path = make_run()
    with (path / name).open("wb") as file:
        file.truncate(size)  # a sparse file
    with pytest.raises(UsageError, match=f"{name.replace('.', chr(92) + '.')}: is larger than"):
        read_run(path)


def test_of_many_runs_what_is_equal_is_kept_once(make_run):
    one, other = (make_run(seed=seed, settings={"architecture.units": units}) for seed, units in ((1, 8), (2, 16)))
    first, second = read_runs([one, other], pytest.fail)
    assert first.record["data"] is second.record["data"]
    assert first.record["config"]["trainer"] is second.record["config"]["trainer"]
    assert [run.record["config"]["architecture"]["units"] for run in (first, second)] == [8, 16]
    assert first.record == read_run(one).record


def test_equal_numbers_of_unlike_types_stay_what_they_are(make_run):
    runs = [make_run(seed=seed, settings={"architecture": {"units": units}}) for seed, units in ((1, 1), (2, True))]
    found = read_runs(runs, pytest.fail)
    assert [type(run.record["config"]["architecture"]["units"]) for run in found] == [int, bool]
