"""Choosing a device, in a process of its own each time: TensorFlow lets a process choose once."""

import os
import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from seqrun.errors import InputError
from seqrun.machine import device
from seqrun.machine.device import _made_visible


def python(code: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"} | variables
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=600)


@pytest.fixture(scope="module")
def told():
    """What one process tells of two wrong choices and a right one after them, and the lines that it prints."""
    done = python(
        "from seqrun.machine.device import select_device\n"
        "from seqrun.errors import UsageError\n"
        "for choice in ('gpu:99', 'tpu', 'cpu'):\n"
        "    try: print(select_device(choice))\n"
        "    except UsageError as error: print(error.exit_code, error)\n"
        "from tensorflow.python.framework import config\n"
        "print(config.is_op_determinism_enabled())"
    )
    return done, done.stdout.splitlines()


def test_threads_are_of_tensorflow_and_of_the_libraries_below_scikit_learn():
    done = python(
        "from seqrun.machine.device import select_device, select_threads, threads_in_use\n"
        "from threadpoolctl import threadpool_info\n"
        "import tensorflow as tf\n"
        "print(select_device('cpu', 1))\n"
        "print(threads_in_use(), {pool['num_threads'] for pool in threadpool_info()})\n"
        "tf.ones(()).numpy()\n"
        "select_threads(None)\n"
        "try: select_threads(3)\n"
        "except Exception as error: print(error.exit_code, error)"
    )
    assert done.stdout.splitlines() == [
        "CPU (1 thread)",
        "1 {1}",
        "2 threads 3: this process computes with 1 already",
    ]


def test_the_cpu_is_chosen_quietly_and_made_deterministic(told):
    done, lines = told
    assert done.returncode == 0
    assert lines[2:] == [f"CPU ({os.cpu_count()} cores)", "True"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("number", "message"), [(0, "device 'gpu:99': TensorFlow sees"), (1, "there are auto, cpu, gpu and gpu:N")]
)
def test_a_device_that_is_not_there_is_a_usage_error(told, number, message):
    line = told[1][number]
    assert line.startswith("2 ") and message in line


def test_a_process_that_has_computed_already_goes_on_where_it_computes():
    done = python(
        "import tensorflow as tf\n"
        "tf.ones(()).numpy()\n"
        "from seqrun.machine.device import select_device\n"
        "print(select_device('auto'), select_device('cpu'), sep='\\n')"
    )
    assert done.stdout.splitlines() == [f"CPU ({os.cpu_count()} cores)"] * 2, done.stderr


class Computing:
    """Stands for TensorFlow once it has computed on the first of two GPUs."""

    gpus = [SimpleNamespace(name=f"/physical_device:GPU:{number}") for number in range(2)]

    @property
    def config(self) -> Any:
        return self

    def set_visible_devices(self, devices: list, kind: str) -> None:
        raise RuntimeError("Visible devices cannot be modified after being initialized")

    def get_visible_devices(self, kind: str) -> list:
        return self.gpus[:1]


def test_a_process_that_has_computed_on_a_gpu_stays_there():
    tf: Any = Computing()
    assert _made_visible(tf, tf.gpus[1:], "auto") == tf.gpus[:1]
    for wanted, choice in (([], "cpu"), (tf.gpus[1:], "gpu:1")):
        with pytest.raises(InputError, match=f"device '{choice}': this process computes on GPU:0 already"):
            _made_visible(tf, wanted, choice)


class WithAGpu:
    """Stands for TensorFlow where a GPU is."""

    def __init__(self) -> None:
        self.gpu, self.asked = SimpleNamespace(name="/physical_device:GPU:0"), 0
        self.config = self.experimental = self
        self.list_physical_devices = lambda kind: [self.gpu]
        self.set_visible_devices = self.set_memory_growth = lambda *_: None
        self.get_device_details = lambda gpu: {"device_name": "H200"}

    def enable_op_determinism(self) -> None:
        self.asked += 1


@pytest.mark.parametrize(
    ("choice", "deterministic", "asked"), [("gpu", False, 0), ("auto", True, 1), ("cpu", False, 1)]
)
def test_on_a_gpu_the_same_bits_each_time_are_asked_for(choice, deterministic, asked, monkeypatch):
    tf = WithAGpu()
    monkeypatch.setattr(device, "import_tensorflow", lambda: tf)
    monkeypatch.setattr(device, "select_threads", lambda threads: None)
    told = device.select_device(choice, deterministic=deterministic)
    assert told.startswith("CPU") if choice == "cpu" else told == "GPU:0 (H200)"
    assert tf.asked == asked
