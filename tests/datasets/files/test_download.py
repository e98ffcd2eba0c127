"""Downloads from a server of the test's own: whole and right, or not there at all."""

import hashlib
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from seqrun.datasets.files.download import DownloadFailed, Remote, download
from seqrun.events.events import Download

CONTENT = bytes(range(256)) * 4000  # 1 MB


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404, "Not Found")
            return
        self.send_response(200)
        if self.path != "/unsized":
            self.send_header("Content-Length", str(len(CONTENT)))
        self.end_headers()
        self.wfile.write(CONTENT[: len(CONTENT) // 2] if self.path == "/broken" else CONTENT)

    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def remote(url, content=CONTENT):
    return Remote("data.npz", url, "sha256", hashlib.sha256(content).hexdigest())


@pytest.mark.parametrize(("path", "total"), [("/data.npz", len(CONTENT)), ("/unsized", None)])
def test_a_download_tells_its_progress_and_keeps_the_file(server, tmp_path, path, total):
    events = []
    found = download(remote(server + path), tmp_path / "new" / "folder", events.append)
    assert found.read_bytes() == CONTENT
    assert [p.name for p in found.parent.iterdir()] == ["data.npz"]
    steps = [event for event in events if isinstance(event, Download)]
    assert (steps[-1].done, steps[-1].total) == (len(CONTENT), total)
    assert len(steps) > 1


def test_md5_checksums_are_known_too(server, tmp_path):
    file = Remote("index.json", server + "/index.json", "md5", hashlib.md5(CONTENT).hexdigest())
    assert download(file, tmp_path, lambda event: None).exists()


def test_a_wrong_checksum_names_both_sums_and_leaves_nothing(server, tmp_path):
    with pytest.raises(DownloadFailed) as caught:
        download(remote(server + "/data.npz", b"other"), tmp_path, lambda event: None)
    assert hashlib.sha256(CONTENT).hexdigest() in str(caught.value)
    assert hashlib.sha256(b"other").hexdigest() in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("path", "reason"), [("/missing", "404"), ("/broken", "broke off.*512000 bytes read")])
def test_what_does_not_come_whole_leaves_nothing(server, tmp_path, path, reason):
    with pytest.raises(DownloadFailed, match=reason):
        download(remote(server + path), tmp_path, lambda event: None)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_download_leaves_nothing(server, tmp_path):
    def interrupt(event):
        if isinstance(event, Download):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(remote(server + "/data.npz"), tmp_path, interrupt)
    assert list(tmp_path.iterdir()) == []


def test_a_failed_download_spares_the_file_that_was_there(server, tmp_path):
    (tmp_path / "data.npz").write_bytes(b"old")
    with pytest.raises(DownloadFailed):
        download(remote(server + "/broken"), tmp_path, lambda event: None)
    assert (tmp_path / "data.npz").read_bytes() == b"old"


def test_a_server_that_is_down_is_asked_once(tmp_path, monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/data.npz"
    asked, connect = [], socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: (asked.append(address), connect(self, address)))
    with pytest.raises(DownloadFailed, match="refused"):
        download(remote(url), tmp_path, lambda event: None)
    assert len(asked) == 1  # it waits for no second try


def test_a_server_that_never_answers_is_given_up(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/data.npz"
        with pytest.raises(DownloadFailed, match=r"no answer within 0\.5 seconds"):
            download(remote(url), tmp_path, lambda event: None, patience=0.5)


def test_a_folder_that_cannot_be_written_is_a_failure_with_a_reason(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(DownloadFailed, match="cannot write"):
        download(remote(server + "/data.npz"), tmp_path / "file" / "folder", lambda event: None)


def test_a_file_without_a_published_checksum_is_kept_and_its_sum_told(server, tmp_path):
    events = []
    found = download(Remote("data.npz", server + "/data.npz"), tmp_path, events.append)
    assert found.read_bytes() == CONTENT
    assert any(f"gives no checksum; sha256 {hashlib.sha256(CONTENT).hexdigest()}" in str(e.line()) for e in events)


@pytest.mark.parametrize("proxy", [None, "http://127.0.0.1:1"])
def test_the_reason_is_told_without_its_wrapping(tmp_path, monkeypatch, proxy):
    for name in ("NO_PROXY", "no_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    url = "http://127.0.0.1:1/data.npz"
    if proxy:
        url = "http://example.invalid/data.npz"
        monkeypatch.setenv("http_proxy", proxy)
    with pytest.raises(DownloadFailed) as caught:
        download(remote(url), tmp_path, lambda event: None)
    reason = "Failed to establish a new connection: [Errno 111] Connection refused"
    assert str(caught.value) == (f"the proxy: {reason}" if proxy else reason)
