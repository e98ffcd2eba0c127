"""A file is the old one or the new one, never a part; nothing temporary stays behind."""

import errno
import json
import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from seqrun.rundir import atomic

SIZE = 3_000_000


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _rewrite_for_ever(path: str) -> None:
    for letter in "ab" * 1_000_000:
        atomic.write_text(Path(path), letter * SIZE)


def test_a_killed_writer_leaves_a_whole_file(tmp_path, wait_for):
    path = tmp_path / "big.txt"
    context = multiprocessing.get_context("spawn")
    for moment in (0.0, 0.003, 0.011):
        writer = context.Process(target=_rewrite_for_ever, args=(str(path),), daemon=True)
        before = path.stat().st_ino if path.exists() else None
        writer.start()
        wait_for(lambda before=before: path.exists() and path.stat().st_ino != before, writer.is_alive)
        for _ in range(20):  # what a reader sees meanwhile
            text = path.read_text()
            assert (len(text), len(set(text))) == (SIZE, 1)
        time.sleep(moment)
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        text = path.read_text()
        assert (len(text), len(set(text))) == (SIZE, 1)
    atomic.remove_leftovers(tmp_path)
    assert names(tmp_path) == ["big.txt"]


def test_an_error_while_writing_keeps_the_old_file_and_no_temporary_one(tmp_path, monkeypatch):
    path = tmp_path / "run.json"
    atomic.write_text(path, "old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic.write_text(path, "new")
    assert path.read_text() == "old"
    assert names(tmp_path) == ["run.json"]


def test_file_and_folder_are_synced_before_and_after_the_rename(tmp_path, monkeypatch):
    done = []
    sync, replace = os.fsync, Path.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (done.append(str(Path(f"/proc/self/fd/{fd}").readlink())), sync(fd)))
    monkeypatch.setattr(Path, "replace", lambda self, to: (done.append("rename"), replace(self, to)))
    atomic.write_text(tmp_path / "a.txt", "a")
    file, rename, folder = done
    assert (Path(file).parent, rename, folder) == (tmp_path, "rename", str(tmp_path))


def test_what_is_linked_to_is_replaced_and_the_link_kept(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path / "target")
    atomic.write_text(tmp_path / "link", "new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_device_is_written_to_and_stays_a_device():
    atomic.write_text(Path("/dev/null"), "x")
    assert Path("/dev/null").is_char_device()


def test_json_is_strict_and_understands_numpy(tmp_path):
    value = {
        "nan": float("nan"),
        "infinite": [float("inf"), np.float32("-inf")],
        "scalar": np.float64(0.1),
        "count": np.int64(3),
        "array": np.array([[1, 2]]),
        "flag": np.bool_(True),
        "path": tmp_path,
        "pair": (1, "é"),
    }
    atomic.write_json(tmp_path / "a.json", value)

    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    assert json.loads((tmp_path / "a.json").read_text("utf-8"), parse_constant=refuse) == {
        "nan": None,
        "infinite": [None, None],
        "scalar": 0.1,
        "count": 3,
        "array": [[1, 2]],
        "flag": True,
        "path": str(tmp_path),
        "pair": [1, "é"],
    }


def test_what_json_cannot_hold_is_an_error_and_writes_nothing(tmp_path):
    with pytest.raises(TypeError, match="object"):
        atomic.write_json(tmp_path / "a.json", {"a": object()})
    assert names(tmp_path) == []


def test_a_folder_that_fails_half_way_is_not_there(tmp_path):
    with pytest.raises(ZeroDivisionError), atomic.new_folder(tmp_path / "new") as folder:
        (folder / "half").write_text("x")
        raise ZeroDivisionError
    assert names(tmp_path) == []


@pytest.mark.parametrize("name", ["a.txt", "folder"])
def test_a_full_disk_is_an_error_that_names_the_file(tmp_path, monkeypatch, name):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left on device") as error:
        if name == "folder":
            with atomic.new_folder(tmp_path / name) as folder:
                (folder / "x").touch()
        else:
            atomic.write_text(tmp_path / name, "x")
    assert error.value.filename == str(tmp_path / name)
    assert names(tmp_path) == []
