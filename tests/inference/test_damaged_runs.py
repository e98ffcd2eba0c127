"""What has changed in a run's files since it wrote them is noticed before anything is predicted from it."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from commands import predict, run_command, without_hashes

from seqrun.errors import UsageError
from seqrun.inference.saved import read_saved
from seqrun.inference.weights import WEIGHTS, check_weights
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.hashes import check_artifacts
from seqrun.rundir.reading import read_run

pytestmark = pytest.mark.usefixtures("undrawn_plots")
TEXT = ("--text", "nolo nisa")


@pytest.fixture(scope="module")
def trained(family_run):
    return family_run("rnn")


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


@pytest.fixture
def old(run):
    """The run without hashes, as earlier versions left it."""
    return without_hashes(run)


def told(run: Path) -> str:
    """What predict says of a damaged run."""
    return " ".join(predict(run, *TEXT, code=2).stderr.split())


def test_the_hashes_are_those_of_the_files(trained):
    recorded = json.loads((trained / "run.json").read_text())["files_sha256"]
    artifacts = {f"artifacts/{file.name}" for file in (trained / "artifacts").iterdir()}
    assert recorded.keys() == {"model.weights.h5", "predictions.npz", *artifacts}
    for name, found in recorded.items():
        assert found == hashlib.sha256((trained / name).read_bytes()).hexdigest()


def test_a_run_without_hashes_predicts_the_same(trained, old):
    assert predict(old, *TEXT).stdout == predict(trained, *TEXT).stdout


@pytest.mark.parametrize("name", ["model.weights.h5", "artifacts/spec.json", "artifacts/vocabulary.json"])
def test_a_flipped_bit_is_named_with_what_helps(run, name):
    content = bytearray((run / name).read_bytes())
    content[len(content) // 2] ^= 1
    (run / name).write_bytes(content)
    text = told(run)
    assert f"{name}:is not as the run wrote it".replace(" ", "") in text.replace(" ", "")  # a long path is broken
    assert "seqrun train" in text


def test_a_lost_artifact_is_named_but_examples_may_go(run):
    (run / "artifacts" / "examples.json").unlink()
    predict(run, *TEXT)
    (run / "artifacts" / "encoding.json").unlink()
    assert "encoding.json: is missing" in told(run)


def datasets(file: h5py.File) -> list[str]:
    names = []
    file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
    return names


def emptied(file, name):
    shape, dtype = file[name].shape, file[name].dtype
    del file[name]
    file.create_dataset(name, shape, dtype)


def with_nan(file, name):
    file[name][(0,) * file[name].ndim] = np.nan


def removed(file, name):
    del file[name]


def without_its_group(file, name):
    del file[name.rpartition("/vars")[0]]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (emptied, "is empty"),
        (with_nan, "NaN or infinite"),
        (removed, "not the weights of the run's network"),
        (without_its_group, "not the weights of the run's network"),
    ],
)
def test_weights_that_no_training_leaves_are_refused_without_a_hash_too(old, change, reason):
    whole = (old / "model.weights.h5").read_bytes()
    with h5py.File(old / "model.weights.h5") as file:
        names = datasets(file)
    for name in (names[0], names[-1]) if change in (removed, without_its_group) else names:
        (old / "model.weights.h5").write_bytes(whole)
        with h5py.File(old / "model.weights.h5", "r+") as file:
            change(file, name)
        assert reason in told(old), name


def test_a_cut_weights_file_is_refused(old):
    weights = old / "model.weights.h5"
    whole = weights.read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        weights.write_bytes(whole[:size])
        with pytest.raises(UsageError, match="cannot be read as weights"):
            check_weights(read_run(old))


ODD_SPECS = [
    {"input_shape": "32"},
    {"input_shape": []},
    {"input_shape": [10**12]},
    {"input_shape": [2.5]},
    {"target": None},
    {"target": {"kind": "classes", "classes": [1, 2]}},
    {"target": {"kind": "classes", "classes": []}},
    {"target": {"kind": "classes", "classes": ["a", "b"], "other": 1}},
    {"target": {"kind": ["classes"]}},
    {"vocabulary": "gone.json"},
    {"vocabulary": {"size": 3}},
    {"target_features": [9**9]},
    {"values": {"features": ["x"], "offset": [], "scale": []}},
]


@pytest.mark.parametrize("odd", ODD_SPECS, ids=map(json.dumps, ODD_SPECS))
def test_an_odd_spec_is_told_of_with_its_directory(old, odd):
    spec = old / "artifacts" / "spec.json"
    spec.write_text(json.dumps({**json.loads(spec.read_text()), **odd}))
    text = told(old)
    assert "artifacts: damaged: spec.json does not say what the network reads" in text


def test_a_deep_spec_is_told_of(old):
    (old / "artifacts" / "spec.json").write_text("[" * 100_000)
    assert "spec.json does not say what the network reads: it is nested too deep" in told(old)


def test_weights_written_again_have_the_new_hash(make_run):
    path = make_run(status="interrupted")
    for content in (b"one", b"two"):
        with RunDirectory.open(path) as directory:
            directory.write_bytes("model.weights.h5", content)
            recorded = json.loads((path / "run.json").read_text()).get("files_sha256", {})
            assert "model.weights.h5" not in recorded  # killed now, the run has no wrong hash
            directory.update(status="interrupted")
        recorded = json.loads((path / "run.json").read_text())["files_sha256"]
        assert recorded == {"model.weights.h5": hashlib.sha256(content).hexdigest()}


def test_show_and_compare_do_not_mind(run):
    (run / "model.weights.h5").write_bytes(b"")
    assert "finished" in run_command("show", run).stdout
    run_command("compare", run)


def test_a_hashed_file_that_is_a_pipe_is_named(run):
    (run / "artifacts" / "spec.json").unlink()
    os.mkfifo(run / "artifacts" / "spec.json")
    with pytest.raises(UsageError, match=r"spec\.json: cannot be read: is a pipe.* seqrun train"):
        check_artifacts(read_run(run))


@pytest.mark.parametrize(("make", "reason"), [(os.mkfifo, "is a pipe"), (os.mkdir, "Is a directory")])
def test_weights_that_are_no_file_are_not_called_missing(run, make, reason):
    (run / WEIGHTS).unlink()
    make(run / WEIGHTS)
    with pytest.raises(UsageError, match=rf"weights\.h5: cannot be read: {reason}"):
        read_saved(read_run(run))
