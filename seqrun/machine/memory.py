"""How much memory this process can still take: what is free, and the limits of its container and of itself."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from seqrun.errors import UsageError
from seqrun.machine.opener import read_bytes
from seqrun.readable import size

_ROOT = Path("/")


def available_bytes(root: Path = _ROOT) -> int | None:
    """Return how many more bytes this process can use, never less than 0; None where the system does not say.

    That is the least of: what Linux calls available (MemAvailable), with free swap space; what the limits of the
    process' control groups (versions 1 and 2) leave; and what its limit of address space (`ulimit -v`) leaves.
    `root` is the folder that holds proc and sys.
    """
    found = [*_free(root), *_left_by_groups(root), *_left_by_own_limit(root)]
    return max(min(found), 0) if found else None


def require(needed: int, what: str, mend: str) -> None:
    """Raise UsageError if so many bytes for `what` are more than there are; `mend` says what would help.

    What is not there is asked for before it is taken: a system out of memory ends the process without a word.
    """
    free = available_bytes()
    if free is not None and needed > free:
        raise UsageError(f"{what} would need {size(needed)} of memory, and {size(free)} are free: {mend}")


def _free(root: Path) -> Iterator[int]:
    written = (line.partition(":") for line in _text(root / "proc/meminfo").splitlines())
    kilobytes = {name: int(value.split()[0]) for name, _, value in written if value.split()[:1]}
    if "MemAvailable" in kilobytes:
        yield 1024 * (kilobytes["MemAvailable"] + kilobytes.get("SwapFree", 0))


def _left_by_groups(root: Path) -> Iterator[int]:
    """Yield what each control group above the process leaves of its limit."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, group = line.split(":", 2)
        if not controllers:
            top, limit, usage = root / "sys/fs/cgroup", "memory.max", "memory.current"
        elif "memory" in controllers.split(","):
            top, limit, usage = root / "sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes"
        else:
            continue
        # In a container the group may be named as outside of it, and only the top of the tree is there.
        below = Path(group.lstrip("/"))
        for folder in dict.fromkeys(top / part for part in (below, *below.parents)):
            most, used = _text(folder / limit).strip(), _text(folder / usage).strip()
            if most.isdecimal() and used.isdecimal():  # without a limit, version 2 says "max"
                yield int(most) - int(used) + _reclaimable(folder)


def _reclaimable(folder: Path) -> int:
    """Return the bytes of files that a control group keeps in memory until it needs the space."""
    stat = dict(line.split() for line in _text(folder / "memory.stat").splitlines() if len(line.split()) == 2)
    return int(stat.get("total_inactive_file", stat.get("inactive_file", 0)))


def _left_by_own_limit(root: Path) -> Iterator[int]:
    if sys.platform == "win32":
        return
    import resource

    most, _ = resource.getrlimit(resource.RLIMIT_AS)
    pages = _text(root / "proc/self/statm").split()
    if most != resource.RLIM_INFINITY:
        yield most - (int(pages[0]) * resource.getpagesize() if pages else 0)


def _text(path: Path) -> str:
    """Return what one of the system's files says; nothing where the system has no such file."""
    try:
        return read_bytes(path).decode("utf-8", "replace")
    except OSError:
        return ""
