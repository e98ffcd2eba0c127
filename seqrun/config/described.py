"""What a component's settings are: each with its type, default and description, for `seqrun list`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from inspect import get_annotations
from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from seqrun.config.fields import default_of, groups, names_of, type_in_words


@dataclass(frozen=True)
class Setting:
    """A key of a config."""

    key: str
    type: str  # in words
    default: Any  # as a config would write it; None where the key is required
    required: bool
    description: str
    names: tuple[str, ...] = ()  # of its group, those to which it belongs; none: to all of them


@dataclass(frozen=True)
class Group:
    """The settings that a key can hold; where it has a choice of names, those of all of them."""

    path: str  # dotted, from the component
    names: tuple[str, ...]
    settings: tuple[Setting, ...]


def summary_of(component: type[BaseModel]) -> str:
    """Return what a component is, in a line."""
    return (component.__doc__ or "").strip().partition("\n")[0]


def settings_of(group: type[BaseModel]) -> Iterator[Setting]:
    """Yield the settings: those that are required, then the group's own, then those that it shares with others."""
    bases = enumerate(reversed(group.__mro__))
    depth = {key: number for number, each in bases for key in get_annotations(each)}
    fields = sorted(group.model_fields.items(), key=lambda item: (not item[1].is_required(), -depth[item[0]]))
    for key, field in fields:
        if key != "name":
            default, required = default_of(field), field.is_required()
            shown = None if default is PydanticUndefined else default
            yield Setting(key, type_in_words(field), shown, required, field.description or "")


def groups_in(component: type[BaseModel], path: str = "") -> Iterator[Group]:
    """Yield the groups of settings that a component's keys can hold, and the groups inside those."""
    for key, field in component.model_fields.items():
        if members := groups(field.annotation):
            yield _group(f"{path}{key}", members)
            yield from groups_in(members[0], f"{path}{key}.")


def _group(path: str, members: list[type[BaseModel]]) -> Group:
    """Return a group; if it has a choice of names, each of its settings with the names that it belongs to."""
    if len(members) == 1:
        return Group(path, (), tuple(settings_of(members[0])))
    labels = [", ".join(names_of(member)) for member in members]
    with_names: list[tuple[Setting, list[str]]] = []
    for member, label in zip(members, labels, strict=True):
        for setting in settings_of(member):
            known = next((names for other, names in with_names if other == setting), None)
            if known is None:
                with_names.append((setting, [label]))
            else:
                known.append(label)
    return Group(
        path,
        tuple(labels),
        tuple(
            replace(setting, names=() if len(names) == len(members) else tuple(names)) for setting, names in with_names
        ),
    )
