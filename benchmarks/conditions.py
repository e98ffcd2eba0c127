"""What figures hold for: the machine, its device, and the versions of what is compared."""

from __future__ import annotations

import platform
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

from benchmarks.rounds import environment_of
from seqrun.rundir.environment import environment

PACKAGES = ("tensorflow", "keras", "torch", "numpy", "scikit-learn")
SEES = {  # what prints whether a library sees a card
    "pytorch": "import torch; print(torch.cuda.is_available())",
    "seqrun": "import tensorflow as tf; print(bool(tf.config.list_physical_devices('GPU')))",
}


class NoCard(Exception):
    """There is no GPU that the benchmarks could run on; the message says what is missing."""


def machine(device: str, threads: int) -> dict[str, str]:
    """Return what figures of this device and number of threads hold for. Kernels and drivers are not told."""
    known = environment()
    return {
        "device": "CPU" if device == "cpu" else card(),
        "processor": f"{known['cpu']['model']} ({known['cpu']['count']} cores)",
        "threads": str(threads),
        "system": f"{platform.system()} {platform.machine()}",
        "Python": platform.python_version(),
        **{name: _version(name) for name in PACKAGES},
    }


def card() -> str:
    """Return the model of the first NVIDIA GPU; raise NoCard if there is none."""
    if shutil.which("nvidia-smi") is None:
        raise NoCard(
            "--device gpu: this machine has no NVIDIA driver (nvidia-smi is not there); --device cpu needs none"
        )
    asked = ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"]
    done = subprocess.run(asked, capture_output=True, text=True, check=False)
    names = done.stdout.split("\n") if done.returncode == 0 else [""]
    if not names[0]:
        told = (done.stderr or done.stdout).strip()
        raise NoCard(f"--device gpu: nvidia-smi knows no GPU: {told}; --device cpu needs none")
    return names[0].strip()


def check_card(torch_libraries: str) -> None:
    """Raise NoCard unless TensorFlow and PyTorch both see a GPU, each with the libraries that its sides are given."""
    card()
    asked = {
        side: subprocess.Popen(
            [sys.executable, "-c", code],
            env=environment_of(side, "gpu", torch_libraries),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for side, code in SEES.items()
    }
    told = {side: process.communicate() for side, process in asked.items()}
    for side, (out, err) in told.items():
        if out.split()[-1:] != ["True"]:
            library = "PyTorch" if side == "pytorch" else "TensorFlow"
            raise NoCard(f"--device gpu: {library} sees no GPU: {err.strip()[-1000:] or 'its build has no CUDA'}")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
