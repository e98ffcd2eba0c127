"""A run's network in each format: what can be written, and the files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.errors import UsageError

if TYPE_CHECKING:
    import keras

    from seqrun.export.description import Description

FORMATS = ("keras", "savedmodel", "onnx", "litert")
NEEDED: Mapping[str, tuple[str, ...]] = {  # packages, by the name that they are imported under
    "onnx": ("onnx", "onnxruntime", "tf2onnx"),
    "litert": ("ai_edge_litert",),
}
OPSET = 18  # of ONNX: the newest that tf2onnx writes
LONGEST_UNROLLED = 512  # steps of a recurrent layer that are written one after the other


def check_packages(kind: str) -> None:
    """Raise UsageError, with the command that mends it, if a package that the format needs is not installed."""
    if missing := [name for name in NEEDED.get(kind, ()) if find_spec(name) is None]:
        raise UsageError(
            f"--format {kind} needs {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not "
            "installed: pip install 'seqrun[export]'"
        )


def check_exportable(kind: str, model: keras.Model) -> None:
    """Raise UsageError for a network that cannot be written in this format, naming the formats that it can be in."""
    from seqrun.export.plain import foreign_layers

    if foreign := [*foreign_layers(model)]:
        raise UsageError(
            f"the network cannot be exported: keras.layers has nothing that computes what {' and '.join(foreign)} does"
        )


def write_network(kind: str, model: keras.Model, description: Description, folder: Path) -> None:
    """Write the run's network into the folder, in this format."""
    _WRITERS[kind](model, description, folder)


def _write_keras(model: keras.Model, description: Description, folder: Path) -> None:
    from seqrun.export.plain import plain_twin

    for name, part in _parts(plain_twin(model)).items():
        part.save(folder / f"{name}.keras")


def _write_saved_model(model: keras.Model, description: Description, folder: Path) -> None:
    import tensorflow as tf

    from seqrun.export.graph.module import Exported
    from seqrun.export.plain import plain_twin

    exported = Exported(plain_twin(model, dropout=False), description)
    tf.saved_model.save(exported, str(folder), signatures=exported.functions)


def _parts(model: keras.Model) -> dict[str, keras.Model]:
    """Return the network, as `model`, and an autoencoder's two halves."""
    from seqrun.export.plain import coders

    return {"model": model, **coders(model)}


_WRITERS: dict[str, Callable[[Any, Any, Path], None]] = {"keras": _write_keras, "savedmodel": _write_saved_model}
