"""What a person asks in JSON: a text, texts, rows, columns or an array, with the parameters of a prediction beside."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from seqrun.datasets.shared.json_lines import strict_json
from seqrun.errors import InputError
from seqrun.inference.reading.written import Written
from seqrun.readable import listed_names
from seqrun.serving.asking import Asked, asked_of_array, asked_of_table
from seqrun.spelling import suggest

SOURCES = ("text", "texts", "rows", "columns", "array", "codes", "sample")
MODES = ("encode", "decode", "reconstruct")
OPTIONS = ("column", "threshold", "seed", *MODES)


class MalformedError(InputError):
    """A request that cannot be understood at all."""


class FieldError(InputError):
    """A field of a request that cannot be used; its name begins the message."""

    def __init__(self, field: str, message: str):
        super().__init__(f"{field}{message}")
        self.field = field


def asked_in_json(body: bytes, reads_texts: bool) -> Asked:
    """Return what a body in JSON asks, of a run that reads texts or does not.

    Raises MalformedError if it is no JSON, InputError, with the field's name, for what cannot be asked so.
    """
    try:
        found = strict_json(body)
    except ValueError as error:
        raise MalformedError(f"the body: {error}") from None
    fields = {_source_of(found): found} if isinstance(found, (str, list)) else found
    if not isinstance(fields, dict):
        raise MalformedError(f"the body must be an object such as {_EXAMPLES[reads_texts]}, not {_kind(found)}")
    known = (*SOURCES, *OPTIONS, *Written.model_fields)
    for name in fields:
        if name not in known:
            near = suggest(name, known) or f"; there are {', '.join(known)}"
            raise FieldError(name, f": no such field{near}")
    given = [name for name in SOURCES if fields.get(name) is not None]
    if len(given) != 1:
        what = "none is given" if not given else f"given are {listed_names(given)}"
        raise InputError(f"give one of {', '.join(SOURCES)}: {what}; for example {_EXAMPLES[reads_texts]}")
    return _asked(given[0], fields[given[0]], checked_options(fields), reads_texts)


_EXAMPLES = {
    True: '{"text": "A film to remember."}',
    False: '{"rows": [{"a": 1.5, "b": 2}, ...]} or {"array": [[1.5, 2], ...]}',
}
_TYPES = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def _source_of(found: str | list[Any]) -> str:
    """Return the field that a body stands for which is a text or a list."""
    first = found[0] if isinstance(found, list) and found else None
    if isinstance(found, str):
        return "text"
    return "texts" if isinstance(first, str) else "rows" if isinstance(first, dict) else "array"


def _asked(source: str, value: Any, options: dict[str, Any], reads_texts: bool) -> Asked:
    if value in ([], {}):
        raise FieldError(source, ": is empty")
    if source == "text":
        return Asked({**options, "texts": (_typed(source, value, str),)})
    if source == "texts":
        texts = _typed(source, value, list)
        return Asked({**options, "texts": tuple(_typed(f"{source}[{n}]", text, str) for n, text in enumerate(texts))})
    if source == "sample":
        return Asked({**options, "sample": _typed(source, value, int)})
    if source == "rows":
        rows = _typed(source, value, list)
        records = [_typed(f"{source}[{n}]", row, dict) for n, row in enumerate(rows)]
        if reads_texts:  # whose cells may be of any kind
            return Asked(options, "".join(f"{json.dumps(row)}\n" for row in records).encode(), ".jsonl", source)
        names = dict.fromkeys(name for record in records for name in record)
        return asked_of_table({name: [record.get(name) for record in records] for name in names}, options, source)
    if source == "columns":
        columns = {name: _typed(f"{source}.{name}", cells, list) for name, cells in _typed(source, value, dict).items()}
        return asked_of_table(columns, options, source)
    if source == "codes":
        options = {**options, "decode": True}
    return asked_of_array(_numbers(source, _typed(source, value, list)), options, source)


def _numbers(name: str, value: Sequence[Any]) -> Any:
    """Return nested lists of numbers as an array; InputError for what is none."""
    import numpy as np

    try:
        array = np.asarray(value)
    except (ValueError, OverflowError):
        raise FieldError(name, ": the lists in it are not all of one length") from None
    if array.dtype.kind not in "iuf":
        raise FieldError(name, ": must be lists of numbers")
    return array


def checked_options(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters beside the input, each checked for its type."""
    types: dict[str, tuple[type, ...]] = {"column": (str,), "threshold": (int, float, str), "seed": (int,)}
    found: dict[str, Any] = {}
    for name in OPTIONS:
        if fields.get(name) is not None:
            found[name] = _typed(name, fields[name], *types.get(name, (bool,)))
    found |= {name: fields[name] for name in Written.model_fields if fields.get(name) is not None}
    return found


def _typed(name: str, value: Any, *types: type) -> Any:
    """Return the value; InputError, with the name of its field, if it is of none of these types."""
    if isinstance(value, types) and (bool in types or not isinstance(value, bool)):
        return value
    wanted = " or ".join(dict.fromkeys(_TYPES[kind] for kind in types))
    raise FieldError(name, f": must be {wanted}, not {_kind(value)}")


def _kind(value: Any) -> str:
    return "null" if value is None else _TYPES.get(type(value), type(value).__name__)


def options_in_query(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that stand behind the `?` of a request whose body is a table.

    They are those of JSON, and how the table is written, if otherwise than the run's own: `?delimiter=;`.
    """
    known = (*OPTIONS, *Written.model_fields)
    found: dict[str, Any] = {}
    for name, value in query.items():
        if name not in known:
            near = suggest(name, known) or f"; there are {', '.join(known)}"
            raise FieldError(name, f": no such parameter{near}")
        found[name] = _READ.get(name, str)(value) if name not in MODES else _switch(name, value)
    return found


def _lines(value: str) -> int | list[int]:
    parts = value.split(",")
    try:
        return int(value) if len(parts) == 1 else [int(part) for part in parts if part.strip()]
    except ValueError:
        raise FieldError("skip_rows", f" {value!r}: must be a number of lines (3) or lines (2,3)") from None


_READ: dict[str, Callable[[str], Any]] = {"skip_rows": _lines, "missing_values": lambda value: [value]}


def _switch(name: str, value: str) -> bool:
    if value.lower() not in ("true", "false", "1", "0", ""):
        raise FieldError(name, f" {value!r}: must be true or false")
    return value.lower() not in ("false", "0")
