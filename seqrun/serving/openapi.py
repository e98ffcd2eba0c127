"""The server's addresses as an OpenAPI document."""

from __future__ import annotations

from typing import Any

from seqrun import __version__
from seqrun.serving import protocol
from seqrun.serving.json_bodies import MODES
from seqrun.serving.served import Served

ERRORS = {
    "400": "what is sent cannot be understood",
    "404": "there is no such model",
    "408": "the request took too long",
    "413": "the body is too large",
    "415": "a body of this content type is not read",
    "422": "the run cannot predict of this input; `error` says why, `field` where",
    "429": "too many requests are waiting; come again after Retry-After",
    "503": "the server is not ready, or stops; come again after Retry-After",
}
_TYPES = {"BYTES": {"type": "string"}, "BOOL": {"type": "boolean"}, "INT64": {"type": "integer"}}


def document(served: Served) -> dict[str, Any]:
    """Return the OpenAPI document of a served run, with examples of its own."""
    model = f"/v2/models/{served.name}"
    return {
        "openapi": "3.1.0",
        "info": {
            "title": served.name,
            "version": __version__,
            "description": f"A finished run of seqrun, which {served.prediction.does}.",
        },
        "paths": {
            "/predict": {"post": _predict(served)},
            "/v2": {"get": _get("What the server is (Open Inference Protocol, version 2).")},
            "/v2/health/live": {"get": _get("Whether the process answers.")},
            "/v2/health/ready": {"get": _get("Whether requests are accepted; 503 if not.")},
            model: {"get": _get("The names, types and shapes of inputs and outputs.")},
            f"{model}/ready": {"get": _get("Whether the run answers; 503 if not.")},
            f"{model}/infer": {"post": _infer(served)},
            "/metrics": {"get": _get("Figures for Prometheus.", "text/plain")},
        },
        "components": {"schemas": {"Error": _object({"error": {"type": "string"}, "field": {"type": "string"}})}},
    }


def _get(summary: str, kind: str = "application/json") -> dict[str, Any]:
    return {"summary": summary, "responses": {"200": {"description": "the answer", "content": {kind: {}}}}}


def _predict(served: Served) -> dict[str, Any]:
    outputs = protocol.metadata(served)["outputs"]
    row = _object({each["name"]: _TYPES.get(each["datatype"], {"type": "number"}) for each in outputs})
    rows = {"type": "array", "items": row}
    answer = _object({"predictions": rows, "warnings": {"type": "array", "items": {"type": "string"}}})
    found = {"200": _response("a row of predictions for each row of the input", answer)}
    failed = {status: _response(told, {"$ref": "#/components/schemas/Error"}) for status, told in ERRORS.items()}
    content: dict[str, Any] = {"application/json": {"schema": {}, "examples": _numbered(_examples(served))}}
    if table := _table_example(served):
        content["text/csv"] = {"schema": {"type": "string"}, "examples": _numbered([table])}
    return {
        "summary": "What the run predicts of a text, texts, rows, columns or an array, or of a table. The parameters "
        "of `seqrun predict` stand beside it, or behind ? with a table.",
        "requestBody": {"required": True, "content": content},
        "responses": {**found, **failed},
    }


def _infer(served: Served) -> dict[str, Any]:
    inputs = [{**each, "data": ["..."]} for each in protocol.metadata(served)["inputs"]]
    content = {"application/json": {"schema": {}, "examples": _numbered([{"inputs": inputs}])}}
    responses = _get("")["responses"]
    told = "Tensors to tensors, in JSON or with the binary extension."
    return {"summary": told, "requestBody": {"required": True, "content": content}, "responses": responses}


def _examples(served: Served) -> list[Any]:
    if served.reads_texts:
        return [{"text": "A film to remember."}, {"texts": ["A film to remember.", "Two hours of my life."]}]
    columns = [each["name"] for each in protocol.metadata(served)["inputs"]]
    if columns != [protocol.ARRAY]:
        return [{"rows": [dict.fromkeys(columns, "...")]}, {"columns": {name: ["..."] for name in columns}}]
    examples: list[Any] = [{"array": [[["..."]]]}]
    modes = [mode for mode in MODES if mode in served.prediction.parameters and mode != "decode"]
    return examples + [{"array": [[["..."]]], mode: True} for mode in modes]


def _table_example(served: Served) -> str | None:
    inputs = [each["name"] for each in protocol.metadata(served)["inputs"]]
    if served.reads_texts:
        files = getattr(served.saved.reader, "files", None)
        return f"{getattr(files, 'column', 'text')}\nA film to remember.\n"
    return None if inputs == [protocol.ARRAY] else f"{','.join(inputs)}\n...\n"


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties}


def _response(told: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": told, "content": {"application/json": {"schema": schema}}}


def _numbered(examples: list[Any]) -> dict[str, Any]:
    return {f"example {number}": {"value": value} for number, value in enumerate(examples, start=1)}
