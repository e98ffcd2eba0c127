"""Whether a server accepts a connection."""

from __future__ import annotations

import queue
import socket
import threading
from urllib.parse import SplitResult, urlsplit
from urllib.request import getproxies, proxy_bypass

PATIENCE = 3.0  # seconds, finding the server's address included
PORTS = {"http": 80, "https": 443}


def reachable(url: str, patience: float = PATIENCE) -> tuple[bool, str]:
    """Return whether the server of a URL, or the proxy in front of it, accepts a connection; and the same in words."""
    host, port, words = _door(url)
    problems: queue.SimpleQueue[str] = queue.SimpleQueue()

    def knock() -> None:
        try:
            socket.create_connection((host, port), timeout=patience).close()
        except OSError as error:
            problems.put(f"{words} is not reachable: {error.strerror or error}")
        else:
            problems.put("")

    # A thread, because the timeout does not count for finding a name: without a network that may take half a minute.
    threading.Thread(target=knock, name="reachability", daemon=True).start()
    try:
        problem = problems.get(timeout=patience)
    except queue.Empty:
        problem = f"{words} is not reachable: no answer within {patience:g} seconds"
    return not problem, problem or f"{words} is reachable"


def _door(url: str) -> tuple[str, int, str]:
    """Return the host and port to connect to, and a description of them."""
    target = urlsplit(url)
    host = _host(target)
    proxy = getproxies().get(target.scheme)
    if proxy is None or proxy_bypass(host):
        return host, target.port or PORTS[target.scheme], host
    door = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
    return _host(door), door.port or PORTS.get(door.scheme, 80), f"the proxy {door.hostname}"


def _host(url: SplitResult) -> str:
    if url.hostname is None:
        raise ValueError(f"the URL {url.geturl()} names no host")
    return url.hostname
