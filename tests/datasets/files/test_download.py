"""Downloads from a server of the test's own: whole and right, or not there at all."""

import contextlib
import fcntl
import hashlib
import socket
import struct
import subprocess
import sys
import threading
import time
import tracemalloc
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from seqrun.datasets.files import transfer
from seqrun.datasets.files.download import Remote, download
from seqrun.datasets.files.transfer import DownloadFailed
from seqrun.datasets.files.unpacking import unpack
from seqrun.errors import DataError
from seqrun.events.events import Download

CONTENT = bytes(range(256)) * 4000  # 1 MB


ODD = {  # path -> status and headers of an answer that no honest server gives
    "/length/word": (200, {"Content-Length": "abc"}),
    "/length/negative": (200, {"Content-Length": "-1"}),
    "/length/digits": (200, {"Content-Length": "9" * 5000}),
    "/length/huge": (200, {"Content-Length": str(10**18)}),
    "/packed": (200, {"Content-Encoding": "gzip"}),
    "/to/a/file": (302, {"Location": "file:///etc/passwd"}),
    "/to/itself": (302, {"Location": "/to/itself"}),
    "/to/nowhere": (302, {"Location": "http://[::1"}),
    "/to/the/data": (302, {"Location": "/data.npz"}),
    "/endless/redirect": (302, {"Location": "/data.npz"}),
    "/endless": (200, {}),
    "/slow": (200, {"Content-Length": str(len(CONTENT))}),
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/missing":
            self.send_error(404, "Not Found")
            return
        if self.path in ODD:
            status, headers = ODD[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            with contextlib.suppress(OSError):  # the client has had enough
                while self.path.startswith("/endless"):
                    self.wfile.write(CONTENT)
                while self.path == "/slow":
                    self.wfile.write(b"a")
                    time.sleep(0.02)
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
        threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{running.server_port}"
        running.shutdown()


def remote(url, content=CONTENT, **more):
    return Remote("data.npz", url, "sha256", hashlib.sha256(content).hexdigest(), **more)


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


# --- servers that mean ill


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/length/word", r"impossible length \(Content-Length: abc\)"),
        ("/length/negative", "impossible length"),
        ("/length/digits", "impossible length"),
        ("/length/huge", r"it has 1000000\.0 TB; 1.0 MB were published"),
        ("/packed", r"it came packed \(gzip\), which was not asked for"),
        ("/to/a/file", "No connection adapters were found for 'file:///etc/passwd'"),
        ("/to/itself", "redirected more than 10 times"),
        ("/to/nowhere", "."),
        ("/endless", r"more than 4\.1 MB came; 1\.0 MB were published, and no more than 4 times as much is taken"),
    ],
)
def test_an_odd_answer_is_a_failure_in_words_and_leaves_nothing(server, tmp_path, path, reason):
    with pytest.raises(DownloadFailed, match=reason):
        download(remote(server + path, size=len(CONTENT)), tmp_path, lambda event: None)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", ["/to/the/data", "/endless/redirect"])
def test_redirects_are_followed_without_reading_what_they_say(server, tmp_path, path):
    tracemalloc.start()
    assert download(remote(server + path), tmp_path, lambda event: None).read_bytes() == CONTENT
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 50_000_000


def test_a_server_that_drips_is_given_up(server, tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "STALL_SECONDS", 0.5)
    began = time.monotonic()
    with pytest.raises(DownloadFailed, match=r"too slow: fewer than 30\.0 kB came in 0\.5 seconds"):
        download(remote(server + "/slow"), tmp_path, lambda event: None)
    assert time.monotonic() - began < 20
    assert list(tmp_path.iterdir()) == []


def test_what_has_no_room_is_not_begun(server, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1000}))
    with pytest.raises(DownloadFailed, match=r"it has 1\.0 MB; there is room for 1\.0 kB in "):
        download(remote(server + "/data.npz"), tmp_path, lambda event: None)


def test_parts_of_processes_that_have_ended_go_and_those_of_others_stay(server, tmp_path):
    (tmp_path / "data.npz.1.part").write_text("of a process that was killed, whoever has its number now")
    (tmp_path / "data.npz.2.unpacked.part").write_text("the same")
    (tmp_path / "other.npz.3.part").write_text("of another file")
    with (tmp_path / "data.npz.4.part").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # as a process does that is downloading
        download(remote(server + "/data.npz"), tmp_path, lambda event: None)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.npz", "data.npz.4.part", "other.npz.3.part"]


def test_downloads_of_one_file_at_once_do_not_hinder_each_other(server, tmp_path):
    code = (
        "import sys\nfrom pathlib import Path\nfrom seqrun.datasets.files.download import Remote, download\n"
        "download(Remote('data.npz', sys.argv[1]), Path(sys.argv[2]), lambda event: None)\n"
    )
    command = [sys.executable, "-c", code, server + "/data.npz", str(tmp_path)]
    processes = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    assert [process.communicate()[1] for process in processes] == [""] * 4
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [CONTENT]


# --- archives that mean ill


def archive(tmp_path, content=b"1,2\n", name="data.csv", more=(), **options):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w", **options) as file:
        for other in more:
            file.writestr(other, "")
        file.writestr(name, content)
    return tmp_path / "archive.zip"


def test_a_member_larger_than_what_was_published_is_not_unpacked(tmp_path):
    packed = archive(tmp_path, bytes(10_000_000), compression=zipfile.ZIP_DEFLATED)
    with pytest.raises(DataError, match=r"unpacks to more than 1\.0 MB"):
        unpack(packed, tmp_path / "data.csv", 1_000_000)
    assert [path.name for path in tmp_path.iterdir()] == ["archive.zip"]


def test_no_path_of_an_archive_leads_out_and_links_are_text(tmp_path):
    link = zipfile.ZipInfo("data.csv")
    link.external_attr = 0o120777 << 16
    packed = archive(tmp_path, b"/etc/passwd", link, more=["../outside.csv", "/tmp/outside.csv"])
    found = unpack(packed, tmp_path / "data.csv", 100)
    assert not found.is_symlink()
    assert found.read_bytes() == b"/etc/passwd"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["archive.zip", "data.csv"]


def test_many_members_are_refused_before_they_are_read(tmp_path):
    packed = archive(tmp_path, more=[f"{number:0100}" for number in range(8000)])
    with pytest.raises(DataError, match="too many members"):
        unpack(packed, tmp_path / "data.csv")


@pytest.mark.parametrize(("at", "value"), [(6, 1), (8, 99)])  # the flags and the method, in a member's header
def test_an_encrypted_member_or_one_of_an_unknown_kind_is_no_archive(tmp_path, at, value):
    packed = archive(tmp_path)
    content = bytearray(packed.read_bytes())
    for sign, offset in ((b"PK\3\4", at), (b"PK\1\2", at + 2)):  # both headers
        start = content.index(sign) + offset
        content[start : start + 2] = struct.pack("<H", value)
    packed.write_bytes(content)
    with pytest.raises(DataError, match=r"no whole zip archive with data\.csv in it"):
        unpack(packed, tmp_path / "data.csv")
