"""Damaged data files are read or refused in words: no crash, no other error, not for long, and in little memory.

`make fuzz` tries ten thousand of each kind. `python -m fuzz.child KIND SEED 1 FOLDER` in tests/ leaves the file of a
seed in FOLDER.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.counts import examples
from fuzz.files import KINDS

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize("kind", KINDS)
def test_a_damaged_file_does_no_harm(kind, tmp_path):
    first, faults = 0, []
    while first < examples():
        command = [sys.executable, "-m", "fuzz.child", kind, str(first), str(examples() - first), str(tmp_path)]
        where = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
        done = subprocess.run(command, capture_output=True, text=True, env=where, check=False)
        told = [json.loads(line) for line in done.stdout.splitlines()]
        assert told, done.stderr
        faults += [line for line in told if "fault" in line]
        first = told[-1]["seed"] + 1
        if done.returncode:
            faults.append({"seed": first - 1, "fault": f"ended with {done.returncode}: {done.stderr[-2000:]}"})
    assert not faults, f"{len(faults)} of {examples()}:\n" + "\n".join(
        f"{line['seed']}: {line['fault']}" for line in faults[:20]
    )
