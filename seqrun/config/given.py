"""A config, or changes to one, given as Python's values in place of text."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqrun.config.document import MAX_DEPTH
from seqrun.config.node import UNKNOWN, Findings, Node
from seqrun.errors import ConfigPath, Mark

SOURCE = "config"  # what a config without a file is called in messages
_SCALARS = (str, bool, int, float, type(None))


@dataclass(frozen=True)
class Given:
    """A change of one key (`trainer.epochs`, or `~trainer.epochs` to remove it), its value being Python's."""

    key: str
    value: Any
    told: str  # how the user wrote it, for messages

    @property
    def mark(self) -> Mark:
        """The change's place; relative paths in its value start at the current directory."""
        return Mark(self.told, directory=Path.cwd())


def read_mapping(config: Mapping[str, Any], findings: Findings) -> Node:
    """Return the config that a mapping holds; relative paths in it start at the current directory.

    What cannot stand in a config is added to the findings.
    """
    return node_of(config, Mark(SOURCE, directory=Path.cwd()), findings)


def node_of(value: Any, mark: Mark, findings: Findings, path: ConfigPath = ()) -> Node:
    """Return a value as a config has it: paths as text, tuples as lists, numpy's numbers as Python's."""
    if len(path) > MAX_DEPTH:
        findings.add(path[:3], f"nested too deeply: a config has at most {MAX_DEPTH} levels", mark)
        return Node(UNKNOWN, mark, mark)
    if isinstance(value, Mapping):
        items = {}
        for key, item in value.items():
            if isinstance(key, str):
                items[key] = node_of(item, mark, findings, (*path, key))
            else:
                findings.add(path, f"the key {key!r} is no text", mark)
        return Node(items, mark, mark)
    if isinstance(value, (list, tuple)):
        items_in_order = [node_of(item, mark, findings, (*path, number)) for number, item in enumerate(value)]
        return Node(items_in_order, mark, mark)
    return Node(_scalar(value, mark, findings, path), mark, mark)


def _scalar(value: Any, mark: Mark, findings: Findings, path: ConfigPath) -> Any:
    if isinstance(value, os.PathLike):
        value = os.fspath(value)
    elif not isinstance(value, _SCALARS) and getattr(value, "ndim", None) == 0:  # numpy's and TensorFlow's scalars
        value = value.item() if hasattr(value, "item") else value.numpy().item()
    if type(value) in _SCALARS and not (isinstance(value, str) and _is_odd(value)):
        return value
    if isinstance(value, str):
        findings.add(path, "is not UTF-8 text", mark)
    else:
        allowed = "text, numbers, True, False, None, and lists and mappings of these"
        findings.add(path, f"a {type(value).__name__} cannot stand in a config: it has {allowed}", mark)
    return UNKNOWN


def _is_odd(text: str) -> bool:
    """Return whether the text holds what UTF-8 cannot: half of a surrogate pair."""
    return any("\ud800" <= character <= "\udfff" for character in text)
