"""`seqrun doctor` on machines that are ready to train, and on some that are not."""

import importlib.metadata
import re
import shutil
import socket
import threading
from collections import namedtuple
from pathlib import Path

import pytest
from click.testing import CliRunner

from seqrun.cli.doctor import command
from seqrun.machine import device

FIND = socket.getaddrinfo
SMOKE = Path(__file__).parents[2] / "configs" / "smoke"


def report(*arguments):
    """The exit code, and (verdict, text) of each subject."""
    result = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    lines = [re.split(r"  +", line, maxsplit=2) for line in result.stdout.splitlines()]
    return result.exit_code, {subject: (verdict, text) for verdict, subject, text in lines}


@pytest.fixture(autouse=True)
def no_network(monkeypatch, tmp_path):
    """No name is found and nothing can be connected to; Keras' cache is an empty folder."""

    def refuse(*_):
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.delenv("SEQRUN_DATA_DIR", raising=False)


@pytest.fixture
def data_dir(tmp_path):
    folder = tmp_path / "data"
    folder.mkdir()
    (folder / "imdb.npz").write_bytes(b"any")
    return folder


def test_a_config_is_told_whether_a_gpu_pays_for_it(tmp_path):
    _, findings = report(SMOKE / "lstm.yaml", "--runs-dir", tmp_path)
    weights = 4 * (8 * 8 + 8 * 8 + 8) + 4 * 8 + 9  # of the LSTM, the normalisation and the output
    assert round(weights * 32 * 32 / 1e6) == 1
    verdict, text = findings["config: smoke_lstm"]
    assert verdict == "ok"
    assert text.startswith("about 1 million products a step: faster on the CPU")


def test_a_config_whose_data_are_elsewhere_is_told_so_and_nothing_is_downloaded(tmp_path):
    _, findings = report(SMOKE.parent / "mnist_vae.yaml", "--runs-dir", tmp_path)
    assert findings["config: mnist_vae"] == ("warn", "mnist is not on this machine: seqrun data mnist")


def test_a_ready_machine_passes_and_is_left_as_it_was(tmp_path, data_dir):
    runs = tmp_path / "runs"
    before = sorted(tmp_path.rglob("*"))
    code, findings = report("--runs-dir", runs, "--data-dir", data_dir)
    assert code == 0
    assert {verdict for verdict, _ in findings.values()} <= {"ok", "warn"}
    assert importlib.metadata.version("tensorflow") in findings["tensorflow"][1]
    assert f"keras {importlib.metadata.version('keras')}" in findings["packages"][1]
    assert findings["runs"] == ("ok", f"{runs} can be made")
    assert findings["data: imdb"] == ("ok", f"would read {data_dir / 'imdb.npz'} (data_dir)")
    left = [path for path in tmp_path.rglob("*") if "keras" not in path.name]  # Keras makes its own folder
    assert sorted(left) == before


def test_the_cache_is_found_but_a_missing_data_dir_is_not_passed_over(tmp_path):
    cached = tmp_path / "keras" / "datasets" / "imdb.npz"
    cached.parent.mkdir(parents=True)
    cached.write_bytes(b"any")
    assert report("--runs-dir", tmp_path)[1]["data: imdb"] == ("ok", f"would read {cached} (cache)")
    (tmp_path / "empty").mkdir()
    verdict, text = report("--runs-dir", tmp_path, "--data-dir", tmp_path / "empty")[1]["data: imdb"]
    assert verdict == "warn"
    assert "empty does not hold imdb.npz" in text and str(cached) in text


def test_a_data_dir_that_does_not_exist_fails(tmp_path):
    code, findings = report("--runs-dir", tmp_path, "--data-dir", tmp_path / "nowhere")
    assert code == 1
    assert findings["data"] == ("fail", f"--data-dir (or SEQRUN_DATA_DIR): {tmp_path / 'nowhere'} is no directory")


@pytest.fixture
def no_package(monkeypatch):
    """No package that ships data is installed."""

    def not_installed(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "distribution", not_installed)
    monkeypatch.setattr(importlib.metadata, "requires", lambda name: [])


def test_data_that_can_only_come_from_the_network_is_worth_a_warning(tmp_path, monkeypatch, no_package):
    """The servers are reached through a proxy here: a socket of our own."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        host, port = server.getsockname()
        monkeypatch.setattr(socket, "getaddrinfo", _only(host))
        monkeypatch.setenv("https_proxy", f"http://{host}:{port}")
        code, findings = report("--runs-dir", tmp_path)
    assert code == 0
    verdict, text = findings["data: imdb"]
    assert verdict == "warn"
    assert "not on this machine: training on it needs the network, to download https://" in text
    assert "(the proxy 127.0.0.1 is reachable)" in text


def _only(host):
    def found(name, *rest, **options):
        if name != host:
            raise socket.gaierror(-2, "Name or service not known")
        return FIND(name, *rest, **options)

    return found


def test_data_that_cannot_be_had_are_named_and_warned_of(tmp_path, data_dir, no_package):
    code, findings = report("--runs-dir", tmp_path, "--data-dir", data_dir)
    assert (code, findings["data: imdb"][0]) == (0, "ok")
    verdict, text = findings["data: jena_climate"]
    assert verdict == "warn"
    assert (
        "is not reachable: Name or service not known; it would fail here without a --data-dir that holds jena" in text
    )
    (data_dir / "imdb.npz").unlink()
    code, findings = report("--runs-dir", tmp_path, "--data-dir", data_dir)
    assert code == 0  # one's own files can be trained on
    assert {verdict for subject, (verdict, _) in findings.items() if subject.startswith("data: ")} == {"warn"}


def test_a_server_that_does_not_answer_does_not_hold_the_doctor_up(monkeypatch):
    from seqrun.machine.reachability import reachable

    given_up = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: given_up.wait() and [])  # answers only afterwards
    assert reachable("https://example.com/x", patience=0.2) == (
        False,
        "example.com is not reachable: no answer within 0.2 seconds",
    )
    given_up.set()


def test_a_runs_directory_that_cannot_be_written_fails(tmp_path):
    (tmp_path / "file").write_text("in the way")
    code, findings = report("--runs-dir", tmp_path / "file" / "runs")
    assert code == 1
    verdict, text = findings["runs"]
    assert verdict == "fail"
    assert f"cannot write in {tmp_path / 'file'}: Not a directory" in text


@pytest.mark.parametrize(("free", "verdict", "code"), [(10**6, "fail", 1), (10**9, "warn", 0), (10**11, "ok", 0)])
def test_little_room_warns_and_no_room_fails(tmp_path, monkeypatch, free, verdict, code):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12 - free, free))
    found, findings = report("--runs-dir", tmp_path)
    assert (found, findings["disk"][0]) == (code, verdict)


def test_a_package_that_is_too_old_or_missing_fails(tmp_path, monkeypatch):
    installed = importlib.metadata.version

    def version(name):
        if name == "pyarrow":
            raise importlib.metadata.PackageNotFoundError(name)
        return "3.0.0" if name == "keras" else installed(name)

    monkeypatch.setattr(importlib.metadata, "version", version)
    code, findings = report("--runs-dir", tmp_path)
    assert code == 1
    verdict, text = findings["packages"]
    assert verdict == "fail"
    assert "keras 3.0.0 is installed, >=3.15.1 is needed" in text and "pyarrow is not installed" in text


def test_a_broken_tensorflow_fails_with_its_reason(tmp_path, monkeypatch):
    def broken():
        raise ImportError("libcudart.so.12: cannot open shared object file")

    monkeypatch.setattr(device, "import_tensorflow", broken)
    code, findings = report("--runs-dir", tmp_path)
    assert code == 1
    assert findings["tensorflow"][0] == "fail"
    assert "libcudart.so.12" in findings["tensorflow"][1]
    assert findings["disk"][0] in ("ok", "warn")  # the rest is still looked at


def test_keras_on_another_backend_fails(tmp_path, monkeypatch):
    import keras

    monkeypatch.setattr(keras.backend, "backend", lambda: "jax")
    code, findings = report("--runs-dir", tmp_path)
    assert code == 1
    assert findings["keras"][0] == "fail"
    assert "KERAS_BACKEND=tensorflow" in findings["keras"][1]
