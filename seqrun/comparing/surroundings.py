"""What two runs ran on and with: code, packages, device, threads, processor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from seqrun.errors import UsageError
from seqrun.machine import opener
from seqrun.machine.device import kind_of
from seqrun.rundir.environment import PATCH_LIMIT
from seqrun.rundir.reading import RunRecord

PATCH = "code.patch"
COMMIT, CHANGES = "code (git commit)", "uncommitted changes of code"


@dataclass(frozen=True)
class Surrounding:
    """One thing that differs."""

    name: str
    was: Any
    now: Any

    def __str__(self) -> str:
        return f"{self.name}: {line(self.was)}, then {line(self.now)}"


def surroundings(record: Mapping[str, Any], patch: str | None) -> dict[str, Any]:
    """Return what a run ran on and with, by name, as its run.json and code.patch say it; what they do not is None."""
    device = record.get("device")
    git, cpu = record.get("git") or {}, record.get("cpu") or {}
    return {
        COMMIT: git.get("commit"),
        CHANGES: patch,
        "device": None if device is None else kind_of(device),
        "deterministic": record.get("deterministic", None if device is None else kind_of(device) == "CPU"),
        "threads": record.get("threads"),
        "processor": cpu.get("model"),
        "platform": record.get("platform"),
        **(record.get("packages") or {}),
    }


def surroundings_of(run: RunRecord) -> dict[str, Any]:
    """Return what a run ran on and with."""
    return surroundings(run.record, patch_of(run))


def differing(was: Mapping[str, Any], now: Mapping[str, Any]) -> list[Surrounding]:
    """Return what is not the same, in order."""
    names = dict.fromkeys([*was, *now])
    return [Surrounding(name, was.get(name), now.get(name)) for name in names if was.get(name) != now.get(name)]


def patch_of(run: RunRecord) -> str | None:
    """Return the run's `code.patch`; None if its code was as committed."""
    path = run.path / PATCH
    try:
        return opener.read_bytes(path, 2 * PATCH_LIMIT).decode("utf-8", "replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise UsageError(f"{path}: cannot be read: {error.strerror}") from None


def line(value: Any) -> str:
    """Return what was found on one line; of a patch, how long it is."""
    if value is None:
        return "none"
    lines = str(value).splitlines()
    return str(value) if len(lines) < 2 else f"a patch of {len(lines):,} lines"
