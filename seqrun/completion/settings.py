"""Keys of a config and their values, after `--set`: those of the components that the configs on the line name.

Plugins are never run for it: of their components only what all of their kind have is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from seqrun.completion.line import Candidate, Line
from seqrun.completion.places import paths
from seqrun.config.experiment import Header
from seqrun.config.fields import alternatives, groups, groups_at, names_of, switchable
from seqrun.config.node import Findings, plain
from seqrun.config.plugins import installed_registries
from seqrun.config.resolve import resolve
from seqrun.errors import SeqrunError
from seqrun.registry import NoComponentError, base_of

OPTION = "--set"


def settings(line: Line) -> Iterator[Candidate]:
    """Yield the keys that begin so, or after `KEY=` its values; `~KEY` names one that is removed."""
    key, equals, value = line.incomplete.partition("=")
    if equals:
        yield from _values(line, key, value)
        return
    sign, key = ("~", key[1:]) if key.startswith("~") else ("", key)
    above, dot, beginning = key.rpartition(".")
    for name, help_text in _keys(line, above.split(".") if dot else []):
        if name.startswith(beginning):
            bare = name.rstrip("=") if sign else name
            yield Candidate(f"{sign}{above}{dot}{bare}", help_text)


def _keys(line: Line, above: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the keys below a path, each with what ends it and its description: `optimizer.`, `epochs=`."""
    found: dict[str, str] = {}
    for name, field in _fields(line, above):
        if groups(field.annotation) or (not above and name in installed_registries()):
            found.setdefault(f"{name}.", field.description or "")
        if _choices(field) or not groups(field.annotation):
            section = not above and name in installed_registries()
            found.setdefault(f"{name}." if section else f"{name}=", field.description or "")
    yield from found.items()


def _fields(line: Line, above: list[str]) -> Iterator[tuple[str, FieldInfo]]:
    """Yield the fields that stand below a path, by name."""
    if not above:
        yield from Header.model_fields.items()
        return
    section, *rest = above
    if section not in installed_registries():
        return
    written = _written(line).get(section)
    written = {"name": written} if isinstance(written, str) else written if isinstance(written, dict) else {}
    try:
        found = groups_at(_component(section, written.get("name")), _reaching(written, rest), tuple(rest))
    except (ValueError, IndexError):  # a path that leads into nothing of a list
        return
    for group in found:
        yield from group.model_fields.items()


def _reaching(written: Any, path: list[str]) -> Any:
    """Return what is written with None in place of keys of the path that are not."""
    if not path or not isinstance(written, dict):
        return written
    return {**written, path[0]: _reaching(written.get(path[0]), path[1:])}


def _component(section: str, name: object) -> type[BaseModel]:
    """Return the class of the component that the config names; what all of its kind have if it names none."""
    try:
        return installed_registries()[section].get(str(name))
    except NoComponentError:
        return base_of(section)


def _written(line: Line) -> dict[str, Any]:
    """Return what the first config of the line says, with the other `--set` of the line; {} without a config."""
    changes = [given for given in line.values_of(OPTION) if "=" in given or given.startswith("~")]
    for config in line.configs():
        try:
            written = plain(resolve(Path(config), changes, {}, Findings()))
        except SeqrunError:  # what is wrong with it is told when it is run
            continue
        return written if isinstance(written, dict) else {}
    return _changed_alone(changes)


def _changed_alone(changes: list[str]) -> dict[str, Any]:
    """Return the components that `--set architecture=lstm` and its like name."""
    named = (given.partition("=") for given in changes)
    return {key.removesuffix(".name"): value for key, _, value in named if key.removesuffix(".name").isidentifier()}


def _values(line: Line, key: str, beginning: str) -> Iterator[Candidate]:
    """Yield the values that a key can have, as far as they are words; of a path, files."""
    *above, name = key.split(".")
    registries = installed_registries()
    section = above[0] if above and name == "name" and len(above) == 1 else key
    if section in registries:
        words: list[str] = registries[section].names()
    else:
        fields = [field for each, field in _fields(line, above) if each == name]
        words = list(dict.fromkeys(word for field in fields for word in _choices(field)))
        if any(Path in [*alternatives(field.annotation)] for field in fields):
            files = paths(replace(line, incomplete=beginning), None)
            yield from (Candidate(f"{key}={each.value}") for each in files)
    yield from (Candidate(f"{key}={word}") for word in words if word.startswith(beginning))


def _choices(field: FieldInfo) -> list[str]:
    """Return the words that a field's value can be."""
    words: list[str] = []
    for member in alternatives(field.annotation):
        if get_origin(member) is Literal:
            words += map(str, get_args(member))
        elif member is bool:
            words += ["true", "false"]
        elif member is type(None) and not switchable(field):
            words.append("null")
        elif isinstance(member, type) and issubclass(member, BaseModel):
            words += names_of(member)
    return [*words, *(["false"] if switchable(field) else [])]
