"""How much memory is left, by files as Linux writes them and by the limit of a real process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seqrun.machine.memory import available_bytes

GB = 2**30


@pytest.fixture
def system(tmp_path):
    """system({file: content}): the folder that stands for /, with these files; 4 GB are free."""

    def system(files: dict[str, str]) -> Path:
        for name, content in {"proc/meminfo": "MemTotal: 9 kB\nMemAvailable:  4194304 kB\n", **files}.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        return tmp_path

    return system


def test_what_is_free(system):
    assert available_bytes(system({})) == 4 * GB


def test_free_swap_space_counts(system):
    meminfo = "MemTotal: 9 kB\nMemAvailable:  1048576 kB\nSwapTotal: 2097152 kB\nSwapFree: 1048576 kB\n"
    assert available_bytes(system({"proc/meminfo": meminfo})) == 2 * GB


def test_a_control_group_of_version_2_leaves_less(system):
    files = {
        "proc/self/cgroup": "0::/jobs/one\n",
        "sys/fs/cgroup/jobs/memory.max": f"{3 * GB}\n",
        "sys/fs/cgroup/jobs/memory.current": f"{2 * GB}\n",
        "sys/fs/cgroup/jobs/one/memory.max": "max\n",
        "sys/fs/cgroup/jobs/one/memory.current": f"{2 * GB}\n",
    }
    assert available_bytes(system(files)) == GB


def test_a_control_group_of_version_1_keeps_files_that_it_can_drop(system):
    files = {
        "proc/self/cgroup": "5:cpu,cpuacct:/\n4:memory:/named/outside\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": f"{2 * GB}\n",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": f"{GB}\n",
        "sys/fs/cgroup/memory/memory.stat": f"cache 5\ntotal_inactive_file {GB // 2}\n",
    }
    assert available_bytes(system(files)) == GB + GB // 2


def test_a_group_past_its_limit_leaves_nothing(system):
    files = {
        "proc/self/cgroup": "0::/\n",
        "sys/fs/cgroup/memory.max": f"{GB}\n",
        "sys/fs/cgroup/memory.current": f"{GB + 1}\n",
    }
    assert available_bytes(system(files)) == 0


def test_nothing_is_known_where_the_system_says_nothing(tmp_path):
    assert available_bytes(tmp_path) is None


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limit")
def test_the_limit_of_the_process_itself():
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_AS, ({GB}, {GB}))"
    asked = "from seqrun.machine.memory import available_bytes; print(available_bytes())"
    done = subprocess.run([sys.executable, "-c", f"{limited}; {asked}"], capture_output=True, text=True, check=True)
    assert 0 < int(done.stdout) < GB
