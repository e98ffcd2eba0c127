"""What commands that train nothing have in common."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {"tensorflow", "keras", "numpy", "pandas", "sklearn", "scipy", "yaml", "matplotlib"}
BOUND = 0.5  # seconds of processor time: what others do on the machine does not count

CODE = (
    "import resource, sys\nfrom seqrun.cli import main\n"
    "try: main()\nexcept SystemExit as end: assert not end.code, end.code\n"
    "used = resource.getrusage(resource.RUSAGE_SELF)\n"
    f"print(used.ru_utime + used.ru_stime, sorted({HEAVY!r} & set(sys.modules)), file=sys.stderr)"
)


@pytest.fixture(scope="session")
def answers_at_once():
    """answers_at_once("show", run): checks that the command loads nothing heavy and takes half a second, at best."""

    def answers_at_once(*arguments) -> None:
        seconds = []
        for _ in range(3):
            command = [sys.executable, "-c", CODE, *map(str, arguments)]
            last = subprocess.run(command, capture_output=True, text=True, check=True).stderr.splitlines()[-1]
            used, _, heavy = last.partition(" ")
            assert heavy == "[]"
            seconds.append(float(used))
        assert min(seconds) < BOUND

    return answers_at_once
