"""Downloading a published file: it gets its name only after its checksum has been verified."""

from __future__ import annotations

import hashlib
import os
import queue
import shutil
import threading
import zipfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.errors import DataError
from seqrun.events.events import Download, Emit, Message

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 10.0  # to the first byte of an answer, names and every address of the server included
STALL_SECONDS = 30.0  # without a byte, once the server has answered
CHUNK = 1 << 18  # bytes


@dataclass(frozen=True)
class Remote:
    """A file as it is published."""

    name: str  # under which it is kept
    url: str
    algorithm: str = "sha256"  # of the checksum, as hashlib names it
    checksum: str | None = None  # hexadecimal; None: its publisher gives none
    zipped: bool = False  # what is published is a zip archive that holds the file under its name


class DownloadFailed(Exception):
    """The file cannot be downloaded now: no network, no such file, a broken transfer, or different content."""


def download(remote: Remote, folder: Path, emit: Emit, *, patience: float = CONNECT_SECONDS) -> Path:
    """Download `remote` into `folder` and return its path; the file's name appears only when it is complete and
    correct.

    Raises DownloadFailed if it cannot be downloaded, or if its content is not what was published.
    """
    target = folder / remote.name
    part = folder / f"{remote.name}.{os.getpid()}.part"  # two processes may fetch the same file at once
    emit(Message(f"downloading {remote.url}"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        checksum = _fetch(remote, part, emit, patience)
        _check(remote, part, checksum, emit)
        if remote.zipped:
            return unpack(part, target)
        part.replace(target)
    except DataError as error:
        raise DownloadFailed(str(error)) from error
    except OSError as error:  # requests' own are turned into DownloadFailed where they happen
        raise DownloadFailed(f"cannot write {target}: {error.strerror or error}") from error
    finally:
        with suppress(OSError):  # it may be that the folder cannot even be read
            part.unlink(missing_ok=True)
    return target


def _check(remote: Remote, part: Path, checksum: str, emit: Emit) -> None:
    """Raise DownloadFailed if the file is not the published one.

    Without a known checksum only web pages, such as a login or an error, are rejected.
    """
    if remote.checksum is None:
        emit(Message(f"{remote.url}: its publisher gives no checksum; {remote.algorithm} {checksum} is what came"))
        with part.open("rb") as file:
            if file.read(256).lstrip().startswith(b"<"):
                raise DownloadFailed("a web page came instead of the file")
    elif checksum != remote.checksum:
        raise DownloadFailed(
            f"what came is not the published file: its {remote.algorithm} is {checksum}, "
            f"and should be {remote.checksum}; nothing was kept"
        )


def unpack(archive: Path, target: Path) -> Path:
    """Write the zip archive's member that has the target's name to `target`, whole, and return `target`.

    Raises DataError if there is no such member.
    """
    part = target.with_name(f"{target.name}.{os.getpid()}.unpacked.part")
    try:
        with zipfile.ZipFile(archive) as opened, opened.open(target.name) as member, part.open("wb") as file:
            shutil.copyfileobj(member, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError) as error:
        raise DataError(f"{archive.name} is no whole zip archive with {target.name} in it: {error}") from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)
    return target


def _fetch(remote: Remote, part: Path, emit: Emit, patience: float) -> str:
    """Write the file's bytes to `part` and return their checksum."""
    import requests

    digest = hashlib.new(remote.algorithm, usedforsecurity=False)
    done = 0
    try:
        with _answer(remote.url, patience) as response, part.open("wb") as file:
            response.raise_for_status()
            length = response.headers.get("Content-Length")
            total = int(length) if length else None
            for chunk in response.iter_content(CHUNK):
                file.write(chunk)
                digest.update(chunk)
                done += len(chunk)
                emit(Download(remote.name, done, total))
            file.flush()
            os.fsync(file.fileno())
    except requests.RequestException as error:
        raise DownloadFailed(f"{'broke off: ' if done else ''}{_reason(error)}") from error
    if total is not None and done != total:
        raise DownloadFailed(f"broke off after {done:,} of {total:,} bytes")
    return digest.hexdigest()


def _answer(url: str, patience: float) -> requests.Response:
    """Return the server's response before its body is read; raise DownloadFailed if there is none within `patience`
    seconds.

    The request runs in a thread, because a connect timeout counts for each of the server's addresses and not for the
    name lookup: behind a firewall that drops packets, minutes would pass.
    """
    import requests

    answers: queue.SimpleQueue[requests.Response | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            headers = {"Accept-Encoding": "identity"}  # Content-Length must count what we count
            answers.put(requests.get(url, headers=headers, stream=True, timeout=(patience, STALL_SECONDS)))
        except Exception as error:  # handed over to the thread that waits
            answers.put(error)

    threading.Thread(target=ask, name="download", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        raise DownloadFailed(f"no answer within {patience:g} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _reason(error: Exception) -> str:
    """Return what went wrong, without the exceptions that requests and urllib3 wrap around it."""
    import requests

    layers: list[BaseException] = [error]
    while inner := [
        each for each in (getattr(layers[-1], "reason", None), *layers[-1].args) if _is_layer(each, layers)
    ]:
        layers.append(inner[0])
    proxy = "the proxy: " if isinstance(error, requests.exceptions.ProxyError) else ""
    return proxy + (str(layers[-1]).rpartition("): ")[2] or type(layers[-1]).__name__)


def _is_layer(value: object, layers: list[BaseException]) -> bool:
    return isinstance(value, BaseException) and value not in layers
