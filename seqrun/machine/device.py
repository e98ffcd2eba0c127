"""The device and number of threads that TensorFlow uses: chosen once for each process, before anything is computed."""

from __future__ import annotations

import gc
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import IO, TYPE_CHECKING

from seqrun.errors import InputError, Parameter
from seqrun.machine.generated_code import keep_in_memory
from seqrun.machine.optional import without_optional
from seqrun.machine.programs import let_tensorflow_keep_them
from seqrun.machine.signals import answered_on

if TYPE_CHECKING:
    import tensorflow as tf

CHOICE = re.compile(r"auto|cpu|gpu(:\d+)?")


def import_tensorflow() -> ModuleType:
    """Return TensorFlow, imported without its start-up messages unless TF_CPP_MIN_LOG_LEVEL is set to less than 3.

    It writes no temporary files.
    """
    let_tensorflow_keep_them()
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        with _no_collection(), without_optional():
            import tensorflow as tf

        keep_in_memory()
        return tf
    with _quiet_stderr(), _no_collection(), without_optional():  # some is written before TensorFlow looks at it
        import tensorflow as tf

        tf.config.list_physical_devices()
    keep_in_memory()
    tf.get_logger().setLevel("ERROR")  # each run compiles its own step, which TensorFlow takes for a mistake
    return tf


@contextmanager
def _no_collection() -> Iterator[None]:
    """Import inside this block without garbage collection, and exempt the imported objects from it for good.

    Nothing of an imported library is ever garbage, and looking for some takes a second. Where TensorFlow is imported
    already there is nothing to do.
    """
    if "tensorflow" in sys.modules or not gc.isenabled():
        yield
        return
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back what C++ code writes to standard error; write it after all if the block fails."""
    sys.stderr.flush()
    kept = os.dup(2)
    with _unnamed_file() as swallowed:
        os.dup2(swallowed.fileno(), 2)
        try:
            with answered_on(kept):
                yield
        except BaseException:
            swallowed.seek(0)
            os.write(kept, swallowed.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _unnamed_file() -> IO[bytes]:
    """Return a new file without a name: in memory, where the system can (Linux), as the disk may be full."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("stderr"), "w+b")
    return tempfile.TemporaryFile()


def usable_cores() -> int:
    """Return how many cores this process may use, by its CPU affinity and the limits of its container (cgroup)."""
    from joblib import cpu_count

    return cpu_count()


def threads_in_use() -> int:
    """Return how many threads TensorFlow gives to one operation."""
    tf = import_tensorflow()
    return tf.config.threading.get_intra_op_parallelism_threads() or usable_cores()


def select_threads(threads: int | None) -> None:
    """Make TensorFlow and scikit-learn's native libraries compute with `threads` threads; None: one for each usable
    core.

    TensorFlow's own variables (TF_NUM_INTRAOP_THREADS, TF_NUM_INTEROP_THREADS) take precedence over that default.
    Results can depend on the number of threads: it decides in which order sums are taken, and which part of a batch
    draws which random numbers. Raises InputError if the process has computed already with another number.
    """
    from threadpoolctl import threadpool_limits

    setting = import_tensorflow().config.threading
    intra_op = threads or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or usable_cores())
    inter_op = threads or int(os.environ.get("TF_NUM_INTEROP_THREADS") or usable_cores())
    try:
        setting.set_intra_op_parallelism_threads(intra_op)
        setting.set_inter_op_parallelism_threads(inter_op)
    except RuntimeError as error:  # without --threads, another caller's number may stand
        if threads not in (None, threads_in_use()):  # TensorFlow's own default may be the same number
            raise InputError(
                Parameter("threads", threads), f": this process computes with {threads_in_use()} already"
            ) from error
    threadpool_limits(threads_in_use())


def select_device(choice: str, threads: int | None = None, *, deterministic: bool = False) -> str:
    """Make `auto`, `cpu`, `gpu` or `gpu:1` the only visible device and return its description.

    On the CPU every operation is made deterministic; on a GPU, where that takes time, if it is asked for. `threads` is
    as in `select_threads`. Raises InputError if there is no such GPU.
    """
    tf = import_tensorflow()
    if not CHOICE.fullmatch(choice):
        raise InputError(Parameter("device", choice), ": there are auto, cpu, gpu and gpu:N")
    gpus = tf.config.list_physical_devices("GPU")
    number = int(choice.partition(":")[2] or 0)
    if choice.startswith("gpu") and number >= len(gpus):
        there = f"{len(gpus) or 'no'} GPU{'s' * (len(gpus) > 1)}"
        raise InputError(Parameter("device", choice), f": TensorFlow sees {there}")
    select_threads(threads)
    wanted = [] if choice == "cpu" or not gpus else [gpus[number]]
    in_use = _made_visible(tf, wanted, choice)
    if deterministic or not in_use:
        tf.config.experimental.enable_op_determinism()
    if not in_use:
        return f"CPU ({usable_cores()} cores)" if threads is None else f"CPU ({threads} thread{'s' * (threads != 1)})"
    return _use_gpu(tf, in_use[0])


def on_gpu() -> bool:
    """Return whether this process computes on a GPU; what is faster there, and slower on a CPU, asks here."""
    return bool(import_tensorflow().config.list_logical_devices("GPU"))


def deterministic() -> bool:
    """Return whether TensorFlow's operations give the same bits each time, or an error where they cannot."""
    import_tensorflow()
    from tensorflow.python.framework.config import is_op_determinism_enabled  # TensorFlow has no public door to it

    return bool(is_op_determinism_enabled())


def kind_of(device: str) -> str:
    """Return what a device's description says of its kind: CPU, or the model of a GPU."""
    return "CPU" if device.startswith("CPU") else device.partition(" ")[2].strip("()")


def _made_visible(tf: ModuleType, gpus: list[tf.config.PhysicalDevice], choice: str) -> list[tf.config.PhysicalDevice]:
    """Make these GPUs the only visible ones, and return them.

    If the process has computed already, on others, those stay: with `auto` they are returned, and any other choice is a
    InputError.
    """
    try:
        tf.config.set_visible_devices(gpus, "GPU")
    except RuntimeError as error:  # TensorFlow has computed already
        in_use = tf.config.get_visible_devices("GPU")
        if choice != "auto":
            names = ", ".join(gpu.name.removeprefix("/physical_device:") for gpu in in_use) or "the CPU"
            raise InputError(Parameter("device", choice), f": this process computes on {names} already") from error
        return in_use[:1]
    return gpus


def _use_gpu(tf: ModuleType, gpu: tf.config.PhysicalDevice) -> str:
    """Let the GPU's memory grow with what is needed, unless it is in use already, and return its description."""
    with suppress(RuntimeError):  # TensorFlow has computed on it already
        tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpu).get("device_name", "unknown model")
    return f"{gpu.name.removeprefix('/physical_device:')} ({name})"
