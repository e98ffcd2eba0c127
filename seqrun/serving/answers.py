"""Answers and errors as HTTP has them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from seqrun.errors import DataError, InputError, Parameter, SeqrunError
from seqrun.inference.formats import TABLES
from seqrun.inference.reading.written import Written
from seqrun.rundir import atomic
from seqrun.serving.asking import Asked
from seqrun.serving.gate import RefusedError
from seqrun.serving.json_bodies import FieldError, MalformedError
from seqrun.serving.served import Answer

CSV = "text/csv"
_INPUTS = {"FILE": "rows, columns or array", "FILE.npy": "array"}  # what a file is here: form -> fields
_SETTING = re.compile(rf"\bdataset\.({'|'.join(Written.model_fields)}): ")


def as_json(content: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Return a response in JSON; numbers that JSON lacks are null."""
    text = json.dumps(atomic.plain(content), ensure_ascii=False)
    return Response(text.encode("utf-8", "replace"), status, headers, "application/json")


def answer_in_json(answer: Answer) -> Response:
    """Return the rows of the predictions, or arrays of what no table shows, with what is to be said of them."""
    results = answer.results
    content: dict[str, Any]
    if results.columns:
        names = [*results.columns]
        rows = zip(*results.columns.values(), strict=True)
        content = {"predictions": [dict(zip(names, row, strict=True)) for row in rows]}
    else:
        content = {name: array.tolist() for name, array in results.arrays.items()}
    content |= {} if results.summary is None else {"summary": results.summary}
    return as_json({**content, "warnings": list(answer.warnings)})


def answer_in_csv(answer: Answer) -> Response:
    """Return the predictions as the table that `seqrun predict -o FILE.csv` writes."""
    if not answer.results.columns:
        raise InputError("this gives arrays, which no table shows: accept application/json")
    return Response(TABLES[".csv"](answer.results.columns), media_type=CSV)


def error_response(error: Exception, asked: Asked | None = None) -> Response:
    """Return what a client is told of an error of what was asked; the field that it is about, if it is about one."""
    if isinstance(error, RefusedError):
        headers = {} if error.after is None else {"Retry-After": str(error.after)}
        headers |= {"Connection": "close"} if error.last else {}
        return as_json({"error": str(error)}, error.status, headers)
    if isinstance(error, MalformedError):
        return as_json({"error": _words(error)}, 400)
    if isinstance(error, (InputError, DataError)):
        field = _field(error) or (asked.name if asked and asked.content is not None else None)
        return as_json({"error": _words(error), **({} if field is None else {"field": field})}, 422)
    if isinstance(error, SeqrunError):
        return as_json({"error": str(error)}, 500)
    return as_json({"error": f"the server failed: {type(error).__name__}"}, 500)


def _words(error: SeqrunError) -> str:
    """Return the message in a request's terms: without paths of this machine, settings as they are given here."""
    text = error.worded(_worded) if isinstance(error, InputError) else str(error)
    return _SETTING.sub(r"\1: ", text)


def _worded(parameter: Parameter) -> str:
    if parameter.name == "input":
        return _INPUTS.get(parameter.form, "the input")
    return str(parameter)


def _field(error: SeqrunError) -> str | None:
    if isinstance(error, FieldError):
        return error.field
    if not isinstance(error, InputError):
        return None
    return next((part.name for part in error.parts if isinstance(part, Parameter) and part.name != "input"), None)
