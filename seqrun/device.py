"""Which device TensorFlow computes on: chosen once a process, before anything is computed."""

from __future__ import annotations

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
        import tensorflow as tf

        return tf
    with _quiet_stderr():  # some of it is written before TensorFlow looks at that variable
        import tensorflow as tf

        tf.config.list_physical_devices()
    tf.get_logger().setLevel("ERROR")  # each run compiles its own step, which TensorFlow takes for a mistake
    return tf


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Keeps back what C++ code writes to the standard error; shows it after all if the block fails."""
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


def select_device(choice: str) -> str:
    """Makes `auto`, `cpu`, `gpu` or `gpu:1` the only device in sight and says in words what it is.

    On the CPU every operation is made deterministic. Raises UsageError if there is no such GPU.
    """
    tf = import_tensorflow()
    if not CHOICE.fullmatch(choice):
        raise UsageError(f"--device {choice}: there are auto, cpu, gpu and gpu:N")
    gpus = tf.config.list_physical_devices("GPU")
    number = int(choice.partition(":")[2] or 0)
    if choice.startswith("gpu") and number >= len(gpus):
        raise UsageError(f"--device {choice}: TensorFlow sees {len(gpus) or 'no'} GPU{'s' * (len(gpus) > 1)}")
    if choice == "cpu" or not gpus:
        tf.config.set_visible_devices([], "GPU")
        tf.config.experimental.enable_op_determinism()
        return f"CPU ({os.cpu_count()} cores)"
    return _use_gpu(tf, gpus[number])


def _use_gpu(tf: ModuleType, gpu: tf.config.PhysicalDevice) -> str:
    tf.config.set_visible_devices([gpu], "GPU")
    tf.config.experimental.set_memory_growth(gpu, True)
    name = tf.config.experimental.get_device_details(gpu).get("device_name", "unknown model")
    return f"{gpu.name.removeprefix('/physical_device:')} ({name})"
