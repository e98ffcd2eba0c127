"""Asks a served run in this process, without a socket: what a client sends, and what it gets."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from seqrun.inference.saved import read_saved
from seqrun.rundir.reading import read_run
from seqrun.serving.app import App
from seqrun.serving.figures import Figures
from seqrun.serving.gate import Gate
from seqrun.serving.limits import Limits
from seqrun.serving.served import Served


@dataclass
class Sent:
    """A request; `pause` seconds lie between its parts, and the client leaves `leaves` seconds after the last."""

    path: str
    body: bytes = b""
    method: str = "POST"
    headers: dict[str, str] = field(default_factory=dict)
    query: str = ""
    parts: int = 1
    pause: float = 0.0
    leaves: float | None = None


@dataclass
class Got:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Client:
    served: Served
    gate: Gate
    figures: Figures
    hosts: tuple[str, ...] | None = None

    def __call__(self, path: str, content: Any = None, kind: str = "application/json", **sent: Any) -> Got:
        """What is answered: `content` is sent as JSON, if it is not bytes; without any it is a GET."""
        if content is None:
            return self.all([Sent(path, method="GET", **sent)])[0]
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        headers = {"content-type": kind, **sent.pop("headers", {})}
        return self.all([Sent(path, body, headers=headers, **sent)])[0]

    def all(self, requests: list[Sent]) -> list[Got]:
        """What is answered to requests that are sent at once."""
        app = App(self.served, self.gate, self.figures, self.hosts).asgi()

        async def run() -> list[Got]:
            return await asyncio.gather(*(_asked(app, sent) for sent in requests))

        return asyncio.run(run())

    def with_limits(self, **limits: Any) -> Client:
        """A client of the same network with other limits of what is accepted."""
        figures = Figures("limited")
        gate = Gate(Limits(**limits), figures)
        gate.open()
        return Client(self.served, gate, figures)


async def _asked(app: Any, sent: Sent) -> Got:
    size = max(-(-len(sent.body) // sent.parts), 1)
    chunks = [sent.body[first : first + size] for first in range(0, len(sent.body), size)] or [b""]
    messages = [{"type": "http.request", "body": c, "more_body": n < len(chunks)} for n, c in enumerate(chunks, 1)]
    messages.reverse()
    got: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if messages:
            await asyncio.sleep(sent.pause)
            return messages.pop()
        await asyncio.sleep(3600 if sent.leaves is None else sent.leaves)
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        got.append(message)

    headers = {"host": "127.0.0.1:8000", **sent.headers}
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": sent.method,
        "scheme": "http",
        "path": sent.path,
        "raw_path": sent.path.encode(),
        "root_path": "",
        "query_string": sent.query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "server": ("127.0.0.1", 8000),
    }
    await app(scope, receive, send)
    told = {name.decode(): value.decode() for name, value in got[0]["headers"]}
    return Got(got[0]["status"], told, b"".join(message.get("body", b"") for message in got))


def served_in_process(run: Path) -> Client:
    """A client of the run, whose network is compiled."""
    figures, limits = Figures(run.name), Limits(batch=4)
    served, gate = Served(read_saved(read_run(run)), limits, figures.batches.observe), Gate(limits, figures)
    served.prepare()
    gate.open()
    return Client(served, gate, figures)
