"""pydantic's errors in a user's words: the config's key, what was given, what is allowed, the nearest valid value."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel, ValidationError

from seqrun.config.fields import groups_at, switchable
from seqrun.config.node import MOST_PROBLEMS
from seqrun.config.scalars import read_scalar
from seqrun.errors import ConfigPath
from seqrun.machine.withheld import masked
from seqrun.spelling import OTHER_NAMES, nearest, suggest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_NOUNS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "text",
    "path_type": "a path",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a name or a mapping with a name",
    "date_type": "a date such as 2016-12-31",
    "date_parsing": "a date such as 2016-12-31",
    "date_from_datetime_parsing": "a date such as 2016-12-31",
    "datetime_type": "a date and time such as 2016-12-31T12:00",
    "datetime_parsing": "a date and time such as 2016-12-31T12:00",
    "datetime_from_date_parsing": "a date and time such as 2016-12-31T12:00",
    "none_required": "null",
}
_BOUNDS = {
    "greater_than": "greater than {gt}",
    "greater_than_equal": "at least {ge}",
    "less_than": "less than {lt}",
    "less_than_equal": "at most {le}",
    "multiple_of": "a multiple of {multiple_of}",
    "finite_number": "a finite number",
}
_LENGTHS = {
    "too_short": "must have at least {min_length} items, not {actual_length}",
    "too_long": "must have at most {max_length} items, not {actual_length}",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
}


@dataclass(frozen=True)
class Mistake:
    """One thing that is wrong with the data given to a model."""

    path: ConfigPath  # inside the model's own data
    message: str
    kind: str  # unknown (a key that does not exist), missing (a key that must be given), value or name
    meant: ConfigPath | None = None  # the key that was probably meant by an unknown one
    meant_name: str | None = None  # the name, of those a group can have, that was probably meant by an unknown one


@dataclass(frozen=True)
class _Error:
    """A pydantic error, with its location divided into a path in the data and the tags of union members."""

    path: ConfigPath
    member: tuple[Any, ...] | None  # the first union member on the way, with the path of the union
    type: str
    context: dict[str, Any]
    message: str


def all_mistakes(error: ValidationError, model: type[BaseModel], data: Any) -> list[Mistake]:
    """Return the `mistakes`, and further ones inside groups of settings whose name is unknown.

    pydantic does not look into such groups, so they are validated again under the name that was probably meant.
    """
    found = mistakes(error, model, data)
    names = _names_meant(found)
    while names:
        for path, name in names:
            data = _named(data, path, name)
        try:
            model.model_validate_json(json.dumps(data), strict=True)
            break
        except ValidationError as again:
            known = {each.path for each in found}
            more = [each for each in mistakes(again, model, data) if each.path not in known and each.kind != "missing"]
        found += more
        names = _names_meant(more)
    return found


def _names_meant(found: list[Mistake]) -> list[tuple[ConfigPath, str]]:
    """Return the path of each unknown name, with the name that was probably meant."""
    return [(each.path, each.meant_name) for each in found if each.kind == "name" and each.meant_name]


def _named(data: Any, path: ConfigPath, name: str) -> Any:
    """Return the data with another name at a path; a group written as a bare name becomes that bare name."""
    if not path:
        return name
    if isinstance(data, list):
        return [_named(item, path[1:], name) if i == path[0] else item for i, item in enumerate(data)]
    return {**data, path[0]: _named(data[path[0]], path[1:], name)}


def mistakes(error: ValidationError, model: type[BaseModel], data: Any) -> list[Mistake]:
    """Return what to tell the user about data that the model rejects."""
    errors = [_located(each, data) for each in error.errors(include_url=False, include_input=False)]
    by_path: dict[ConfigPath, list[_Error]] = defaultdict(list)
    for each in _nearest_members(errors):
        by_path[each.path].append(each)
    most = islice(by_path.items(), MOST_PROBLEMS)  # more are not told
    return [_mistake(path, group, model, data) for path, group in most]


def _located(error: ErrorDetails, data: Any) -> _Error:
    """Return the error with its location followed through the data; a step that is no key is a union member's tag."""
    path: list[str | int] = []
    member: tuple[Any, ...] | None = None
    for depth, step in enumerate(error["loc"]):
        last = depth == len(error["loc"]) - 1
        in_list = isinstance(data, list) and isinstance(step, int) and step < len(data)
        if in_list or (isinstance(data, dict) and step in data):
            data = data[step]
            path.append(step)
        elif last and error["type"] == "missing":
            path.append(step)
        elif member is None:
            member = (*path, step)
    return _Error(tuple(path), member, error["type"], error.get("ctx", {}), error["msg"])


def _nearest_members(errors: list[_Error]) -> list[_Error]:
    """Return the errors without those of union members that the user did not mean.

    The member that was probably meant accepts the kind of value and has the fewest errors inside it. If every member
    rejects the value as a whole, the errors of all are kept.
    """
    unions: dict[ConfigPath, dict[Any, list[_Error]]] = defaultdict(lambda: defaultdict(list))
    for each in errors:
        if each.member is not None:
            unions[each.member[:-1]][each.member].append(each)
    kept: set[int] = {id(each) for each in errors if each.member is None}
    for union, members in unions.items():
        inside = [group for group in members.values() if all(_fits(each, union) for each in group)]
        chosen = [min(inside, key=len)] if inside else list(members.values())
        kept.update(id(each) for group in chosen for each in group)
    return [each for each in errors if id(each) in kept]


def _fits(error: _Error, union: ConfigPath) -> bool:
    """Return whether the union member accepts this kind of value, even if not everything inside it."""
    return len(error.path) > len(union) or not (error.type in _NOUNS or error.type == "literal_error")


def _mistake(path: ConfigPath, errors: list[_Error], model: type[BaseModel], data: Any) -> Mistake:
    first = errors[0]
    given = _at(data, path)
    if first.type == "extra_forbidden":
        return _unknown_key(path, model, data)
    if first.type == "missing":
        return Mistake(path, f"required{_description(path, model, data)}", "missing")
    if first.type in ("union_tag_not_found", "union_tag_invalid"):
        return _choice(path, first, model, data)
    if first.type in _BOUNDS:
        bound = {key: _number(value) for key, value in first.context.items()}
        return Mistake(path, f"must be {_BOUNDS[first.type].format(**bound)}, not {show(given)}", "value")
    if first.type in _LENGTHS:
        message = re.sub(r"\b1 (item|character)s", r"1 \1", _LENGTHS[first.type].format(**first.context))
        return Mistake(path, message, "value")
    if first.type in ("value_error", "assertion_error"):
        return Mistake(path, str(first.context.get("error", _plainly(first.message))), "value")
    if all(each.type in _NOUNS or each.type == "literal_error" for each in errors):
        return Mistake(path, _wrong_type(path, errors, model, data), "value")
    return Mistake(path, f"{_plainly(first.message)}, not {show(given)}", "value")


def _plainly(message: str) -> str:
    return message.replace("Input should be a valid", "must be a valid").replace("Input should be", "must be")


def _number(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _wrong_type(path: ConfigPath, errors: list[_Error], model: type[BaseModel], data: Any) -> str:
    given = _at(data, path)
    nouns: list[str] = []
    hint = ""
    for each in errors:
        if each.type == "literal_error":
            nouns.append(each.context["expected"].replace("'", ""))
            hint = hint or (
                suggest(given, re.findall("'([^']*)'", each.context["expected"])) if isinstance(given, str) else ""
            )
        else:
            nouns.append(_NOUNS[each.type])
    if path and any(switchable(field) for field in _fields(path, model, data)):
        nouns.append("false")
        hint = hint or _keys_of(path, model, data)
    wanted = " or ".join(dict.fromkeys(nouns))
    if isinstance(given, str) and not hint and _is_number(given):
        return f"must be {wanted}, not the text {given!r}"
    if isinstance(given, float) and given.is_integer() and "a whole number" in nouns:
        hint = f" (write {int(given)})"
    return f"must be {wanted}, not {show(given)}{hint}"


def _is_number(text: str) -> bool:
    """Return whether a text would be a number without its quotes."""
    try:
        return isinstance(read_scalar(text), (int, float))
    except ValueError:  # too large a one
        return False


def _keys_of(path: ConfigPath, model: type[BaseModel], data: Any) -> str:
    """Return which keys a group of settings has; "" where none can stand."""
    keys = list(dict.fromkeys(name for group in groups_at(model, data, path) for name in group.model_fields))
    return f"; the mapping has {', '.join(keys)}" if keys else ""


def _choice(path: ConfigPath, error: _Error, model: type[BaseModel], data: Any) -> Mistake:
    """Return the mistake of a group of settings whose `name` is missing or unknown."""
    key = error.context["discriminator"].strip("'")
    names = re.findall("'([^']*)'", error.context.get("expected_tags", ""))
    if error.type == "union_tag_not_found":
        names = [name for group in groups_at(model, data, path) for name in _names(group, key)]
        if other := next((each for each in _at(data, path) if OTHER_NAMES.get(str(each).lower()) == key), None):
            return Mistake((*path, other), f"unknown key (did you mean {key}?)", "unknown", (*path, key))
        return Mistake((*path, key), f"required: one of {', '.join(names)}", "missing")
    given = str(error.context["tag"])
    message = f"unknown name {given!r}{suggest(given, names)}; there are {', '.join(names)}"
    written = (*path, key) if isinstance(_at(data, path), dict) else path
    return Mistake(written, message, "name", meant_name=nearest(given, names))


def _names(group: type[BaseModel], key: str) -> tuple[str, ...]:
    return get_args(group.model_fields[key].annotation) if key in group.model_fields else ()


def _unknown_key(path: ConfigPath, model: type[BaseModel], data: Any) -> Mistake:
    allowed = list(dict.fromkeys(name for group in groups_at(model, data, path[:-1]) for name in group.model_fields))
    meant = nearest(str(path[-1]), allowed)
    if meant is None:
        return Mistake(path, f"unknown key; there are {', '.join(allowed)}", "unknown")
    return Mistake(path, f"unknown key (did you mean {meant}?)", "unknown", (*path[:-1], meant))


def _description(path: ConfigPath, model: type[BaseModel], data: Any) -> str:
    for field in _fields(path, model, data):
        if field.description:
            return f": {field.description}"
    return ""


def _fields(path: ConfigPath, model: type[BaseModel], data: Any) -> list[Any]:
    holders = groups_at(model, data, path[:-1])
    return [group.model_fields[path[-1]] for group in holders if path[-1] in group.model_fields]


def _at(data: Any, path: ConfigPath) -> Any:
    for step in path:
        if not isinstance(data, (dict, list)):
            return None
        data = data.get(step) if isinstance(data, dict) else data[int(step)]
    return data


def show(value: Any) -> str:
    """Return a given value as short text for a message."""
    if value is None:
        return "null (nothing)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list)):
        return f"a {'mapping' if isinstance(value, dict) else 'list'}" if value else ("{}" if value == {} else "[]")
    text = masked(repr(value))  # before it is cut
    return text if len(text) <= 60 else f"{text[:40]}... ({len(text)} characters)"
