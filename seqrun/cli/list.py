"""`seqrun list`: what can stand in a config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from seqrun.cli import completing
from seqrun.cli.options import json_option, print_json
from seqrun.errors import UsageError

if TYPE_CHECKING:
    from pydantic import BaseModel

    from seqrun.config.described import Group, Setting
    from seqrun.registry import Registry

KINDS = {"datasets": "dataset", "architectures": "architecture", "trainers": "trainer", "loggers": "logger"}


@click.command(
    epilog="""\b
Examples:
  seqrun list
  seqrun list architectures
  seqrun list architectures lstm
  seqrun list --plugin my_model.py"""
)
@click.argument(
    "kind", required=False, metavar="[datasets|architectures|trainers|loggers]", shell_complete=completing.kinds
)
@click.argument("name", required=False, shell_complete=completing.of_the_kind)
@click.option(
    "--plugin",
    "plugins",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path),
    help="List the components of this Python file, which is run. Repeatable.",
)
@json_option
def command(kind: str | None, name: str | None, plugins: tuple[Path, ...], as_json: bool) -> None:
    """List what can stand in a config: all, those of a kind, or one with its settings."""
    from seqrun.config.plugins import registries_with

    registries = registries_with(plugins)
    if kind is not None and kind not in KINDS:
        raise _unknown(kind, registries)
    if kind is not None and name is not None:
        _show_component(registries[KINDS[kind]].get(name), KINDS[kind], name, as_json)
        return
    kinds = {each: _listed(registries[KINDS[each]], own=bool(plugins)) for each in ([kind] if kind else KINDS)}
    if as_json:
        print_json({each: _summaries(registry) for each, registry in kinds.items()})
        return
    _show_kinds({each: registry for each, registry in kinds.items() if registry.names()})
    example = next((each for each, registry in kinds.items() if plugins and registry.names()), kind or "architectures")
    from_plugin = "".join(f" --plugin {path.name}" for path in plugins)
    click.echo(f"\nseqrun list {example} NAME{from_plugin} shows the settings of one.", err=True)


def _unknown(kind: str, registries: Mapping[str, Registry]) -> UsageError:
    from seqrun.spelling import OTHER_NAMES, suggest

    owner = next((each for each, section in KINDS.items() if kind in registries[section].names()), None)
    other = f"{OTHER_NAMES.get(kind.removesuffix('s'), kind)}s"  # models: architectures
    near = f" (did you mean seqrun list {owner} {kind}?)" if owner else suggest(kind, KINDS) or suggest(other, KINDS)
    return UsageError(f"unknown kind {kind!r}{near}; there are {', '.join(KINDS)}")


def _listed(registry: Registry, *, own: bool) -> Registry:
    """Return the registry as it is, or with the components of plugins alone."""
    return replace(registry, table={}, installed={}) if own else registry


def _summaries(registry: Registry) -> list[dict[str, str]]:
    from seqrun.config.described import summary_of

    return [{"name": name, "summary": summary_of(registry.get(name))} for name in registry.names()]


def _show_kinds(kinds: Mapping[str, Registry]) -> None:
    from seqrun.console import print_table

    for number, (kind, registry) in enumerate(kinds.items()):
        if number:
            click.echo()
        rows = [(each["name"], each["summary"]) for each in _summaries(registry)]
        print_table([registry.kind, "what it is"], rows, title=kind)


def _show_component(component: type[BaseModel], kind: str, name: str, as_json: bool) -> None:
    from seqrun.config.described import groups_in, settings_of, summary_of
    from seqrun.console import print_table

    settings, groups = [*settings_of(component)], [*groups_in(component)]
    if as_json:
        described = {"kind": kind, "name": name, "summary": summary_of(component), "settings": settings}
        print_json({**described, "groups": groups})
        return
    click.echo(f"{summary_of(component)}\n")
    print_table(["key", "type", "default", "what it is"], map(_row, settings), title=f"{kind}: {name}")
    for group in groups:
        click.echo()
        _show_group(group)


def _show_group(group: Group) -> None:
    """Print the settings of a group; if it has a choice of names, each setting with the names that it belongs to."""
    from seqrun.console import print_table

    if not group.names:
        print_table(["key", "type", "default", "what it is"], map(_row, group.settings), title=group.path)
        return
    rows = [(each.key, ", ".join(each.names) or "all", *_row(each)[1:]) for each in group.settings]
    title = f"{group.path}: {{name: {' | '.join(group.names)}, ...}}"
    print_table(["key", "with the name", "type", "default", "what it is"], rows, title=title)


def _row(setting: Setting) -> tuple[str, ...]:
    return setting.key, setting.type, _default(setting), setting.description


def _default(setting: Setting) -> str:
    if setting.required:
        return "required"
    default = setting.default
    return default.get("name", "as below") if isinstance(default, dict) and default else _as_yaml(default)


def _as_yaml(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_as_yaml, value))}]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
