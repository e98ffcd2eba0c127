"""Choosing a device, in a process of its own each time: TensorFlow lets a process choose once."""

import os
import subprocess
import sys

import pytest


def python(code: str, **variables: str) -> subprocess.CompletedProcess:
    environment = {key: value for key, value in os.environ.items() if key != "TF_CPP_MIN_LOG_LEVEL"} | variables
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, timeout=120)


def test_the_cpu_is_chosen_quietly_and_made_deterministic():
    done = python(
        "from seqrun.device import select_device; print(select_device('cpu'));"
        "from tensorflow.python.framework import config; print(config.is_op_determinism_enabled())"
    )
    assert done.returncode == 0
    assert done.stdout.splitlines() == [f"CPU ({os.cpu_count()} cores)", "True"]
    assert done.stderr == ""


@pytest.mark.parametrize(
    ("choice", "message"), [("gpu:99", "gpu:99: TensorFlow sees"), ("tpu", "there are auto, cpu, gpu and gpu:N")]
)
def test_a_device_that_is_not_there_is_a_usage_error(choice, message):
    done = python(
        "from seqrun.device import select_device\n"
        "from seqrun.errors import UsageError\n"
        f"try: select_device({choice!r})\n"
        "except UsageError as error: print(error, error.exit_code)"
    )
    assert message in done.stdout
    assert done.stdout.strip().endswith(" 2")
