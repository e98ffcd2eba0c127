"""The process that serves: its socket, its start, and its stop in good order."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn
from starlette.applications import Starlette

from seqrun.errors import UsageError
from seqrun.machine.signals import StopSignals
from seqrun.serving.app import App
from seqrun.serving.connections import timely
from seqrun.serving.figures import Figures
from seqrun.serving.gate import Gate
from seqrun.serving.served import Served

LOOK_SECONDS = 0.05  # between two looks at whether a signal has come
BACKLOG = 2048  # connections that wait to be accepted, as uvicorn has it
KEEP_ALIVE = 30  # seconds that an idle connection is kept


@dataclass(frozen=True)
class Address:
    """A socket that is listened on, and how a browser calls it."""

    socket: socket.socket
    host: str

    @classmethod
    def bound(cls, host: str, port: int) -> Address:
        """Return the address, listened on; UsageError if it cannot be had. Port 0 is any that is free."""
        try:
            [family, *_, place] = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
            found = socket.socket(family, socket.SOCK_STREAM)
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            found.bind(place)
            found.listen(BACKLOG)  # now: two servers that start together can both be bound, but not both listen
        except (OSError, OverflowError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(f"--host {host} --port {port}: {reason}; --port 0 takes a free one") from None
        return cls(found, host)

    @property
    def url(self) -> str:
        """What a browser opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.socket.getsockname()[1]}"

    @property
    def hosts(self) -> tuple[str, ...] | None:
        """What a browser on this machine may call the server; None: anything, for others reach it too."""
        return ("127.0.0.1", "localhost", "[::1]") if self.is_loopback else None

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return ipaddress.ip_address(self.socket.getsockname()[0]).is_loopback


class _Server(uvicorn.Server):
    """uvicorn's server; signals are the command's."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def configured(app: Starlette, seconds: float) -> uvicorn.Config:
    """Return how uvicorn serves an application whose requests may take so many seconds."""
    return uvicorn.Config(
        app,
        http=timely(seconds),
        timeout_graceful_shutdown=max(1, round(seconds)),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
    )


def serve(served: Served, address: Address, figures: Figures, stop: StopSignals, ready: Callable[[], None]) -> None:
    """Answer requests until a signal comes, then those that are accepted, then raise InterruptedRun.

    `ready` is called once the network is compiled; until then requests are answered with 503.
    """
    gate = Gate(served.limits, figures)
    config = configured(App(served, gate, figures, address.hosts).asgi(), served.limits.seconds)
    stop.doing = "the requests that were accepted"
    with stop.held():
        asyncio.run(_serve(_Server(config), served, gate, address, stop, ready))


async def _serve(
    server: _Server, served: Served, gate: Gate, address: Address, stop: StopSignals, ready: Callable[[], None]
) -> None:
    listening = asyncio.create_task(server.serve(sockets=[address.socket]))
    preparing = asyncio.create_task(asyncio.to_thread(served.prepare))
    try:
        while not preparing.done() and stop.received is None:
            await asyncio.wait([preparing, listening], timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if preparing.done():
            preparing.result()
            gate.open()
            ready()
        while stop.received is None and not listening.done():
            await asyncio.sleep(LOOK_SECONDS)
        gate.close()
        until = asyncio.get_running_loop().time() + served.limits.seconds
        while gate.waiting and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(LOOK_SECONDS)
    finally:
        server.should_exit = True
        await listening
        served.close()
