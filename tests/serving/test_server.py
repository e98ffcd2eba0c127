"""`seqrun serve` as a process: real clients, a real browser, and a stop in good order."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import browser
import numpy as np
import pytest
from commands import SMOKE, run_command

from benchmarks.load import load
from benchmarks.serving import free_port, lost, restarted
from seqrun.errors import UsageError

pytestmark = pytest.mark.usefixtures("undrawn_plots")
TEXTS = "classifier of texts"
PATIENCE = 300


@pytest.fixture(scope="module")
def run(trained) -> Path:
    pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
    return trained(TEXTS)


@pytest.fixture(scope="module")
def server(run, tmp_path_factory):
    """The address of a server, which ends by SIGTERM with the exit code of one."""
    command = [sys.executable, "-m", "seqrun", "serve", str(run), "--port", "0", "--max-batch", "8"]
    error = tmp_path_factory.mktemp("server") / "error.txt"
    with error.open("w") as file:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=file, text=True, env={**os.environ})
        try:
            url = process.stdout.readline().strip()
            assert url, error.read_text()
            yield url
        finally:
            process.send_signal(signal.SIGTERM)
            code = process.wait(PATIENCE)
    said = error.read_text()
    assert f"serving {run.name} on {url}" in said
    assert code == 128 + signal.SIGTERM and "interrupted (SIGTERM)" in said


def test_tritonclient_asks_in_bytes_and_in_json(server, run):
    triton = pytest.importorskip("tritonclient.http", reason="tritonclient[http] is not installed")
    client = triton.InferenceServerClient(server.removeprefix("http://"))
    assert client.is_server_live() and client.is_server_ready() and client.is_model_ready(run.name)
    assert client.is_model_ready("smoke_text")  # the experiment's name
    [described] = client.get_model_metadata(run.name)["inputs"]
    texts = np.array(["nolo nisa", "drôle — 漢字"], object)
    answers = []
    for binary in (True, False):
        given = triton.InferInput(described["name"], [2], described["datatype"])
        given.set_data_from_numpy(texts, binary_data=binary)
        wanted = [
            triton.InferRequestedOutput(name, binary_data=binary) for name in ("text", "predicted", "predictions")
        ]
        answers += [client.infer(run.name, [given]), client.infer(run.name, [given], outputs=wanted)]
    for answer in answers:
        assert [text.decode() if isinstance(text, bytes) else text for text in answer.as_numpy("text")] == [*texts]
    by_column = [answers[0].as_numpy(f"probability_{name}") for name in ("bad", "fair", "good")]
    np.testing.assert_allclose(np.stack(by_column, axis=1), answers[1].as_numpy("predictions"), rtol=1e-6)
    with pytest.raises(triton.InferenceServerException, match="the run reads text, not other"):
        other = triton.InferInput("other", [1], "FP32").set_data_from_numpy(np.ones(1, np.float32))
        client.infer(run.name, [other])


@pytest.fixture(scope="module")
def page(server, tmp_path_factory):
    if browser.CHROMIUM is None:
        pytest.skip("there is no Chromium")
    with browser.browser(tmp_path_factory.mktemp("browser")) as page:
        yield page


ANSWERED = "document.getElementById('status').textContent.includes('row')"


def test_a_text_is_typed_and_answered_by_keyboard_alone(server, page):
    page.look(1000)
    page.open(server)
    for _ in range(2):  # past the link that skips to the input
        page.press(browser.TAB)
    page.type("nolo <b>nisa</b>")
    page.press(browser.ENTER, browser.CTRL)
    page.wait_for(ANSWERED)
    header, row = page.value(
        "[...document.querySelectorAll('#answer tr')].map((row) => [...row.cells].map((c) => c.innerText))"
    )
    assert header == ["row", "text", "predicted", "p: bad", "p: fair", "p: good"]
    assert row[1] == "nolo <b>nisa</b>" and row[2] in ("bad", "fair", "good")
    assert page.complaints == []  # the page keeps its own security policy


def test_a_dropped_table_is_answered(server, page, tmp_path):
    (tmp_path / "new.csv").write_text("review\nnolo nisa\ndori\n")
    page.open(server)
    page.drop(tmp_path / "new.csv", 300, 300)
    page.wait_for(ANSWERED)
    assert page.value("document.getElementById('status').textContent") == "2 rows"
    assert page.value("document.querySelectorAll('#answer tbody tr').length") == 2


def test_an_error_is_told(server, page):
    page.open(server)
    page.value("document.getElementById('input').focus()")
    page.press(browser.ENTER, browser.CTRL)
    page.wait_for("document.getElementById('status').classList.contains('wrong')")
    assert "number 1" in page.value("document.getElementById('status').textContent")
    page.complaints.clear()  # Chromium lists each answer of 422


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_fits_a_phone_and_can_be_read(server, page, dark):
    page.look(375, dark=dark)
    page.open(server)
    page.value("document.getElementById('input').focus()")
    page.type("nolo nisa " * 40)
    page.press(browser.ENTER, browser.CTRL)
    page.wait_for(ANSWERED)
    assert page.value("document.scrollingElement.scrollWidth") <= 375
    colours = page.value("(({color, backgroundColor}) => [color, backgroundColor])(getComputedStyle(document.body))")
    ink, paper = (sum(map(int, colour[4:-1].split(","))) for colour in colours)
    assert (ink > paper) is dark
    assert abs(ink - paper) > 450  # of 765: far more than what is asked for reading


def test_nothing_is_lost_over_a_restart(run):
    port, texts = free_port(), [f"nolo {number} nisa" for number in range(600)]
    command = [sys.executable, "-m", "seqrun", "serve", str(run), "--port", str(port), "--max-batch", "8"]
    found, code = restarted(command, port, [{"text": text} for text in texts], clients=8)
    assert code == 128 + signal.SIGTERM
    assert found.errors == {}
    assert sum(found.again.values()) > 0  # the server was away
    assert lost(found, run, texts) == 0


def test_clients_that_come_at_once_are_answered(server):
    found = load(server, [{"text": f"nolo {number}"} for number in range(64)], clients=16)
    assert found.errors == {} and len(found.answers) == 64


def test_a_port_that_is_taken_is_told(server, run):
    result = run_command("serve", run, "--port", server.rpartition(":")[2], code=2)
    assert "--port 0" in result.stderr


def test_a_run_without_weights_is_told(tmp_path):
    assert "no such run" in run_command("serve", tmp_path / "none", code=2).stderr
    assert run_command("serve", SMOKE, code=2).stderr


def test_without_the_extra_it_says_what_is_missing(run, monkeypatch):
    monkeypatch.setattr("seqrun.cli.serve.NEEDED", ("starlette", "no_such_package"))
    told = run_command("serve", run, code=2).stderr
    assert "no_such_package" in told and "starlette" not in told
    assert "pip install 'seqrun[serve]'" in told


@pytest.mark.parametrize(("host", "is_local"), [("127.0.0.1", True), ("localhost", True), ("0.0.0.0", False)])
def test_an_address_knows_who_reaches_it(host, is_local):
    from seqrun.serving.server import Address

    address = Address.bound(host, 0)
    with address.socket:
        assert address.is_loopback is is_local
        assert (address.hosts is not None) is is_local  # a server of every network is called in many ways
        assert address.url.startswith(f"http://{host}:")


def test_two_servers_that_start_together_cannot_have_one_port():
    from seqrun.serving.server import Address

    with Address.bound("127.0.0.1", 0).socket as first, pytest.raises(UsageError, match=r"in use; --port 0 takes"):
        Address.bound("127.0.0.1", first.getsockname()[1])
