"""`seqrun export`: what other programs load predicts what the run does, for every family; or nothing is left."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from commands import arrays_of, predict, run_command

from seqrun.export import formats, networks

FAMILIES = [
    "classifier of two classes",
    "classifier of numbers",
    "forecaster of itself",
    "autoencoder",
    "tagger",
    "multilabel",
    "regressor",
]
# What a user's program is, of NumPy and onnxruntime alone: golden samples in, answers out.
PROGRAM = """
import json, sys
for name in ("seqrun", "keras", "tensorflow"): sys.modules[name] = None
import numpy as np, onnxruntime
sys.path.insert(0, ".")
from read_input import Reader
session = onnxruntime.InferenceSession("model.onnx")
name, golden = session.get_inputs()[0].name, json.load(open("golden.json"))
samples = golden["samples"]
if not isinstance(samples[0], str): samples = np.array(samples, float)  # null is NaN
more = {name: golden[name] for name in ("times", "series") if name in golden}
answers = Reader.load("input.json").predict(lambda batch: session.run(None, {name: batch})[0], samples, **more)
print(json.dumps({name: values.tolist() for name, values in answers.items()}))
"""


def export(run: Path, kind: str, *arguments: object, code: int = 0):
    return run_command("export", run, "--format", kind, *arguments, code=code)


def read_json(path: Path) -> dict:
    return json.loads(path.read_text("utf-8"))


@pytest.fixture(scope="module", autouse=True)
def _packages():
    pytest.importorskip("onnxruntime", reason="pip install 'seqrun[export]'")
    pytest.importorskip("tf2onnx", reason="pip install 'seqrun[export]'")


@pytest.mark.parametrize("family", FAMILIES)
def test_an_onnx_network_predicts_what_the_run_does(trained, tmp_path, family):
    run = trained(family)
    folder = tmp_path / "exported"
    assert export(run, "onnx", "-o", folder).stdout.strip() == str(folder)
    parity = read_json(folder / "parity.json")
    assert parity["difference"] < 1e-5
    samples = len(arrays_of(run / "predictions.npz")["predictions"])
    assert (parity["samples"], parity["samples_left_out"], parity["against"]) == (samples, 0, "predictions.npz")
    if family == "autoencoder":  # in halves, too
        assert {"predictions", "codes", "decoded", "errors"} <= parity["differences"].keys()


def test_golden_samples_give_their_answers_where_there_is_numpy_alone(trained, tmp_path):
    export(trained("classifier of two classes"), "onnx", "-o", tmp_path / "exported")
    run = partial(subprocess.run, capture_output=True, text=True, cwd=tmp_path / "exported", check=True)
    found = json.loads(run([sys.executable, "-c", PROGRAM]).stdout)
    golden = read_json(tmp_path / "exported" / "golden.json")["answers"]
    for name in found:
        np.testing.assert_allclose(found[name], golden[name], rtol=1e-4, atol=1e-5)


def test_a_run_of_a_gpu_is_measured_against_its_network_on_this_machine(trained, tmp_path):
    run = shutil.copytree(trained("regressor"), tmp_path / "run")
    record = read_json(run / "run.json")
    (run / "run.json").write_text(json.dumps({**record, "device": "GPU:0 NVIDIA H100"}))
    export(run, "onnx")
    parity = read_json(run / "exports" / "onnx" / "parity.json")
    assert parity["against"] == "what the run's network gives here, as the run computed on GPU:0 NVIDIA H100"
    assert parity["differences"].keys() == parity["differences_from_recorded"].keys()


def test_a_saved_model_reads_texts_itself(trained, tmp_path):
    import tensorflow as tf

    run = trained("classifier of two classes")
    export(run, "savedmodel", "-o", tmp_path / "saved")
    texts = ["A great FILM, a great cast", "dull e\u0301 \u212b", "naïve\u00a0plot"]
    answer = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    found = answer(texts=tf.constant(texts))["probabilities"].numpy()
    predict(run, *(part for text in texts for part in ("--text", text)), "-o", tmp_path / "own.npz")
    np.testing.assert_allclose(found[:, 1], arrays_of(tmp_path / "own.npz")["predictions"].ravel(), atol=1e-5)


def test_a_keras_file_is_of_keras_own_layers(trained, tmp_path):
    export(trained("tagger"), "keras", "-o", tmp_path / "exported")
    with zipfile.ZipFile(tmp_path / "exported" / "model.keras") as file:
        config = file.read("config.json").decode()
    assert "Bidirectional" in config and "seqrun" not in config


def test_a_litert_network_predicts_what_the_run_does(trained, tmp_path):
    pytest.importorskip("ai_edge_litert", reason="pip install 'seqrun[export]'")
    export(trained("tagger"), "litert", "-o", tmp_path / "exported")
    assert read_json(tmp_path / "exported" / "parity.json")["difference"] < 1e-5


# --- what is refused --------------------------------------------------------------------------------------------------


def test_an_export_that_predicts_something_else_is_not_left(trained, tmp_path, monkeypatch):
    written = networks._WRITERS["onnx"]

    def wrongly(model, description, folder):
        *others, bias = model.get_weights()
        model.set_weights([*others, bias + 0.01])
        written(model, description, folder)

    monkeypatch.setitem(networks._WRITERS, "onnx", wrongly)
    told = export(trained("multilabel"), "onnx", "-o", tmp_path / "exported", code=1).stderr
    assert "predictions.npz" in told and "more than 0.0001" in told
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_not_replaced_unasked(trained, tmp_path):
    folder = tmp_path / "exported"
    export(trained("regressor"), "onnx", "-o", folder)
    (folder / "golden.json").unlink()
    assert "--overwrite" in export(trained("regressor"), "onnx", "-o", folder, code=2).stderr
    export(trained("regressor"), "onnx", "-o", folder, "--overwrite")
    assert (folder / "golden.json").exists() and [path.name for path in tmp_path.iterdir()] == ["exported"]


def test_what_is_no_export_is_never_replaced(trained, tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    told = export(trained("regressor"), "onnx", "-o", tmp_path, "--overwrite", code=2).stderr
    assert "is no export" in told and (tmp_path / "thesis.txt").exists()


def test_a_missing_package_is_named_with_its_extra(trained, tmp_path, monkeypatch):
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    told = export(trained("regressor"), "onnx", "-o", tmp_path / "exported", code=2).stderr
    assert "tf2onnx" in told and "pip install 'seqrun[export]'" in told


def test_other_data_than_the_runs_are_no_measure(trained, tmp_path):
    run = shutil.copytree(trained("multilabel"), tmp_path / "run")
    record = read_json(run / "run.json")
    record["data"]["sources"][0]["sha256"] = "0" * 64
    (run / "run.json").write_text(json.dumps(record))
    export(run, "onnx", code=4)
    assert not list((run / "exports").iterdir())
