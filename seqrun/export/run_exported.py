"""Runs an exported network in a process of its own, where seqrun is not to be had.

`python run_exported.py FORMAT FOLDER` loads the network in FOLDER. Each line that it then reads names a folder of raw
samples; it writes the answers to them there, an array a name, and a line once they are whole.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from importlib import util
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 256
Run = Callable[[np.ndarray], np.ndarray]
Answers = dict[str, np.ndarray]
Answer = Callable[[Any, dict[str, Any]], Answers]


def main(kind: str, exported: Path) -> None:
    """Answer to the samples in each folder that is named on a line."""
    sys.modules["seqrun"] = None  # type: ignore[assignment]  # whoever tries to import it fails
    answer = _saved_model(exported) if kind == "savedmodel" else _with_reader(kind, exported)
    for line in sys.stdin:
        folder = Path(line.rstrip("\n"))
        parts = [answer(samples, more) for samples, more in _batches(folder)]
        answers: dict[str, Any] = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
        np.savez(folder / "answers.npz", **answers)
        print("answered", flush=True)


def _batches(folder: Path) -> Iterator[tuple[Any, dict[str, np.ndarray]]]:
    """Yield raw samples, with what belongs to them, a batch at a time."""
    if (folder / "texts.json").exists():
        samples: Any = json.loads((folder / "texts.json").read_text("utf-8"))
    else:
        samples = np.load(folder / "samples.npy")
    more = {path.name.split(".")[1]: np.load(path) for path in folder.glob("more.*.npy")}
    for first in range(0, len(samples), BATCH):
        chosen = slice(first, first + BATCH)
        yield samples[chosen], {name: values[chosen] for name, values in more.items()}


def _with_reader(kind: str, exported: Path) -> Answer:
    """Return what answers with the network alone, between the two halves of read_input.py."""
    spec = util.spec_from_file_location("read_input", exported / "read_input.py")
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules["read_input"] = module
    spec.loader.exec_module(module)
    reader = module.Reader.load(exported / "input.json")
    opened = {name: LOADERS[kind](path) for name, path in _networks(kind, exported).items()}

    def answer(samples: Any, more: dict[str, Any]) -> Answers:
        found: Answers = reader.predict(opened["model"], samples, **more)
        if "encoder" in opened:
            inputs = reader.inputs(samples, **more)
            found["codes"] = opened["encoder"](inputs)
            decoded = reader.answers(opened["decoder"](found["codes"]), inputs=inputs)
            found["decoded"] = decoded["predictions"]
        return found

    return answer


def _networks(kind: str, exported: Path) -> dict[str, Path]:
    ending = {"keras": "keras", "onnx": "onnx", "litert": "tflite"}[kind]
    return {path.stem: path for path in sorted(exported.glob(f"*.{ending}"))}


def _keras(path: Path) -> Run:
    import keras

    network = keras.models.load_model(path)
    return lambda inputs: np.asarray(network(inputs, training=False))


def _onnx(path: Path) -> Run:
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path))
    name = session.get_inputs()[0].name
    return lambda inputs: session.run(None, {name: inputs})[0]


def _litert(path: Path) -> Run:
    from ai_edge_litert.interpreter import Interpreter

    network = Interpreter(str(path))
    place, result = network.get_input_details()[0]["index"], network.get_output_details()[0]["index"]

    def run(inputs: np.ndarray) -> np.ndarray:
        network.resize_tensor_input(place, inputs.shape)
        network.allocate_tensors()
        network.set_tensor(place, inputs)
        network.invoke()
        return network.get_tensor(result)

    return run


LOADERS: dict[str, Callable[[Path], Run]] = {"keras": _keras, "onnx": _onnx, "litert": _litert}


def _saved_model(exported: Path) -> Answer:
    """Return what answers with a SavedModel, which reads raw samples itself."""
    import tensorflow as tf

    loaded = tf.saved_model.load(str(exported))
    run = loaded.signatures["serving_default"]
    tensors = run.structured_input_signature[1]
    main_name = next(name for name in tensors if name not in ("times", "series"))

    def answer(samples: Any, more: dict[str, Any]) -> Answers:
        given = {main_name: tf.constant(samples, tensors[main_name].dtype)}
        for name, values in more.items():
            plain = values.astype("datetime64[s]").astype(np.int64) if name == "times" else values.astype(object)
            given[name] = tf.constant(plain, tensors[name].dtype)
        return {name: values.numpy() for name, values in run(**given).items()}

    return answer


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
