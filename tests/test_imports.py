"""Commands that train nothing answer at once, and import none of the slow libraries."""

from __future__ import annotations

import resource
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG = Path(__file__).parents[1] / "configs" / "imdb_lstm.yaml"
SLOW = ("numpy", "tensorflow", "keras", "pandas", "sklearn", "matplotlib", "scipy", "pyarrow")
# Half a second is the aim; the bound leaves room for slower machines.
BOUND = 1.5  # seconds of processor time: what others do on the machine does not count

COMMANDS = {
    "help": ["--help"],
    "train help": ["train", "--help"],
    "predict help": ["predict", "--help"],
    "list": ["list"],
    "list one": ["list", "architectures", "lstm"],
    "validate": ["validate", str(CONFIG)],
    "schema": ["schema"],
    "init": ["init"],
}


@pytest.mark.parametrize("arguments", COMMANDS.values(), ids=COMMANDS)
def test_the_slow_libraries_stay_out(arguments, tmp_path):
    code = (
        "import sys\n"
        "from seqrun.cli import main\n"
        "try: main()\n"
        "except SystemExit as exit: assert not exit.code, exit.code\n"
        f"print('imported:', *[name for name in {SLOW} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=tmp_path, check=True
    )
    assert ended.stdout
    assert ended.stderr.splitlines()[-1] == "imported:"


@pytest.mark.parametrize("name", ["help", "list", "validate"])
def test_the_answer_comes_at_once(name, tmp_path):
    seconds = []
    for _ in range(3):
        before = used_by_ended_processes()
        command = [sys.executable, "-m", "seqrun", *COMMANDS[name]]
        subprocess.run(command, capture_output=True, cwd=tmp_path, check=True)
        seconds.append(used_by_ended_processes() - before)
    assert min(seconds) < BOUND


def test_the_package_is_imported_at_once_and_offers_what_python_code_uses():
    code = (
        "import sys, time\n"
        "began = time.process_time()\n"
        "import seqrun\n"
        "print(time.process_time() - began)\n"
        "assert {'train', 'load', 'compare', 'validate', 'Run'} <= {*dir(seqrun)}\n"
        "seqrun.train, seqrun.load, seqrun.compare, seqrun.validate, seqrun.Run\n"
        f"print(*[name for name in (*{SLOW}, 'pydantic', 'yaml', 'click', 'rich') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    seconds, imported = ended.stdout.splitlines()
    assert float(seconds) < 0.1 and imported == ""


def used_by_ended_processes() -> float:
    """Seconds of processor time that the processes which this one started have taken, of those that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
