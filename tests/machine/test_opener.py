"""Files are opened if they are files; all else is refused at once, with the reason."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from seqrun.machine.opener import open_descriptor, open_file, read_bytes, why_not


@pytest.fixture
def no_files(tmp_path, monkeypatch):
    """What is no file, by how the error calls it."""
    os.mkfifo(tmp_path / "pipe")
    monkeypatch.chdir(tmp_path)  # the name of a socket has 108 bytes at most
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        (tmp_path / "link").symlink_to("/dev/zero")
        yield {"a pipe": Path("pipe"), "a socket": Path("socket"), "a device": Path("link")}


@pytest.mark.parametrize("kind", ["a pipe", "a socket", "a device"])
def test_what_is_no_file_is_refused_at_once(no_files, kind):
    with pytest.raises(OSError, match=f"^is {kind}, not a regular file$") as raised:
        open_file(no_files[kind])
    assert raised.value.strerror == f"is {kind}, not a regular file"
    assert raised.value.filename == str(no_files[kind])
    assert why_not(no_files[kind]) == f"is {kind}, not a regular file"


def test_a_file_that_cannot_be_made_is_refused_too(no_files):
    with pytest.raises(OSError, match="is a pipe"):
        open_descriptor(no_files["a pipe"], os.O_RDWR | os.O_CREAT)


def test_folders_and_missing_files_are_what_the_system_calls_them(tmp_path):
    with pytest.raises(IsADirectoryError):
        open_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "missing")
    with pytest.raises(OSError, match="File name too long"):
        open_file(tmp_path / ("x" * 300))
    assert why_not(tmp_path) is None
    assert why_not(tmp_path / "missing") is None


@pytest.mark.parametrize("name", ["a\0b", "a\ud800b"])
def test_what_no_file_can_be_called_is_no_path(tmp_path, name):
    with pytest.raises(OSError, match="is no path"):
        open_file(tmp_path / name)
    assert why_not(tmp_path / name) is None


def test_links_are_followed(tmp_path):
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to("file")
    assert read_bytes(tmp_path / "link") == b"content"


def test_a_file_is_as_large_as_it_may_be(tmp_path):
    (tmp_path / "file").write_bytes(bytes(1000))
    assert read_bytes(tmp_path / "file", 1000) == bytes(1000)
    with pytest.raises(OSError, match=r"is larger than 999 bytes, which is more than such a file has"):
        read_bytes(tmp_path / "file", 999)


def test_a_file_that_does_not_say_how_large_it_is_has_the_bound_too():
    assert read_bytes("/proc/self/status", 10_000_000)
    with pytest.raises(OSError, match="is larger than 10 bytes"):
        read_bytes("/proc/self/status", 10)


def test_a_pipe_is_read_to_its_end_where_pipes_are_allowed(no_files):
    pipe = no_files["a pipe"]
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)  # without which it could not be opened to write
    writing = os.fdopen(os.open(pipe, os.O_WRONLY), "wb")

    def write() -> None:
        with writing:
            writing.write(bytes(300_000))  # more than a pipe holds

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert read_bytes(pipe, pipes=True) == bytes(300_000)
    writer.join()
    os.close(reading)


def test_a_pipe_waits_for_its_writer(no_files):
    def write() -> None:
        time.sleep(0.2)
        no_files["a pipe"].write_bytes(b"late")

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    assert read_bytes(no_files["a pipe"], pipes=True) == b"late"
    writer.join()


def test_no_descriptor_stays_open(no_files, tmp_path):
    (tmp_path / "large").write_bytes(bytes(10))
    before = len([*Path("/proc/self/fd").iterdir()])
    for path in [*no_files.values(), tmp_path, tmp_path / "large"]:
        with pytest.raises(OSError, match=r"is|Is"):
            open_file(path, most=5)
    assert len([*Path("/proc/self/fd").iterdir()]) == before
