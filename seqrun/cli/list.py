"""`seqrun list`: what can stand in a config."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import get_annotations
from typing import TYPE_CHECKING, Any

import click

from seqrun.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

    from seqrun.registry import Registry

KINDS = {"datasets": "dataset", "architectures": "architecture", "trainers": "trainer"}


@click.command(
    epilog="""\b
Examples:
  seqrun list
  seqrun list architectures
  seqrun list architectures lstm"""
)
@click.argument("kind", required=False, metavar="[datasets|architectures|trainers]")
@click.argument("name", required=False)
def command(kind: str | None, name: str | None) -> None:
    """List what can stand in a config: all, those of a kind, or one with its settings."""
    from seqrun.config.plugins import installed_registries
    from seqrun.spelling import OTHER_NAMES, suggest

    registries = installed_registries()
    if kind is not None and kind not in KINDS:
        owner = next((each for each, section in KINDS.items() if kind in registries[section].names()), None)
        other = f"{OTHER_NAMES.get(kind.removesuffix('s'), kind)}s"  # models: architectures
        near = (
            f" (did you mean seqrun list {owner} {kind}?)" if owner else suggest(kind, KINDS) or suggest(other, KINDS)
        )
        raise UsageError(f"unknown kind {kind!r}{near}; there are {', '.join(KINDS)}")
    if kind is not None and name is not None:
        _show_component(registries[KINDS[kind]].get(name), f"{KINDS[kind]}: {name}")
        return
    for number, each in enumerate([kind] if kind else KINDS):
        if number:
            click.echo()
        _show_kind(registries[KINDS[each]], each)
    click.echo(f"\nseqrun list {kind or 'architectures'} NAME shows the settings of one.", err=True)


def _show_kind(registry: Registry, title: str) -> None:
    from seqrun.console import print_table

    rows = [(name, _summary(registry.get(name))) for name in registry.names()]
    print_table([registry.kind, "what it is"], rows, title=title)


def _show_component(component: type[BaseModel], title: str) -> None:
    from seqrun.console import print_table

    click.echo(f"{_summary(component)}\n")
    print_table(["key", "type", "default", "what it is"], _rows(component), title=title)
    for path, members in _nested(component, ""):
        click.echo()
        _show_group(path, members)


def _show_group(path: str, members: list[type[BaseModel]]) -> None:
    """Print the settings of a group; if it has a choice of names, each setting with the names that it belongs to."""
    from seqrun.config.fields import names_of
    from seqrun.console import print_table

    labels = [", ".join(names_of(member)) for member in members]
    if len(members) == 1:
        print_table(["key", "type", "default", "what it is"], _rows(members[0]), title=path)
        return
    with_names: dict[tuple[str, ...], list[str]] = {}
    for member, label in zip(members, labels, strict=True):
        for row in _rows(member):
            with_names.setdefault(row, []).append(label)
    rows = [
        (row[0], "all" if len(names) == len(members) else ", ".join(names), *row[1:])
        for row, names in with_names.items()
    ]
    title = f"{path}: {{name: {' | '.join(labels)}, ...}}"
    print_table(["key", "with the name", "type", "default", "what it is"], rows, title=title)


def _rows(group: type[BaseModel]) -> Iterator[tuple[str, ...]]:
    """Yield the settings: those that are required, then the group's own, then those that it shares with others."""
    from seqrun.config.fields import type_in_words

    bases = enumerate(reversed(group.__mro__))
    depth = {key: number for number, each in bases for key in get_annotations(each)}
    fields = sorted(group.model_fields.items(), key=lambda item: (not item[1].is_required(), -depth[item[0]]))
    for key, field in fields:
        if key != "name":
            yield key, type_in_words(field), _default(field), field.description or ""


def _default(field: FieldInfo) -> str:
    from pydantic_core import PydanticUndefined

    from seqrun.config.fields import default_of

    default = default_of(field)
    if default is PydanticUndefined:
        return "required"
    return default.get("name", "as below") if isinstance(default, dict) and default else _as_yaml(default)


def _as_yaml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_as_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)


def _nested(group: type[BaseModel], path: str) -> Iterator[tuple[str, list[type[BaseModel]]]]:
    """Yield the groups of settings that a component's keys can hold, and the groups inside those."""
    from seqrun.config.fields import groups

    for key, field in group.model_fields.items():
        if members := groups(field.annotation):
            yield f"{path}{key}", members
            yield from _nested(members[0], f"{path}{key}.")


def _summary(component: type[BaseModel]) -> str:
    return (component.__doc__ or "").strip().partition("\n")[0]
