"""A cache of prepared datasets, for the next run that would prepare the same.

Each entry is keyed by the content of the sources, the settings of the dataset and the code that prepares it, so it
cannot become outdated. Its name ends in the SHA-256 of its key and content: one that was changed, or put in another's
place, is not used. Text that takes seconds to read and encode is read back in hundredths of a second.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.datasets.files.sources import Found
from seqrun.events.events import Event, Message, Warned
from seqrun.machine import opener

if TYPE_CHECKING:
    from seqrun.components.splits import Splits

WORTH_KEEPING = 0.5  # seconds that preparing took, at least
ROOM = 2_000_000_000  # bytes of all that is kept; what was used longest ago makes room
LIBRARIES = ("numpy", "pandas", "pyarrow", "rensa")  # whose versions may change what comes out

_TOLD: dict[str, type[Message | Warned]] = {"message": Message, "warning": Warned}


def prepared_folder() -> Path:
    """Return the folder of the cache: `seqrun/prepared` in XDG_CACHE_HOME, by default ~/.cache."""
    given = Path(os.environ.get("XDG_CACHE_HOME") or "")  # the specification has relative ones ignored
    return (given if given.is_absolute() else Path("~/.cache").expanduser()) / "seqrun" / "prepared"


def programs_folder() -> Path:
    """Return the folder beside it in which compiled programs are kept (`seqrun.machine.programs`)."""
    return prepared_folder().with_name("programs")


def prepared(
    dataset: Dataset, locations: Locations, found: Sequence[Found], prepare: Callable[[Locations], Splits]
) -> Splits:
    """Return the splits that `prepare` makes of the files `found`, from the cache if possible.

    Messages and warnings from the preparation are kept and repeated. Nothing is cached without a `locations.cache`, if
    preparing is quick, or for a plugin's dataset, whose code may change. An entry that is damaged is removed and
    prepared again, with a warning.
    """
    if locations.cache is None or not type(dataset).__module__.startswith("seqrun."):
        return prepare(locations)
    try:
        key = _key(dataset, found)
    except OSError:  # a source cannot be read: `prepare` reports it
        return prepare(locations)
    for path in sorted(locations.cache.glob(f"{key}-*.npz")):
        if (splits := _read(path, key, locations)) is not None:
            locations.emit(Message(f"{dataset.name}: as prepared for an earlier run ({path})"))
            return splits
    told: list[Event] = []

    def emit(event: Event) -> None:
        told.append(event)
        locations.emit(event)

    started = time.perf_counter()
    splits = prepare(replace(locations, emit=emit))
    if time.perf_counter() - started >= WORTH_KEEPING:
        _keep(locations.cache, key, splits, told, locations)
    return splits


def clear(folder: Path) -> tuple[int, int]:
    """Remove all entries; return how many files and bytes they were."""
    kept = _by_last_use(folder)
    for path, _ in kept:
        path.unlink(missing_ok=True)
    return len(kept), sum(size for _, size in kept)


def _key(dataset: Dataset, found: Sequence[Found]) -> str:
    """Return the SHA-256 of everything that determines the result.

    That includes the paths, which warnings name, and which settings are null explicitly: `sample: null` says more than
    the same value by default.
    """
    facts = {
        "code": code_hash(),
        "dataset": type(dataset).__qualname__,
        "settings": dataset.model_dump(mode="json"),
        "nulls": sorted(name for name in dataset.model_fields_set if getattr(dataset, name) is None),
        "sources": [(each.kind, str(each.path), each.content) for each in found],
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


@cache
def code_hash() -> str:
    """Return the SHA-256 of the code that prepares data and of the versions of what it uses."""
    package = Path(__file__).parents[2]
    code = sorted(path for room in ("components", "datasets") for path in (package / room).rglob("*.py"))
    versions = [platform.python_version(), *map(importlib.metadata.version, LIBRARIES)]
    parts = [*map(opener.read_bytes, code), *map(str.encode, versions)]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def _name(key: str, path: Path) -> str:
    """Return the name of the entry of this key that has the content of a file."""
    content = hashlib.sha256(key.encode())
    with opener.open_file(path) as file:
        while part := file.read(2**20):
            content.update(part)
    return f"{key}-{content.hexdigest()}.npz"


def _read(path: Path, key: str, locations: Locations) -> Splits | None:
    """Return the entry; None if it is damaged: then it is removed, and a warning says so."""
    from seqrun.datasets.files.splits_file import read_splits

    try:
        if path.name != _name(key, path):
            raise ValueError("its content is not what was kept there")
        splits, notes = read_splits(path)
        told = [_TOLD[kind](text) for kind, text in notes["told"]]
        os.utime(path)
    except FileNotFoundError:  # another process has just made room
        return None
    except Exception as error:  # there is no end to what a broken zip can raise
        locations.emit(Warned(f"{path} is damaged and made anew: {error}"))
        _remove(path, locations)
        return None
    for event in told:
        locations.emit(event)
    return splits


def _remove(path: Path, locations: Locations) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        locations.emit(Warned(f"{path} cannot be removed: {error.strerror or error}"))


def _keep(folder: Path, key: str, splits: Splits, told: Sequence[Event], locations: Locations) -> None:
    """Write the entry, whole or not at all; if the folder cannot be written, only warn."""
    from seqrun.datasets.files.splits_file import size, write_splits
    from seqrun.rundir.atomic import temporary_name  # here: `seqrun list` needs none of what it imports

    if size(splits) > ROOM:
        return
    notes = [(kind, event.text) for event in told for kind, each in _TOLD.items() if type(event) is each]
    temporary = temporary_name(folder / f"{key}.npz")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with temporary.open("xb") as file:
                write_splits(file, splits, {"told": notes})
            temporary.replace(folder / _name(key, temporary))
        finally:
            temporary.unlink(missing_ok=True)
        make_room(folder)
    except OSError as error:
        locations.emit(Warned(f"prepared data cannot be kept in {folder}: {error.strerror or error}"))


def make_room(folder: Path) -> None:
    """Remove the entries that were used longest ago until the rest fits into ROOM."""
    kept = _by_last_use(folder)
    taken = sum(size for _, size in kept)
    for path, size in kept:
        if taken <= ROOM:
            return
        path.unlink(missing_ok=True)
        taken -= size


def _by_last_use(folder: Path) -> list[tuple[Path, int]]:
    """Return every file with its size, the one used longest ago first; temporary files of killed writers included."""
    found = []
    for path in folder.glob("*"):
        try:
            status = path.stat()
        except FileNotFoundError:  # another process has just removed it
            continue
        found.append((status.st_mtime_ns, path, status.st_size))
    return [(path, size) for _, path, size in sorted(found)]
