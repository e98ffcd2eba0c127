"""The formats of an export, and the packages that each needs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec

from seqrun.errors import UsageError
from seqrun.readable import listed_names

FORMATS = ("keras", "savedmodel", "onnx", "litert")
NEEDED: Mapping[str, Mapping[str, str]] = {  # the name that a package is imported under -> that it is installed under
    "onnx": {"onnx": "onnx", "onnxruntime": "onnxruntime", "tf2onnx": "tf2onnx"},
    "litert": {"ai_edge_litert": "ai-edge-litert"},
}


def check_packages(kind: str) -> None:
    """Raise UsageError, with the command that mends it, if a package that the format needs is not installed."""
    missing = [package for name, package in NEEDED.get(kind, {}).items() if find_spec(name) is None]
    if missing:
        are = "is" if len(missing) == 1 else "are"
        raise UsageError(
            f"--format {kind} needs {listed_names(missing)}, which {are} not installed: pip install 'seqrun[export]'"
        )
