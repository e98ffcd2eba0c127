"""The program of someone who has no seqrun: what an export answers to raw input.

    python -I outside.py EXPORT INPUT.json ANSWERS.npz

EXPORT is a folder that `seqrun export` made; INPUT.json has `samples` (and `times` and `series`) as its golden.json
has them. It needs NumPy, and TensorFlow for a SavedModel or a .keras file, onnxruntime or ai-edge-litert for the other.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np


def main(export: Path, given: Path, answers: Path) -> None:
    sys.modules["seqrun"] = None  # where it is installed, nobody can import it all the same
    raw = json.loads(given.read_text("utf-8"))
    samples, more = raw["samples"], {name: raw[name] for name in ("times", "series") if name in raw}
    if not isinstance(samples[0], str):
        samples = np.array(samples, np.float64)  # null is NaN
    found = (
        saved_model(export, samples, more) if (export / "saved_model.pb").exists() else by_reader(export, samples, more)
    )
    np.savez(answers, **found)


def by_reader(export: Path, samples: Any, more: dict[str, Any]) -> dict[str, np.ndarray]:
    sys.path.insert(0, str(export))
    from read_input import Reader

    [file] = export.glob("model.*")
    return Reader.load(export / "input.json").predict(NETWORKS[file.suffix](file), samples, **more)


def saved_model(export: Path, samples: Any, more: dict[str, Any]) -> dict[str, np.ndarray]:
    import tensorflow as tf

    answer = tf.saved_model.load(str(export)).signatures["serving_default"]
    tensors = answer.structured_input_signature[1]
    [name] = tensors.keys() - {"times", "series"}
    given = {key: tf.constant(values, tensors[key].dtype) for key, values in {name: samples, **more}.items()}
    return {key: values.numpy() for key, values in answer(**given).items()}


def keras_file(file: Path) -> Callable[[np.ndarray], np.ndarray]:
    import keras

    network = keras.models.load_model(file)
    return lambda inputs: np.asarray(network(inputs, training=False))


def onnx_file(file: Path) -> Callable[[np.ndarray], np.ndarray]:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file))
    name = session.get_inputs()[0].name
    return lambda inputs: session.run(None, {name: inputs})[0]


def litert_file(file: Path) -> Callable[[np.ndarray], np.ndarray]:
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(str(file))
    [into], [out] = network.get_input_details(), network.get_output_details()

    def run(inputs: np.ndarray) -> np.ndarray:
        network.resize_tensor_input(into["index"], inputs.shape)
        network.allocate_tensors()
        network.set_tensor(into["index"], inputs)
        network.invoke()
        return network.get_tensor(out["index"])

    return run


NETWORKS = {".keras": keras_file, ".onnx": onnx_file, ".tflite": litert_file}

if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
