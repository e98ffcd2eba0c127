"""What a run ran on: code, packages, machine. Finding it out imports none of the packages."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

from seqrun.machine import opener

PACKAGES = ("seqrun", "tensorflow", "keras", "numpy", "scikit-learn", "pandas")
PATCH_LIMIT = 1_000_000  # bytes of code.patch
_GIT_PATIENCE = 20  # seconds


def environment() -> dict[str, Any]:
    """Return the fields `git`, `packages`, `host`, `platform` and `cpu` of `run.json`; what cannot be determined is
    null.

    `git` holds the commit of the repository around the current directory and whether tracked files differ from it. The
    remotes are left out, because their addresses may contain credentials.
    """
    return {
        "git": {"commit": _text(_git("rev-parse", "HEAD")), "dirty": _dirty()},
        "packages": {"python": platform.python_version(), **{name: _version(name) for name in PACKAGES}},
        "host": platform.node(),
        "platform": platform.platform(),
        "cpu": {"model": _cpu_model(), "count": _cpu_count()},
    }


def code_patch() -> str | None:
    """Return the diff of the repository's tracked files against its commit; None without differences or repository.

    It is cut after `PATCH_LIMIT` bytes; a last line then says so.
    """
    patch = _git("diff", "HEAD", "--no-color", "--no-ext-diff", "--no-textconv")
    if not patch:
        return None
    kept = patch[:PATCH_LIMIT].decode(errors="replace")
    return kept if len(patch) <= PATCH_LIMIT else f"{kept}\n# cut here: {PATCH_LIMIT:,} of {len(patch):,} bytes\n"


def _dirty() -> bool | None:
    status = _git("status", "--porcelain", "--untracked-files=no")
    return None if status is None else bool(status)


def _git(*arguments: str) -> bytes | None:
    """Return what git prints; None without git, without a repository or commit, or if git takes too long."""
    # Without these options, git may run a program that the repository names (fsmonitor), or write its index.
    command = ["git", "-c", "core.fsmonitor=false", *arguments]
    quiet = {**os.environ, "GIT_OPTIONAL_LOCKS": "0"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_PATIENCE, env=quiet, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout


def _text(output: bytes | None) -> str | None:
    return None if output is None else output.decode(errors="replace").strip()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _cpu_count() -> int | None:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def _cpu_model() -> str | None:
    listing = Path("/proc/cpuinfo")
    lines = opener.read_bytes(listing).decode("utf-8", "replace").splitlines() if listing.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, None) or platform.processor() or platform.machine() or None
