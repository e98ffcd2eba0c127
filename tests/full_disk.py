"""Disks of a few kB, for the tests of several folders: file systems in memory, which vanish with the process."""

from __future__ import annotations

import subprocess

import pytest

PREFIX = ("unshare", "--map-root-user", "--mount")  # what follows can mount, and nobody else sees it


def with_disks(folder, *command: str, **options) -> subprocess.CompletedProcess:
    """Run the command where `mount` may be used; skip the test where nobody may do that."""
    attempt = subprocess.run([*PREFIX, "mount", "-t", "tmpfs", "tmpfs", str(folder)], capture_output=True, text=True)
    if attempt.returncode:
        pytest.skip(f"no disk can be made here: {attempt.stderr.strip()}")
    return subprocess.run([*PREFIX, *command], capture_output=True, text=True, **options)
