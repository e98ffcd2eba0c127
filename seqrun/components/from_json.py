"""Dataclasses that a run keeps as JSON, read back with their types checked."""

from __future__ import annotations

import json
from dataclasses import fields as fields_of
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import TypeAdapter, ValidationError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

D = TypeVar("D", bound="DataclassInstance")

LONGEST = 10_000_000  # steps or features of a sample, ids of a vocabulary: more is damage


def instance(kind: type[D], fields: Any) -> D:
    """Return the dataclass of these fields, which come from JSON: lists stand for tuples.

    Raises ValueError, naming the field, where one is missing, unknown, or of another type than the class says.
    """
    if not isinstance(fields, dict):
        raise ValueError(f"there is no object, but {json.dumps(fields)[:40]}")
    for name in fields:
        if name not in {field.name for field in fields_of(kind)}:
            raise ValueError(f"{name[:40]}: unknown")
    try:
        return TypeAdapter(kind).validate_json(json.dumps(fields), strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))[:80]
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def read_object(content: bytes) -> dict[str, Any]:
    """Return the object that a JSON file's content stands for; ValueError for any other content."""
    try:
        found = json.loads(content)
    except RecursionError:
        raise ValueError("it is nested too deep") from None
    if not isinstance(found, dict):
        raise ValueError(f"it holds no object, but {json.dumps(found)[:40]}")
    return found


def check_range(name: str, value: int, least: int = 1) -> None:
    """Raise ValueError, naming it, for a count that is smaller than `least` or beyond all reason."""
    if not least <= value <= LONGEST:
        raise ValueError(f"{name}: must be from {least} to {LONGEST:,}, not {value:,}")
