"""Programs that XLA has compiled for a CPU, kept for the next process that compiles the same.

TensorFlow can keep them as files: where one is damaged, or cannot be written, it lets the training fail. So they are
files in this process's memory, copied from and to a folder. There, a name tells by a SHA-256 what the program was
compiled for, and its content: one that was changed is not used. Which is which TensorFlow tells by its graph, in which
functions are numbered: a process compiles the same as another if it does all the same up to there.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from pathlib import Path

from seqrun.machine import opener

ROOM = 32_000_000  # bytes of all that is kept, which is read at each start
IN_MEMORY = "ram://seqrun_programs"  # a folder of TensorFlow's own file system
FLAGS, DEVICE = "TF_XLA_FLAGS", "CPU"
SETTINGS = ("XLA_FLAGS", "TF_ENABLE_ONEDNN_OPTS")  # variables that may change what is compiled
CPU = Path("/proc/cpuinfo")  # elsewhere than on Linux no file tells what a processor can: nothing is kept
FACTS = (  # of a processor, by which compilers choose instructions
    *("vendor_id", "cpu family", "model", "model name", "stepping", "flags"),
    *("CPU implementer", "CPU part", "CPU variant", "Features"),
)

_in_use = False
_taken: set[str] = set()  # names of those in memory that come from a folder


def let_tensorflow_keep_them() -> None:
    """Have TensorFlow keep what it compiles in memory; it must not have been imported.

    A user's own cache, in TF_XLA_FLAGS, is left alone.
    """
    global _in_use
    given = os.environ.get(FLAGS, "")
    if "tensorflow" in sys.modules or not CPU.is_file():
        return
    if "persistent_cache" not in given:
        flags = f"--tf_xla_persistent_cache_directory={IN_MEMORY} --tf_xla_persistent_cache_device_types={DEVICE}"
        os.environ[FLAGS] = given = f"{given} {flags}".strip()
    _in_use = IN_MEMORY in given  # also where a process of seqrun started this one


def take_programs(folder: Path, threads: int) -> None:
    """Give TensorFlow the programs of the folder that were compiled as this process would, on `threads` threads.

    Files that are not what was kept there are removed.
    """
    if not _in_use:
        return
    from tensorflow.io import gfile

    key = _key(threads)
    gfile.makedirs(IN_MEMORY)
    for path in folder.glob(f"{key}-*"):
        try:
            content = opener.read_bytes(path)
        except FileNotFoundError:  # another process has just made room
            continue
        name = path.name.split("-", 2)[2]
        if path.name != _name(key, name, content):
            path.unlink(missing_ok=True)
            continue
        with gfile.GFile(f"{IN_MEMORY}/{name}", "wb") as file:
            file.write(content)
        _taken.add(name)


def keep_programs(folder: Path | None, threads: int) -> None:
    """Move what this process has compiled from its memory into the folder (None: nowhere).

    What was written first makes room. Raises OSError if the folder cannot be written.
    """
    if not _in_use:
        return
    from tensorflow.io import gfile

    names = gfile.listdir(IN_MEMORY) if gfile.isdir(IN_MEMORY) else []
    new = {name: _moved(f"{IN_MEMORY}/{name}") for name in names if name not in _taken}
    if folder is None or not new:
        return
    key = _key(threads)
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in new.items():
        _write(folder / _name(key, name, content), content)
    _make_room(folder)


def _moved(path: str) -> bytes:
    """Return the content of a file in memory, and remove it."""
    from tensorflow.io import gfile

    with gfile.GFile(path, "rb") as file:
        content: bytes = file.read()
    gfile.remove(path)
    return content


def _key(threads: int) -> str:
    """Return what stands for all that a program is compiled for, beside its graph."""
    import tensorflow as tf

    lines = (line.partition(":") for line in opener.read_text(CPU).split("\n\n")[0].splitlines())
    processor = {name.strip(): value.strip() for name, _, value in lines if name.strip() in FACTS}
    versions = (tf.__version__, tf.version.GIT_VERSION, platform.machine(), *map(os.environ.get, (FLAGS, *SETTINGS)))
    cores = len(os.sched_getaffinity(0))
    return hashlib.sha256(json.dumps([processor, versions, threads, cores]).encode()).hexdigest()[:32]


def _name(key: str, name: str, content: bytes) -> str:
    return f"{key}-{hashlib.sha256(key.encode() + name.encode() + content).hexdigest()}-{name}"


def _write(path: Path, content: bytes) -> None:
    """Write a file, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    """Remove the files that were written first until the rest fits into ROOM."""
    kept = sorted(((status := path.stat()).st_mtime_ns, status.st_size, path) for path in folder.iterdir())
    taken = sum(size for _, size, _ in kept)
    for _, size, path in kept:
        if taken <= ROOM:
            return
        path.unlink(missing_ok=True)
        taken -= size
