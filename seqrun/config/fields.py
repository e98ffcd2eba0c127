"""The values that a component's fields accept, in words and as classes: for messages, `seqrun list` and the schema."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seqrun.components.options import Switchable
from seqrun.errors import ConfigPath

_WORDS = {
    int: "whole number",
    float: "number",
    str: "text",
    bool: "true or false",
    Path: "path",
    date: "date",
    datetime: "date and time",
    type(None): "null",
    Any: "anything",
}
_LISTS = (list, tuple, set, frozenset)
_BOUNDS = {"gt": ">", "ge": ">=", "lt": "<", "le": "<="}
_FALSE_IS_OFF = get_args(Switchable)[1]


def alternatives(annotation: Any) -> Iterator[Any]:
    """Yield the members of a union, without Annotated around them; any other annotation itself."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from alternatives(get_args(annotation)[0])
    elif origin in (Union, types.UnionType):
        for member in get_args(annotation):
            yield from alternatives(member)
    else:
        yield annotation


def groups(annotation: Any) -> list[type[BaseModel]]:
    """Return the settings classes that a field can hold, those in lists and mappings included."""
    found: list[type[BaseModel]] = []
    for member in alternatives(annotation):
        if isinstance(member, type) and issubclass(member, BaseModel):
            found.append(member)
        elif get_origin(member) in (*_LISTS, dict):
            found.extend(group for argument in get_args(member) for group in groups(argument))
    return list(dict.fromkeys(found))


def names_of(group: type[BaseModel]) -> tuple[str, ...]:
    """Return the values that a settings class accepts as its `name`, if it is a choice of names."""
    field = group.model_fields.get("name")
    return get_args(field.annotation) if field is not None and get_origin(field.annotation) is Literal else ()


def groups_at(group: type[BaseModel], data: Any, path: ConfigPath) -> list[type[BaseModel]]:
    """Return the settings classes that can stand at a path.

    If the `name` written there fits some of them, only these.
    """
    found = [group]
    for step in path:
        data = data[step] if isinstance(data, dict) else data[int(step)] if isinstance(data, list) else None
        if isinstance(step, str):
            fields = [each.model_fields[step] for each in found if step in each.model_fields]
            found = [member for field in fields for member in groups(field.annotation)]
        name = data.get("name") if isinstance(data, dict) else data
        named = [member for member in found if isinstance(name, str) and name in names_of(member)]
        found = named or found
    return list(dict.fromkeys(found))


def switchable(field: FieldInfo) -> bool:
    """Return whether `false` switches the field off."""
    return _FALSE_IS_OFF in field.metadata


def type_in_words(field: FieldInfo) -> str:
    """Return the type of a field in words: "whole number >= 1 or list of whole number >= 1"."""
    off = switchable(field)
    members = [member for member in _unions(field.annotation, field.metadata) if not (off and member == "null")]
    return " or ".join(dict.fromkeys([*members, *(["false"] if off else [])]))


def _unions(annotation: Any, metadata: list[Any] | tuple[Any, ...] = ()) -> list[str]:
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        for item in more:
            metadata = [*metadata, *(item.metadata if isinstance(item, FieldInfo) else [item])]
        return _unions(inner, metadata)
    if origin in (Union, types.UnionType):
        members = [words for member in get_args(annotation) for words in _unions(member, metadata)]
        return sorted(dict.fromkeys(members), key=lambda words: words == "null")
    return [_one(annotation, origin, metadata)]


def _one(annotation: Any, origin: Any, metadata: list[Any] | tuple[Any, ...]) -> str:
    arguments = [argument for argument in get_args(annotation) if argument is not Ellipsis]
    if origin is Literal:
        return ", ".join(map(str, arguments))
    if annotation in _LISTS or origin in _LISTS:
        items = " or ".join(dict.fromkeys(words for argument in arguments for words in _unions(argument)))
        return f"list of {items.replace('number', 'numbers')}" if items else "list"
    if annotation is dict or origin is dict:
        return "mapping"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "settings"
    bounds = [
        f" {sign} {getattr(item, bound)}"
        for item in metadata
        for bound, sign in _BOUNDS.items()
        if getattr(item, bound, None) is not None and annotation in (int, float)
    ]
    return _WORDS.get(annotation, getattr(annotation, "__name__", str(annotation))) + " and".join(bounds)


def default_of(field: FieldInfo) -> Any:
    """Return the field's default as a config would write it; PydanticUndefined if the field is required."""
    default = field.get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        return default.model_dump(mode="json")
    if default is None and switchable(field):
        return False
    if isinstance(default, Path):
        return str(default)
    return list(default) if isinstance(default, _LISTS) else default
