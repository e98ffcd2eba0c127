"""Which requests are accepted: not too large, not too many, not too slow, and none while the server stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from seqrun.serving.figures import Figures
from seqrun.serving.limits import Limits

T = TypeVar("T")


class RefusedError(Exception):
    """A request that is not answered; `status` is HTTP's, `after` are seconds after which it may come again."""

    def __init__(self, status: int, message: str, after: int | None = None, *, last: bool = False):
        super().__init__(message)
        self.status, self.after = status, after
        self.last = last  # of its connection


def check_sender(request: Request, hosts: Collection[str] | None) -> None:
    """Raise RefusedError for a request to a name that is not the server's, and for one that another's page sends."""
    host = request.headers.get("host", "")
    name = host.rpartition(":")[0] if ":" in host and not host.endswith("]") else host
    if hosts is not None and name.lower() not in hosts:
        raise RefusedError(421, f"this server is not called {name!r}, but {', '.join(hosts)}")
    origin = request.headers.get("origin")
    if origin is not None and origin.partition("://")[2] != host:
        raise RefusedError(403, f"a page from {origin} may not ask here")
    if request.headers.get("content-encoding", "identity") != "identity":
        raise RefusedError(415, "a body must not be packed: send it without Content-Encoding")


class Gate:
    """Counts the requests that are accepted and not yet answered."""

    def __init__(self, limits: Limits, figures: Figures):
        self._limits, self._figures = limits, figures
        self._state = "is not ready yet: its network is being compiled"
        self.waiting = 0

    @property
    def is_open(self) -> bool:
        """Whether requests are accepted."""
        return not self._state

    def open(self) -> None:
        """Accept requests."""
        self._state = ""
        self._figures.ready.set(1)

    def close(self) -> None:
        """Refuse requests from now on; those that are accepted are answered."""
        self._state = "is stopping"
        self._figures.ready.set(0)

    def check_open(self) -> None:
        """Raise RefusedError unless requests are accepted."""
        if self._state:
            raise RefusedError(503, f"the server {self._state}", after=1, last=True)

    async def through(self, request: Request, answer: Callable[[bytes], Awaitable[T]]) -> T:
        """Return the answer to a request's body; raise RefusedError for what is not accepted, or takes too long."""
        self.check_open()
        if self.waiting >= self._limits.waiting:
            raise RefusedError(429, f"{self.waiting} requests are waiting already, as many as are accepted", after=1)
        self._change(+1)
        try:
            return await self._timely(request, answer)
        finally:
            self._change(-1)

    def _change(self, by: int) -> None:
        self.waiting += by
        self._figures.waiting.set(self.waiting)

    async def _timely(self, request: Request, answer: Callable[[bytes], Awaitable[T]]) -> T:
        until = time.monotonic() + self._limits.seconds
        seconds = f"{self._limits.seconds:g} s"
        try:
            async with asyncio.timeout(self._limits.seconds):
                body = await self._body(request)
        except TimeoutError:
            raise RefusedError(408, f"the request did not arrive within {seconds}") from None
        work = asyncio.ensure_future(answer(body))
        left = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait((work, left), timeout=until - time.monotonic(), return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            if left.done():
                self._figures.gone.inc()
                raise ClientDisconnect
            raise RefusedError(408, f"there was no answer within {seconds}")
        finally:
            work.cancel()
            left.cancel()

    async def _body(self, request: Request) -> bytes:
        """Return the body; RefusedError as soon as it is known to be too large."""
        most = self._limits.body
        refused = RefusedError(413, f"the body has more than {most:,} bytes, which is the most that is accepted")
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > most:
            raise refused
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise refused
        return bytes(body)


async def _left(request: Request) -> None:
    """Return when the client has gone; the body was read before."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
