"""Which values of a config came from environment variables, found in its resolved tree."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from seqrun.components.borrowed import Borrowed, with_references
from seqrun.config.node import Findings, Node
from seqrun.config.paths import absolute
from seqrun.config.references import OPEN, escape_references
from seqrun.errors import ConfigPath

_OWN = ("plugins",)  # recorded as the run's copies of them


def borrowed_values(root: Node, config: dict[str, Any], findings: Findings) -> tuple[Borrowed, ...]:
    """Return the values that came from the environment; `config` is what the experiment makes of the tree.

    A value that has no place there, so that it could not be recorded by its reference, is a problem.
    """
    found = []
    for path, node in _referring(root, ()):
        if path[:1] in (*OPEN, _OWN) or node.reference is None:
            continue
        recorded = _at(config, path)
        if isinstance(recorded, dict) and "name" in recorded:  # a bare name stands for {name: it}
            path, recorded = (*path, "name"), recorded["name"]
        each = Borrowed(path, _from_here(node, recorded), node.reference.variables)
        try:
            with_references(config, [each], lambda borrowed: borrowed.text)
        except KeyError:
            findings.add(path, "a value of the environment cannot stand here: it could not be recorded", node.mark)
        else:
            found.append(each)
    return tuple(found)


def uses_environment(root: Node) -> bool:
    """Return whether anything in a resolved tree came from the environment."""
    return any(True for _ in _referring(root, ()))


def _referring(node: Node, path: ConfigPath) -> Iterator[tuple[ConfigPath, Node]]:
    if node.reference is not None:
        yield path, node
    elif isinstance(node.value, (dict, list)):
        items = node.value.items() if isinstance(node.value, dict) else enumerate(node.value)
        for key, child in items:
            yield from _referring(child, (*path, key))


def _at(config: Any, path: ConfigPath) -> Any:
    for step in path:
        if isinstance(config, dict):
            config = config.get(str(step))
        else:
            inside = isinstance(config, list) and isinstance(step, int) and step < len(config)
            config = config[step] if inside and isinstance(step, int) else None
    return config


def _from_here(node: Node, value: Any) -> str:
    """Return the node's reference; of a relative path, which became this absolute one, with its directory in front."""
    if node.reference is None:
        raise ValueError("nothing in this value came from the environment")
    written, directory = str(node.value), node.mark.directory or Path.cwd()
    relative = not Path(written).is_absolute() and not written.startswith("~")
    if relative and value == str(absolute(Path(written), directory)):
        return f"{escape_references(str(directory))}/{node.reference.text}"
    return node.reference.text
