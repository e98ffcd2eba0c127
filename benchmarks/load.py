"""A client that asks a server on this machine many things at once, and loses nothing while the server restarts."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 120  # seconds that a request is tried again
PAUSE = 0.05  # seconds between two tries
AGAIN = (429, 503)


@dataclass
class Loaded:
    """What came of the requests, by their number."""

    answers: dict[int, Any] = field(default_factory=dict)
    seconds: dict[int, float] = field(default_factory=dict)  # of the try that was answered
    errors: dict[int, str] = field(default_factory=dict)
    again: dict[str, int] = field(default_factory=dict)  # why requests were sent again -> how often
    wall: float = 0.0

    def told(self) -> dict[str, float]:
        """Requests a second, and the milliseconds in which half and 99 of 100 were answered."""
        taken = sorted(self.seconds.values())
        p50, p99 = (1000 * taken[min(int(share * len(taken)), len(taken) - 1)] for share in (0.5, 0.99))
        return {"per_second": len(taken) / self.wall, "p50_ms": p50, "p99_ms": p99}


def load(url: str, bodies: Sequence[dict[str, Any]], clients: int, progress: list[int] | None = None) -> Loaded:
    """Sends each body to URL/predict, by so many clients at once, each with a connection of its own that is kept.

    A request that is refused with 429 or 503, or whose connection is refused or ends before an answer, is sent again.
    `progress`, a list of one number, counts the answers.
    """
    found, numbers, lock = Loaded(), count(), threading.Lock()
    address = urlsplit(url).netloc
    encoded = [json.dumps(body).encode() for body in bodies]

    def client() -> None:
        connection = http.client.HTTPConnection(address, timeout=PATIENCE)
        while True:
            with lock:
                number = next(numbers)
            if number >= len(encoded):
                break
            _one(connection, number, encoded[number], found, lock)
            if progress is not None:
                with lock:
                    progress[0] += 1
        connection.close()

    threads = [threading.Thread(target=client) for _ in range(clients)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.wall = time.perf_counter() - started
    return found


def _one(connection: http.client.HTTPConnection, number: int, body: bytes, found: Loaded, lock: threading.Lock) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        started = time.perf_counter()
        try:
            connection.request("POST", "/predict", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            why, told = type(error).__name__, str(error)
        else:
            if answer.status not in AGAIN:
                with lock:
                    if answer.status == 200:
                        found.answers[number] = json.loads(content)
                        found.seconds[number] = time.perf_counter() - started
                    else:
                        found.errors[number] = f"{answer.status}: {content[:500]!r}"
                return
            why = told = str(answer.status)
        with lock:
            found.again[why] = found.again.get(why, 0) + 1
            if time.monotonic() > until:
                found.errors[number] = told
                return
        time.sleep(PAUSE)
