"""What TensorFlow computes on, and with how many threads: chosen once a process, before anything is computed."""

from __future__ import annotations

import gc
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import TYPE_CHECKING

from seqrun.errors import UsageError

if TYPE_CHECKING:
    import tensorflow as tf

CHOICE = re.compile(r"auto|cpu|gpu(:\d+)?")


def import_tensorflow() -> ModuleType:
    """TensorFlow, without its start-up chatter, which TF_CPP_MIN_LOG_LEVEL below 3 brings back."""
    if os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3") != "3":
        with _no_collection():
            import tensorflow as tf

        return tf
    with _quiet_stderr(), _no_collection():  # some of it is written before TensorFlow looks at that variable
        import tensorflow as tf

        tf.config.list_physical_devices()
    tf.get_logger().setLevel("ERROR")  # each run compiles its own step, which TensorFlow takes for a mistake
    return tf


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let the import make its many objects without a look for garbage among them, then or ever: it takes a second.

    Nothing of a library that was imported is ever garbage. Where TensorFlow is imported already there is nothing to do.
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
    """Keep back what C++ code writes to the standard error; shows it after all if the block fails."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as swallowed:
        os.dup2(swallowed.fileno(), 2)
        try:
            yield
        except BaseException:
            swallowed.seek(0)
            os.write(kept, swallowed.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def usable_cores() -> int:
    """Return the cores that this process may use, by its affinity and by the limits of its container (cgroup)."""
    from joblib import cpu_count

    return cpu_count()


def threads_in_use() -> int:
    """Return how many threads TensorFlow gives to one operation."""
    tf = import_tensorflow()
    return tf.config.threading.get_intra_op_parallelism_threads() or usable_cores()


def select_threads(threads: int | None) -> None:
    """Make TensorFlow, and what scikit-learn calls, compute with so many threads; None: with the usable cores.

    TensorFlow's own variables (TF_NUM_INTRAOP_THREADS, TF_NUM_INTEROP_THREADS) count before that default. Results can
    depend on the number, as it decides in which order sums are taken and which part of a batch draws which random
    numbers. Raises UsageError for another number than before in a process that has computed already.
    """
    from threadpoolctl import threadpool_limits

    setting = import_tensorflow().config.threading
    intra_op = threads or int(os.environ.get("TF_NUM_INTRAOP_THREADS") or usable_cores())
    inter_op = threads or int(os.environ.get("TF_NUM_INTEROP_THREADS") or usable_cores())
    try:
        setting.set_intra_op_parallelism_threads(intra_op)
        setting.set_inter_op_parallelism_threads(inter_op)
    except RuntimeError as error:  # by default another caller in the process may have chosen
        if threads is not None:
            raise UsageError(f"--threads {threads}: this process computes with {threads_in_use()} already") from error
    threadpool_limits(threads_in_use())


def select_device(choice: str, threads: int | None = None) -> str:
    """Make `auto`, `cpu`, `gpu` or `gpu:1` the only device in sight and says in words what it is.

    On the CPU every operation is made deterministic; for `threads` see `select_threads`. Raises UsageError if there is
    no such GPU.
    """
    tf = import_tensorflow()
    if not CHOICE.fullmatch(choice):
        raise UsageError(f"--device {choice}: there are auto, cpu, gpu and gpu:N")
    gpus = tf.config.list_physical_devices("GPU")
    number = int(choice.partition(":")[2] or 0)
    if choice.startswith("gpu") and number >= len(gpus):
        raise UsageError(f"--device {choice}: TensorFlow sees {len(gpus) or 'no'} GPU{'s' * (len(gpus) > 1)}")
    select_threads(threads)
    if choice == "cpu" or not gpus:
        tf.config.set_visible_devices([], "GPU")
        tf.config.experimental.enable_op_determinism()
        return f"CPU ({usable_cores()} cores)" if threads is None else f"CPU ({threads} thread{'s' * (threads != 1)})"
    return _use_gpu(tf, gpus[number])


def _use_gpu(tf: ModuleType, gpu: tf.config.PhysicalDevice) -> str:
    tf.config.set_visible_devices([gpu], "GPU")
    tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpu).get("device_name", "unknown model")
    return f"{gpu.name.removeprefix('/physical_device:')} ({name})"
