"""The server's addresses and what answers at each."""

from __future__ import annotations

import time
import traceback
from collections.abc import Awaitable, Callable, Collection
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from seqrun import __version__
from seqrun.errors import DataError, InputError, SeqrunError
from seqrun.serving import protocol
from seqrun.serving.answers import CSV, answer_in_csv, answer_in_json, as_json, error_response
from seqrun.serving.asking import Asked
from seqrun.serving.figures import Figures
from seqrun.serving.gate import Gate, RefusedError, check_sender
from seqrun.serving.json_bodies import MalformedError, asked_in_json, options_in_query
from seqrun.serving.openapi import document
from seqrun.serving.page import docs_page, try_page
from seqrun.serving.served import Served

Endpoint = Callable[[Request], Awaitable[Response]]
# What a body is, by its content type: the ending of a file with the same content.
TYPES = {
    CSV: ".csv",
    "text/tab-separated-values": ".tsv",
    "text/plain": ".txt",
    "application/jsonl": ".jsonl",
    "application/x-ndjson": ".jsonl",
    "application/x-npy": ".npy",
}
JSON = "application/json"
CLIENT_GONE = 499  # as nginx calls it; nobody reads it


async def _unknown_address(request: Request, error: Exception) -> Response:
    """Return the answer at an address that there is not, or not for the request's method."""
    status = getattr(error, "status_code", 404)
    why = "there is nothing here" if status == 404 else f"{request.method} is not answered here"
    told = {"error": f"{request.url.path}: {why}; / and /docs say what there is"}
    return as_json(told, status, getattr(error, "headers", None))


class App:
    """What a served run answers; `gate` says whether it accepts requests.

    `hosts` are what it may be called (None: anything). A page of the web can let its visitor's browser ask this machine
    under a name of its own; it is refused.
    """

    def __init__(self, served: Served, gate: Gate, figures: Figures, hosts: Collection[str] | None = None):
        self.served, self.gate, self.figures, self.hosts = served, gate, figures, hosts

    def asgi(self) -> Starlette:
        """Return the application."""
        return Starlette(
            routes=[
                self._route("/", self.page),
                self._route("/docs", self.docs),
                self._route("/openapi.json", self.openapi),
                self._route("/predict", self.predict, "POST"),
                self._route("/metrics", self.metrics),
                self._route("/v2", self.server),
                self._route("/v2/health/live", self.live),
                self._route("/v2/health/ready", self.ready),
                self._route("/v2/models/{name}", self.model),
                self._route("/v2/models/{name}/ready", self.model_ready),
                self._route("/v2/models/{name}/infer", self.infer, "POST"),
            ],
            exception_handlers={404: _unknown_address, 405: _unknown_address},
        )

    def _route(self, path: str, endpoint: Endpoint, method: str = "GET") -> Route:
        async def counted(request: Request) -> Response:
            started = time.perf_counter()
            try:
                check_sender(request, self.hosts)
                response = await endpoint(request)
                response.headers["X-Content-Type-Options"] = "nosniff"
            except ClientDisconnect:
                response = Response(status_code=CLIENT_GONE)
            except Exception as error:
                if not isinstance(error, (SeqrunError, RefusedError)):  # a mistake of the server's
                    traceback.print_exception(error)
                response = error_response(error)
            self.figures.observe(path, response.status_code, time.perf_counter() - started)
            return response

        return Route(path, counted, methods=[method])

    # --- pages -------------------------------------------------------------------------------------------------------

    async def page(self, request: Request) -> Response:
        """Return the page on which one tries the run."""
        return try_page(self.served)

    async def docs(self, request: Request) -> Response:
        """Return the page for those who write programs."""
        self.gate.check_open()
        return docs_page(document(self.served))

    async def openapi(self, request: Request) -> Response:
        """Return the same for programs."""
        self.gate.check_open()
        return as_json(document(self.served))

    # --- a person's requests -----------------------------------------------------------------------------------------

    async def predict(self, request: Request) -> Response:
        """Answer what a person asks, in JSON or with a table."""

        def answer(body: bytes) -> Response:
            asked = self._asked(request, body)
            try:
                found = self.served.answer(asked)
            except (InputError, DataError) as error:
                return error_response(error, asked)
            accepted = request.headers.get("accept", "")
            return answer_in_csv(found) if accepted.startswith(CSV) else answer_in_json(found)

        return await self.gate.through(request, lambda body: self.served.in_thread(lambda: answer(body)))

    def _asked(self, request: Request, body: bytes) -> Asked:
        kind = request.headers.get("content-type", JSON).partition(";")[0].strip().lower()
        if kind == JSON or kind not in TYPES:
            if kind != JSON and body.lstrip()[:1] not in (b"{", b"[", b'"'):
                known = ", ".join((JSON, *TYPES))
                raise RefusedError(415, f"the content type {kind or 'of nothing'} is not read; these are: {known}")
            return asked_in_json(body, self.served.reads_texts)
        if not body:
            raise MalformedError("the body is empty")
        return Asked(options_in_query(request.query_params), body, TYPES[kind], "body")

    async def metrics(self, request: Request) -> Response:
        """Return the figures for Prometheus."""
        content, kind = self.figures.text()
        return Response(content, media_type=kind)

    # --- Open Inference Protocol -------------------------------------------------------------------------------------

    async def server(self, request: Request) -> Response:
        """Return what the server is."""
        return as_json({"name": "seqrun", "version": __version__, "extensions": ["binary_tensor_data"]})

    async def live(self, request: Request) -> Response:
        """Say that the process answers."""
        return as_json({"live": True})

    async def ready(self, request: Request) -> Response:
        """Say whether requests are accepted."""
        return as_json({"ready": self.gate.is_open}, 200 if self.gate.is_open else 503)

    async def model(self, request: Request) -> Response:
        """Return the inputs and outputs of the run."""
        self._check_name(request)
        self.gate.check_open()
        return as_json(protocol.metadata(self.served))

    async def model_ready(self, request: Request) -> Response:
        """Say whether the run answers."""
        self._check_name(request)
        return as_json({"name": self.served.name, "ready": self.gate.is_open}, 200 if self.gate.is_open else 503)

    async def infer(self, request: Request) -> Response:
        """Answer tensors with tensors."""
        self._check_name(request)

        def answer(body: bytes) -> Response:
            asked = protocol.Inference.of(body, request.headers.get(protocol.HEADER_LENGTH), self.served)
            try:
                return asked.response(self.served.answer(asked.asked).results, self.served.name)
            except (InputError, DataError) as error:
                return error_response(error, asked.asked)

        return await self.gate.through(request, lambda body: self.served.in_thread(lambda: answer(body)))

    def _check_name(self, request: Request) -> None:
        name: Any = request.path_params["name"]
        if name not in self.served.names:
            raise RefusedError(404, f"there is no model {name!r}; there is {self.served.name}")
