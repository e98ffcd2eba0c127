"""The directory of a run, as the one process sees it that writes it; `reading.py` is for readers."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seqrun.errors import UsageError
from seqrun.readable import printable
from seqrun.rundir import atomic, hashes, history, log, reading, tags
from seqrun.rundir.names import in_directory
from seqrun.rundir.presence import Presence
from seqrun.rundir.reading import HISTORY, RECORD

FOLDERS = ("artifacts", "checkpoints", "plots")  # of a run, which it writes in


def utc_now() -> str:
    """Return the current time as `run.json` records it: ISO 8601, UTC, milliseconds."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class RunDirectory:
    """A run directory that only this process may write, until `close` (or the end of the process) releases its lock.

    What writes raises RunDirectoryGone once the directory was removed or renamed; it is not made anew.
    """

    def __init__(self, present: Presence, record: dict[str, Any], rows: list[history.Row]):
        self.path = present.path
        self.record = record  # the content of run.json: {} before there is one
        self.rows = rows  # the content of history.csv
        self._present = present
        self._log = log.Log(self.path / log.NAME)

    @classmethod
    def create(cls, runs_dir: str | Path, name: str, *, private: bool = False) -> RunDirectory:
        """Create `runs_dir/20261122-041530_NAME` (UTC; with -2, -3, ... if that exists), take its lock, and return it.

        A private one can be read by its owner alone. Raises UsageError if the directory cannot be created.
        """
        stem = f"{datetime.now(UTC):%Y%m%d-%H%M%S}_{in_directory(name)}"
        try:
            Path(runs_dir).mkdir(parents=True, exist_ok=True)
            path = _make_exclusively(Path(runs_dir).resolve(), stem, 0o700 if private else 0o777)
            try:
                return cls(Presence(path), {}, [])
            except BaseException:
                shutil.rmtree(path)
                raise
        except OSError as error:
            raise UsageError(f"cannot make a run directory in {runs_dir}: {error.strerror}") from None

    @classmethod
    def open(cls, path: str | Path) -> RunDirectory:
        """Return an existing run, locked, to continue it.

        Raises UsageError for a directory that is not a run, if another process is working on it, and if this one cannot
        write it.
        """
        path = reading.read_run(path).path.resolve()  # before the lock, whose file must not be made elsewhere
        _check_writable(path)
        try:
            present = Presence(path)
            atomic.remove_leftovers(path)
            found = reading.read_run(path)
            return cls(present, found.record, found.history)
        except OSError as error:
            where = error.filename or path
            raise UsageError(f"{where}: {error.strerror}; to go on with a run is to write in {path}") from None

    def cut(self, epochs: int) -> None:
        """Keep the first `epochs` lines of `history.csv` alone: what follows is trained again."""
        self.rows = [row for row in self.rows if row["epoch"] <= epochs]
        self.write_text(HISTORY, history.to_csv(self.rows))

    def update(self, **fields: Any) -> None:
        """Merge the fields into `run.json`, each replacing the former value of that name; JSON as in `write_json`."""
        self._write_record({**self.record, **atomic.plain(fields)})

    def add_epoch(self, row: Mapping[str, float]) -> None:
        """Append an epoch to `history.csv`; the row has at least the key `epoch`."""
        self.rows.append(history.numbers(row))
        self.write_text(HISTORY, history.to_csv(self.rows))

    def write_text(self, name: str, content: str) -> Path:
        """Write a UTF-8 file at the relative path `name`, creating its folders."""
        return self.write_bytes(name, content.encode())

    def write_json(self, name: str, value: Any) -> Path:
        """Write strict JSON: NaN and infinity become null, numpy scalars and arrays numbers and lists."""
        path = self._inside(name)
        atomic.write_json(path, value)
        return path

    def write_bytes(self, name: str, content: bytes) -> Path:
        """Write a file at the relative path `name`, creating its folders; raise ValueError if it is outside the run.

        The hash of a file by which the run predicts goes into `run.json` with the next update.
        """
        path = self._inside(name)
        if name in self.record.get(hashes.FIELD, {}):  # killed in between, the run has no hash of it, and no wrong one
            self._write_record(hashes.without_hash(self.record, name))
        atomic.write_bytes(path, content)
        if hashes.is_hashed(name):
            self.record = hashes.with_hash(self.record, name, content)
        return path

    def log(self, line: str) -> None:
        """Append a line to `log.txt`, with nothing in it that a terminal would obey."""
        self._log.write(printable(line))

    def check(self) -> None:
        """Raise RunDirectoryGone if the directory was removed or renamed, or another process works on it."""
        self._present.check()

    def close(self) -> None:
        """Release the lock; `run.json` is final now."""
        self._log.close()
        self._present.close()

    def remove(self) -> None:
        """Remove the directory, of a run that has come to nothing, if it is still there and can be removed."""
        if self._present.is_there():
            shutil.rmtree(self.path, ignore_errors=True)
        self.close()

    def __enter__(self) -> RunDirectory:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _write_record(self, record: dict[str, Any]) -> None:
        """Write `run.json`, with the tags that another process may have given the run meanwhile."""
        self.check()
        with tags.writing(self.path):
            record = tags.taken_over(record, self.path)
            self.write_json(RECORD, record)
        self.record = record

    def _inside(self, name: str) -> Path:
        path = self.path / name
        if not path.resolve().is_relative_to(self.path):
            raise ValueError(f"{name!r} is outside the run directory {self.path}")
        self.check()
        for folder in reversed(Path(name).parents[:-1]):  # not the run's own, should it be removed right now
            (self.path / folder).mkdir(exist_ok=True)
        return path


def check_runs_dir(runs_dir: str | Path) -> None:
    """Raise UsageError if no run directory could be made there; makes nothing."""
    above = next(folder for folder in (Path(runs_dir), *Path(runs_dir).absolute().parents) if folder.exists())
    if not above.is_dir():
        raise UsageError(f"cannot make a run directory in {runs_dir}: {above} is no directory")
    if not os.access(above, os.W_OK | os.X_OK):
        raise UsageError(f"cannot make a run directory in {runs_dir}: no permission to write in {above}")


def _check_writable(run: Path) -> None:
    """Raise UsageError if this process cannot write in a folder of the run, and would fail half done."""
    for path in map(run.joinpath, FOLDERS):
        if (path.exists() or path.is_symlink()) and not path.is_dir():
            kind = "a link to what is not there" if path.is_symlink() and not path.exists() else "no folder"
            raise UsageError(f"{path} is {kind}; to go on with a run is to write in it: remove it, or mend it")
    for folder in (run, *(path for path in run.rglob("*") if path.is_dir())):
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            raise UsageError(f"{folder}: no permission to write there; to go on with a run is to write in {run}")


def _make_exclusively(runs_dir: Path, stem: str, mode: int) -> Path:
    path, number = runs_dir / stem, 1
    while True:
        try:
            path.mkdir(mode)
        except FileExistsError:
            number += 1
            path = runs_dir / f"{stem}-{number}"
        else:
            atomic.sync_folder(runs_dir)
            return path
