"""Programs that XLA compiled in one process are taken by the next, and only as they were kept."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from seqrun.machine.programs import CPU

PROCESS = """
import sys
from pathlib import Path
from seqrun.machine.device import import_tensorflow
from seqrun.machine.programs import keep_programs, take_programs
tf = import_tensorflow()
folder, threads = Path(sys.argv[1]), int(sys.argv[2])
take_programs(folder, threads)
for turns in (3, 4):
    sums = tf.function(lambda x: tf.while_loop(lambda i, _: i < turns, lambda i, x: (i + 1, x + x), (0, x))[1],
                       jit_compile=True, autograph=False)
    print(int(sums(tf.constant(1))))
keep_programs(folder, threads)
"""

pytestmark = pytest.mark.skipif(not CPU.is_file(), reason="nothing is kept elsewhere than on Linux")


def compiled(folder: Path, threads: int = 2) -> dict[Path, int]:
    """Return the files in the folder, and when they were written, after a process that compiled two programs."""
    variables = {name: value for name, value in os.environ.items() if name != "TF_XLA_FLAGS"}
    arguments = [sys.executable, "-c", PROCESS, str(folder), str(threads)]
    done = subprocess.run(arguments, env=variables, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["8", "16"], done.stderr
    return {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_the_next_process_takes_what_is_whole_and_makes_the_rest_anew(tmp_path):
    first = compiled(tmp_path)
    whole, damaged = first
    damaged.write_bytes(damaged.read_bytes()[:3000])  # of which TensorFlow alone would say "Read less bytes"
    second = compiled(tmp_path)
    assert len(second) == len(first) == 2
    assert second[whole] == first[whole]
    others = compiled(tmp_path, threads=1)  # they may divide the work otherwise
    assert len(others) == 4
    assert others.items() >= second.items()
