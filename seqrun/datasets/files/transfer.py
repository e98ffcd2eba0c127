"""Fetching a file over HTTP, whatever the server does: bounded in size, in time and in redirects."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from seqrun.readable import size

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS = 10.0  # to the first byte of an answer: names, redirects and every address of the server included
STALL_SECONDS = 30.0  # without a byte, or with fewer than STALL_BYTES, once the server has answered
STALL_BYTES = 30_000
REDIRECTS = 10
CHUNK = 1 << 18  # bytes


class DownloadFailed(Exception):
    """The file cannot be downloaded now: no network, no such file, a broken transfer, or different content."""


def fetch(
    url: str,
    write: Callable[[bytes], object],
    progress: Callable[[int, int | None], None],
    most: int,
    bound: str,
    *,
    patience: float = CONNECT_SECONDS,
) -> None:
    """Hand over the bytes at the address to `write`, and how many came, of how many (None: unknown), to `progress`.

    Raises DownloadFailed if they do not come whole or in time, or are more than `most`, which `bound` says in words.
    """
    import requests
    import urllib3

    done = told = 0
    try:
        with _answer(url, patience) as response:
            response.raise_for_status()
            total = _length(response)
            if total is not None and total > most:
                raise DownloadFailed(f"it has {size(total)}; {bound}")
            for chunk in _chunks(response):
                done += len(chunk)
                if done > most:
                    raise DownloadFailed(f"more than {size(most)} came; {bound}")
                write(chunk)
                if done - told >= CHUNK or done == total:
                    told = done
                    progress(done, total)
    except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:  # an odd address: ValueError
        raise DownloadFailed(f"{'broke off: ' if done else ''}{_reason(error)}") from error
    if total is not None and done != total:
        raise DownloadFailed(f"broke off after {done:,} of {total:,} bytes")
    if told != done:
        progress(done, total)


def _length(response: requests.Response) -> int | None:
    """Return how many bytes the server says that there are, if it does; DownloadFailed if that is no number."""
    given = response.headers.get("Content-Length")
    if given is None:
        return None
    if not (given.isascii() and given.isdigit() and len(given) < 20):
        raise DownloadFailed(f"the server says an impossible length (Content-Length: {given[:40]})")
    return int(given)


def _chunks(response: requests.Response) -> Iterator[bytes]:
    """Yield the bytes as they come; DownloadFailed if they come too slowly, or packed.

    Each read returns what is there, so that a server which sends a byte a second is noticed.
    """
    if packed := response.headers.get("Content-Encoding", "").replace("identity", ""):
        raise DownloadFailed(f"it came packed ({packed[:40]}), which was not asked for")
    since, before, done = time.monotonic(), 0, 0
    while chunk := response.raw.read1(CHUNK):
        done += len(chunk)
        yield chunk
        if time.monotonic() - since >= STALL_SECONDS:
            if done - before < STALL_BYTES:
                raise DownloadFailed(f"too slow: fewer than {size(STALL_BYTES)} came in {STALL_SECONDS:g} seconds")
            since, before = time.monotonic(), done


def _answer(url: str, patience: float) -> requests.Response:
    """Return the server's response before its body is read; raise DownloadFailed if there is none within `patience`
    seconds.

    The request runs in a thread, because a connect timeout counts for each of the server's addresses and not for the
    name lookup: behind a firewall that drops packets, minutes would pass.
    """
    answers: queue.SimpleQueue[requests.Response | Exception] = queue.SimpleQueue()

    def ask() -> None:
        try:
            answers.put(_redirected(url, patience))
        except Exception as error:  # handed over to the thread that waits
            answers.put(error)

    threading.Thread(target=ask, name="download", daemon=True).start()
    try:
        answer = answers.get(timeout=patience)
    except queue.Empty:
        raise DownloadFailed(f"no answer within {patience:g} seconds") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


def _redirected(url: str, patience: float) -> requests.Response:
    """Return the response to which the address leads; requests itself would read the redirects, which may not end."""
    import requests

    class Session(requests.Session):
        def get_redirect_target(self, resp: requests.Response) -> str | None:
            return None

    headers = {"Accept-Encoding": "identity"}  # Content-Length must count what we count
    with Session() as session:
        for _ in range(REDIRECTS + 1):
            response = session.get(url, headers=headers, stream=True, timeout=(patience, STALL_SECONDS))
            if not response.is_redirect:
                return response
            response.close()
            url = urljoin(url, response.headers["Location"])
    raise DownloadFailed(f"redirected more than {REDIRECTS} times")


def _reason(error: Exception) -> str:
    """Return what went wrong, without the exceptions that requests and urllib3 wrap around it."""
    import requests

    layers: list[BaseException] = [error]
    while inner := [
        each for each in (getattr(layers[-1], "reason", None), *layers[-1].args) if _is_layer(each, layers)
    ]:
        layers.append(inner[0])
    proxy = "the proxy: " if isinstance(error, requests.exceptions.ProxyError) else ""
    return proxy + (str(layers[-1]).rpartition("): ")[2] or type(layers[-1]).__name__)


def _is_layer(value: object, layers: list[BaseException]) -> bool:
    return isinstance(value, BaseException) and value not in layers
