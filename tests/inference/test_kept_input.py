"""What can be read only once is kept in a temporary folder, which may have no room."""

from __future__ import annotations

import errno
import io
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from seqrun.errors import UsageError
from seqrun.inference.reading.samples import read_samples
from seqrun.inference.reading.streams import STDIN


class Reader:
    """Reads every kind of file, and keeps what was in the last one."""

    def __init__(self, error: OSError):
        self.error = error
        self.path, self.content = Path(), b""

    def reads(self, path):
        return True

    def read(self, path, column):
        self.path, self.content = path, path.read_bytes()
        raise self.error


def read_stdin(monkeypatch, reader: Reader) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"a\nb\n")))
    read_samples(SimpleNamespace(reader=reader, spec=SimpleNamespace(vocabulary=None)), STDIN)


def test_a_temporary_folder_without_room(monkeypatch):
    def full(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(UsageError, match=r"- \(4 bytes\) cannot be kept.*: No space left on device; set TMPDIR"):
        read_stdin(monkeypatch, Reader(OSError()))


def test_no_temporary_folder_at_all(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "none"))
    with pytest.raises(UsageError, match="No such file or directory; set TMPDIR"):
        read_stdin(monkeypatch, Reader(OSError()))


def test_what_goes_wrong_in_reading_is_not_taken_for_it(monkeypatch):
    reader = Reader(OSError("of the reader"))
    with pytest.raises(OSError, match="of the reader"):
        read_stdin(monkeypatch, reader)
    assert reader.content == b"a\nb\n" and not reader.path.parent.exists()
