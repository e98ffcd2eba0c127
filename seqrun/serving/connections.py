"""Connections that have no more time than a request has, also while only a part of its head is there, or nothing."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.auto import AutoHTTPProtocol

CONTENT = b'{"error": "the head of the request did not arrive within %g s"}'
ANSWER = (
    b"HTTP/1.1 408 Request Timeout\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
)


def timely(seconds: float) -> type[asyncio.Protocol]:
    """Return uvicorn's protocol, whose connections are closed where the head of a request takes longer than this.

    It counts from the moment that a connection is there, and from the first byte behind an answer; what has sent a
    part is told with 408. uvicorn itself bounds only the silence behind an answer, the gate a request once its head is
    there.
    """
    return type("TimelyProtocol", (_Timely,), {"seconds": seconds})


class _Timely(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """A connection with a clock, which runs while there is no request to be answered."""

    seconds: float  # that the head of a request may take

    def __init__(self, *arguments: Any, **more: Any):
        super().__init__(*arguments, **more)
        self._clock: asyncio.TimerHandle | None = None
        self._has_begun = False  # to send a head

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._start()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop()
        elif not self.transport.is_closing():
            self._has_begun = True
            self._start()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop()
        super().connection_lost(exc)

    def _start(self) -> None:
        if self._clock is None:
            self._clock = self.loop.call_later(self.seconds, self._end)

    def _stop(self) -> None:
        self._has_begun = False
        if self._clock is not None:
            self._clock.cancel()
            self._clock = None

    def _end(self) -> None:
        if self._has_begun:
            content = CONTENT % self.seconds
            self.transport.write(ANSWER % (len(content), content))
        self.transport.close()
