"""A run's network in each format: what can be written, and the files."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.errors import UsageError
from seqrun.export.plain import coders, foreign_layers, longest_written_out, plain_twin
from seqrun.export.unrolled import LONGEST
from seqrun.readable import listed_names

if TYPE_CHECKING:
    import keras

    from seqrun.export.description import Description

OPSET = 18  # of ONNX: the newest that tf2onnx writes


def check_exportable(kind: str, model: keras.Model) -> None:
    """Raise UsageError for a network that cannot be written in this format, naming the formats that it can be in."""
    if foreign := [*foreign_layers(model)]:
        raise UsageError(
            f"the network cannot be exported: keras.layers has nothing that computes what {listed_names(foreign)} "
            f"{'does' if len(foreign) == 1 else 'do'}"
        )
    if not_looped := longest_written_out(model, loops=False):
        raise UsageError(
            f"the network cannot be exported: its layer-normalised recurrent layers, which Keras has none of, are "
            f"written out step by step, up to {LONGEST} steps, and these read {not_looped:,}"
        )
    if kind == "litert" and (steps := longest_written_out(model, loops=True)):
        raise UsageError(
            f"--format litert: without flex operations LiteRT has no loop over steps, so recurrent layers are written "
            f"out step by step, up to {LONGEST} steps, and these read {steps:,}; keras, savedmodel and onnx have loops"
        )


def write_network(kind: str, model: keras.Model, description: Description, folder: Path) -> None:
    """Write the run's network into the folder, in this format; UsageError, in the converter's words, if it cannot."""
    try:
        with _quiet():
            _WRITERS[kind](model, description, folder)
    except (ValueError, TypeError, RuntimeError, NotImplementedError, KeyError) as error:
        if kind in ("keras", "savedmodel"):
            raise
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise UsageError(
            f"--format {kind}: this network has no form in it: {reason}; keras and savedmodel hold any network"
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the converters' notes to their developers off the screen."""
    loggers = [logging.getLogger(name) for name in ("absl", "tf2onnx", "tensorflow")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _write_keras(model: keras.Model, description: Description, folder: Path) -> None:
    for name, part in _parts(plain_twin(model)).items():
        part.save(folder / f"{name}.keras")


def _write_saved_model(model: keras.Model, description: Description, folder: Path) -> None:
    import tensorflow as tf

    from seqrun.export.graph.module import Exported

    exported = Exported(plain_twin(model, dropout=False), description)
    tf.saved_model.save(exported, str(folder), signatures=exported.functions)


def _write_onnx(model: keras.Model, description: Description, folder: Path) -> None:
    import tf2onnx

    for name, part in _parts(plain_twin(model, dropout=False)).items():
        function, signature = _inference(part)
        tf2onnx.convert.from_function(
            function, [signature], opset=OPSET, output_path=str(folder / f"{name}.onnx"), large_model=False
        )


def _write_litert(model: keras.Model, description: Description, folder: Path) -> None:
    import tensorflow as tf
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    for name, part in _parts(plain_twin(model, unroll=True, dropout=False)).items():
        function, signature = _inference(part)
        frozen = convert_variables_to_constants_v2(function.get_concrete_function(signature))
        content = tf.lite.TFLiteConverter.from_concrete_functions([frozen]).convert()
        (folder / f"{name}.tflite").write_bytes(content)


def _inference(network: keras.Model) -> tuple[Any, Any]:
    """Return the network's function outside training, and the tensor that it takes: any number of samples."""
    import tensorflow as tf

    def run(inputs: tf.Tensor) -> tf.Tensor:
        return network(inputs, training=False)

    signature = tf.TensorSpec([None, *network.input_shape[1:]], network.inputs[0].dtype, name="inputs")
    return tf.function(run, autograph=False), signature


def _parts(model: keras.Model) -> dict[str, keras.Model]:
    """Return the network, as `model`, and an autoencoder's two halves."""
    return {"model": model, **coders(model)}


_WRITERS: dict[str, Callable[[Any, Any, Path], None]] = {
    "keras": _write_keras,
    "savedmodel": _write_saved_model,
    "onnx": _write_onnx,
    "litert": _write_litert,
}
