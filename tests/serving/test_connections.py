"""Slow clients of a real socket: who does not come to a request is not kept; who has asked is waited for."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator

import pytest

SECONDS = 0.6  # that the head of a request may take
PATIENCE = 30
HEAD = b"POST /slow HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n\r\n"
WHOLE = b"GET /quick HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """Where a server answers /quick at once, and /slow, which needs a body, after longer than a head may take."""
    uvicorn = pytest.importorskip("uvicorn", reason="the extra `serve` is not installed")
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse
    from starlette.routing import Route

    from seqrun.serving.server import configured

    async def quick(request: Request) -> PlainTextResponse:
        return PlainTextResponse("quick")

    async def slow(request: Request) -> PlainTextResponse:
        body = await request.body()
        await asyncio.sleep(2 * SECONDS)
        return PlainTextResponse(body.decode())

    app = Starlette(routes=[Route("/quick", quick), Route("/slow", slow, methods=["POST"])])
    server = uvicorn.Server(configured(app, SECONDS))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        yield listening.getsockname()
        server.should_exit = True
        thread.join(PATIENCE)


def connected(address: tuple[str, int]) -> socket.socket:
    return socket.create_connection(address, timeout=PATIENCE)


def received(client: socket.socket, until: bytes | None = None) -> bytes:
    """What comes until the server closes the connection, or until these bytes."""
    found = b""
    while (until is None or until not in found) and (part := client.recv(4096)):
        found += part
    return found


def send_slowly(client: socket.socket, content: bytes) -> int:
    """Sends a byte every tenth of a second until the server has enough; how many it took."""
    for number, byte in enumerate(content):
        try:
            client.send(bytes([byte]))
        except OSError:
            return number
        time.sleep(0.1)
    return len(content)


def test_a_head_that_comes_byte_by_byte_is_not_waited_for(address):
    with connected(address) as client:
        threading.Thread(target=send_slowly, args=(client, WHOLE), daemon=True).start()
        answer = received(client, b"}")
        assert answer.startswith(b"HTTP/1.1 408 ") and b"did not arrive within 0.6 s" in answer
        assert answer.count(b"HTTP/1.1") == 1


def test_who_says_nothing_is_let_go_without_a_word(address):
    with connected(address) as client:
        assert received(client) == b""


def test_the_second_head_of_a_connection_is_bounded_too(address):
    with connected(address) as client:
        client.sendall(WHOLE)
        assert received(client, b"quick").startswith(b"HTTP/1.1 200 ")
        client.sendall(WHOLE[:10])
        assert received(client).startswith(b"HTTP/1.1 408 ")


def test_an_answer_may_take_longer_than_a_head(address):
    with connected(address) as client:
        client.sendall(HEAD)
        time.sleep(2 * SECONDS)  # a body's time is the application's to bound
        client.sendall(b"ok")
        assert received(client, b"\r\n\r\nok").startswith(b"HTTP/1.1 200 ")


def test_a_connection_that_is_kept_may_be_silent_for_longer(address):
    with connected(address) as client:
        for _ in range(2):
            client.sendall(WHOLE)
            assert received(client, b"quick").startswith(b"HTTP/1.1 200 ")
            time.sleep(2 * SECONDS)
