"""A run served by `seqrun serve`, a process of its own, and asked over the network in both ways that it answers."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.exporting import difference, last_line, ours

if TYPE_CHECKING:
    import pandas as pd

PATIENCE = 300  # seconds
DTYPES = {"BYTES": object, "FP32": np.float32, "FP64": np.float64}  # of the protocol's inputs


@contextmanager
def serving(run: Path) -> Iterator[str]:
    """The address at which the run is served inside the block."""
    command = [sys.executable, "-m", "seqrun", "serve", str(run), "--port", "0", "--max-batch", "8"]
    with TemporaryFile("w+") as said:
        process = subprocess.Popen(command, env=ours(), stdout=subprocess.PIPE, stderr=said, text=True)
        try:
            if not (url := process.stdout.readline().strip()):
                said.seek(0)
                raise RuntimeError(last_line(said.read()))
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def served(run: Path, given: Any, wanted: pd.DataFrame, arrays: dict[str, np.ndarray]) -> dict[str, float | str]:
    """How far the answers of /predict, and those that a client of the protocol has, are from those of `run.predict`."""
    with serving(run) as url:
        found = predict(url, given)
        own = json.loads(wanted.to_json(orient="records", double_precision=15))
        return {
            "/predict": by_row(found, own),
            "tritonclient": triton(url.removeprefix("http://"), run.name, given, arrays),
        }


def predict(url: str, given: Any) -> list[dict[str, Any]]:
    """The rows that POST /predict answers."""
    kind, body = "application/json", b""
    if isinstance(given, list):
        body = json.dumps({"texts": given}).encode()
    elif isinstance(given, np.ndarray):
        kind, stream = "application/x-npy", io.BytesIO()  # JSON has no NaN
        np.save(stream, given)
        body = stream.getvalue()
    else:
        body = json.dumps({"rows": given.to_dict("records")}).encode()
    request = urllib.request.Request(f"{url}/predict", body, {"Content-Type": kind})
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return json.load(answer)["predictions"]


def by_row(found: list[dict[str, Any]], wanted: list[dict[str, Any]]) -> float | str:
    """The largest difference of the numbers in tables; where a text is another, which."""
    if [[*row] for row in found] != [[*row] for row in wanted]:
        return f"other columns or rows: {len(found)} of {[*found[0]]}, not {len(wanted)} of {[*wanted[0]]}"
    largest = 0.0
    for row, own in zip(found, wanted, strict=True):
        for name, value in own.items():
            if isinstance(value, float):
                largest = max(largest, difference(row[name], value))
            elif row[name] != value:
                return f"{name}: {row[name]!r}, not {value!r}"
    return largest


def triton(address: str, model: str, given: Any, arrays: dict[str, np.ndarray]) -> float:
    """The largest difference by NVIDIA's client of the Open Inference Protocol."""
    import tritonclient.http as http

    client = http.InferenceServerClient(address, network_timeout=PATIENCE, connection_timeout=PATIENCE)
    inputs = []
    if isinstance(given, np.ndarray):  # which can be several series, where the model's own inputs are columns of one
        asked = [{"name": "array", "datatype": "FP32"}]
    else:
        asked = client.get_model_metadata(model)["inputs"]
    for described in asked:
        values = given if isinstance(given, (list, np.ndarray)) else given[described["name"]].to_numpy()
        values = np.asarray(values, DTYPES[described["datatype"]])
        tensor = http.InferInput(described["name"], [*values.shape], described["datatype"])
        inputs.append(tensor.set_data_from_numpy(values, binary_data=True))
    names = [name for name in ("predictions", "lower", "upper", "codes", "errors") if name in arrays]
    answer = client.infer(model, inputs, outputs=[http.InferRequestedOutput(name, binary_data=True) for name in names])
    return max(difference(answer.as_numpy(name), arrays[name]) for name in names)
