"""Downloading a published file: it gets its name only after its checksum has been verified."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from seqrun import readable
from seqrun.datasets.files.parts import finish, new_part, remove_abandoned
from seqrun.datasets.files.transfer import CONNECT_SECONDS, DownloadFailed, fetch
from seqrun.datasets.files.unpacking import unpack
from seqrun.errors import DataError
from seqrun.events.events import Download, Emit, Message
from seqrun.machine.opener import open_file

MOST = 4  # times its published size are taken of a file, should it have grown


@dataclass(frozen=True)
class Remote:
    """A file as it is published."""

    name: str  # under which it is kept
    url: str
    algorithm: str = "sha256"  # of the checksum, as hashlib names it
    checksum: str | None = None  # hexadecimal; None: its publisher gives none
    zipped: bool = False  # what is published is a zip archive that holds the file under its name
    size: int | None = None  # bytes that were published, of the archive if it is one; None: unknown
    unpacked: int | None = None  # bytes of the file in the archive

    @property
    def most_unpacked(self) -> int | None:
        """How many bytes are unpacked at most."""
        return None if self.unpacked is None else MOST * self.unpacked


def download(remote: Remote, folder: Path, emit: Emit, *, patience: float = CONNECT_SECONDS) -> Path:
    """Download `remote` into `folder` and return its path; the file's name appears only when it is complete and
    correct. What processes that were killed left of earlier tries is removed.

    Raises DownloadFailed if it cannot be downloaded, or if its content is not what was published.
    """
    target = folder / remote.name
    emit(Message(f"downloading {remote.url}"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        remove_abandoned(target)
        with new_part(target) as part:  # two processes may fetch the same file at once
            digest = hashlib.new(remote.algorithm, usedforsecurity=False)

            def write(chunk: bytes) -> None:
                part.write(chunk)
                digest.update(chunk)

            def progress(done: int, total: int | None) -> None:
                emit(Download(remote.name, done, total))

            fetch(remote.url, write, progress, *_bound(remote, folder), patience=patience)
            part.flush()
            _check(remote, Path(part.name), digest.hexdigest(), emit)
            if remote.zipped:
                return unpack(Path(part.name), target, remote.most_unpacked)
            finish(part, target)
    except DataError as error:
        raise DownloadFailed(str(error)) from error
    except OSError as error:  # requests' own are turned into DownloadFailed where they happen
        raise DownloadFailed(f"cannot write {target}: {error.strerror or error}") from error
    return target


def _bound(remote: Remote, folder: Path) -> tuple[int, str]:
    """Return how many bytes are taken at most, and why in words."""
    free = shutil.disk_usage(folder).free
    room = (free, f"there is room for {readable.size(free)} in {folder}")
    if remote.size is None:
        return room
    published = f"{readable.size(remote.size)} were published, and no more than {MOST} times as much is taken"
    return min(room, (MOST * remote.size, published))


def _check(remote: Remote, part: Path, checksum: str, emit: Emit) -> None:
    """Raise DownloadFailed if the file is not the published one.

    Without a known checksum only web pages, such as a login or an error, are rejected.
    """
    if remote.checksum is None:
        emit(Message(f"{remote.url}: its publisher gives no checksum; {remote.algorithm} {checksum} is what came"))
        with open_file(part) as file:
            if file.read(256).lstrip().startswith(b"<"):
                raise DownloadFailed("a web page came instead of the file")
    elif checksum != remote.checksum:
        raise DownloadFailed(
            f"what came is not the published file: its {remote.algorithm} is {checksum}, "
            f"and should be {remote.checksum}; nothing was kept"
        )
