"""A run directory that is removed, renamed or taken over while its process writes in it."""

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqrun.errors import UsageError
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.presence import RunDirectoryGone
from seqrun.rundir.reading import read_run


def writes(run: RunDirectory) -> list:
    return [
        lambda: run.update(status="finished"),
        lambda: run.add_epoch({"epoch": 2, "loss": 0.5}),
        lambda: run.write_bytes("artifacts/vocabulary.json", b"{}"),
        run.check,
    ]


@pytest.mark.parametrize("number", range(4))
def test_a_removed_directory_is_told_and_not_made_anew(tmp_path, number):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running")
        shutil.rmtree(run.path)
        with pytest.raises(RunDirectoryGone, match=f"{run.path} was removed or renamed"):
            writes(run)[number]()
        run.log("the log says nothing of it")
    assert list(tmp_path.iterdir()) == []


def test_a_renamed_directory_is_told_though_another_has_its_name_now(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running")
        run.path.rename(tmp_path / "renamed")
        run.path.mkdir()
        with pytest.raises(RunDirectoryGone, match="removed or renamed"):
            run.update(status="finished")
        run.remove()  # which is not this other one
    assert list(run.path.iterdir()) == []
    assert read_run(tmp_path / "renamed").status == "interrupted"


def test_one_that_came_back_under_its_name_is_gone_on_with(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.path.rename(tmp_path / "aside")
        (tmp_path / "aside").rename(run.path)
        run.update(status="finished")
    assert read_run(run.path).status == "finished"


def test_a_removed_lock_is_taken_again(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running")
        (run.path / ".lock").unlink()
        run.add_epoch({"epoch": 1, "loss": 0.5})
        assert read_run(run.path).status == "running"
        with pytest.raises(UsageError, match="another process"):
            RunDirectory.open(run.path)


OTHER = (
    "import sys\n"
    "from seqrun.rundir.directory import RunDirectory\n"
    "run = RunDirectory.open(sys.argv[1])\n"
    "print('open', flush=True)\n"
    "sys.stdin.read()\n"
    "run.update(status='finished', by='the other')\n"
)


def test_of_two_processes_the_first_stops_when_the_second_took_a_run_whose_lock_was_removed(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.update(status="running")
        (run.path / ".lock").unlink()
        command = [sys.executable, "-c", OTHER, str(run.path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
            assert other.stdout.readline() == "open\n"
            with pytest.raises(RunDirectoryGone, match="its lock was replaced"):
                run.update(status="finished")
        assert other.returncode == 0
        with pytest.raises(RunDirectoryGone, match="its lock was replaced"):  # the other has ended, and had changed it
            run.update(status="finished")
    assert read_run(run.path).record["by"] == "the other"


def test_a_directory_that_cannot_be_filled_is_not_left(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("seqrun.rundir.lock.take", full)
    with pytest.raises(UsageError, match=r"cannot make a run directory .*No space left on device"):
        RunDirectory.create(tmp_path, "x")
    assert list(tmp_path.iterdir()) == []


class Full:
    """A file on a disk that is full after some bytes, until there is room again."""

    def __init__(self, path: Path, room: int):
        self.file, self.room = path.open("ab"), room

    def write(self, content: bytes) -> int:
        if not self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        written = self.file.write(content[: self.room])
        self.file.flush()
        self.room -= written
        return written

    def close(self) -> None:
        self.file.close()


def test_a_full_disk_costs_the_log_lines_and_the_run_nothing(tmp_path):
    with RunDirectory.create(tmp_path, "x") as run:
        run.log("first")
        disk = run._log._file = Full(run.path / "log.txt", 3)
        run.log("second")
        run.log("third")
        disk.room = 1000
        run.log("fourth")
        run.log("fifth")
    text = (run.path / "log.txt").read_text()
    assert text == "first\nsec\n(2 lines are missing here: No space left on device)\nfourth\nfifth\n"
