"""A config value together with the place where it was written; merging keeps the places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from seqrun.errors import ConfigError, ConfigPath, Mark, Problem

MOST_PROBLEMS = 300  # looked for in one config
_ITEM_DIGITS = 9  # of the number of a list's item


class _Unknown:
    """Stands for a value that could not be read and whose problem is reported already."""

    def __repr__(self) -> str:
        return "UNKNOWN"


UNKNOWN: Final = _Unknown()


@dataclass(frozen=True)
class Reference:
    """Text with `${env:NAME}` in it, every other `${` escaped, and what the variables were."""

    text: str
    variables: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, eq=False)
class Node:
    """A value: a scalar, UNKNOWN, a list of nodes or a mapping of text to nodes."""

    value: Any
    mark: Mark
    key: Mark  # where the key that names it was written; the value's own place if there is none
    reference: Reference | None = None  # how the config refers to a value that came from the environment


@dataclass
class Findings:
    """The problems found so far, and what is needed to avoid reporting one twice."""

    problems: list[Problem] = field(default_factory=list)
    meant: set[ConfigPath] = field(default_factory=set)  # keys that are there, misspelt
    unknown: dict[ConfigPath, ConfigPath | None] = field(default_factory=dict)  # keys, each with that of `meant`
    removed: dict[ConfigPath, Mark] = field(default_factory=dict)  # by --set ~a.b
    incomplete: bool = False  # a file could not be read: what is absent may stand there, and is no mistake

    def add(self, path: Sequence[str | int], message: str, mark: Mark | None) -> None:
        """Add a problem of the key at a path; `mark` is the place that is shown.

        Raises ConfigError with all of them when there are `MOST_PROBLEMS`.
        """
        self.problems.append(Problem(tuple(path), message, mark))
        if len(self.problems) >= MOST_PROBLEMS:
            raise ConfigError(
                [*self.problems, Problem((), f"{MOST_PROBLEMS:,} problems: no more are looked for", mark)]
            )

    def add_missing(self, path: ConfigPath, message: str, mark: Mark) -> None:
        """Add that a key is missing: at `mark`, or at the command-line option that removed it."""
        self.add(path, message, self.removed.get(path, mark))


def plain(node: Node) -> Any:
    """Return the value without the places. UNKNOWN is left out; a list with an unknown item is UNKNOWN itself."""
    if isinstance(node.value, dict):
        items = {key: plain(child) for key, child in node.value.items()}
        return {key: value for key, value in items.items() if value is not UNKNOWN}
    if isinstance(node.value, list):
        values = [plain(child) for child in node.value]
        return UNKNOWN if any(value is UNKNOWN for value in values) else values
    return node.value


def find(node: Node, path: Sequence[str | int]) -> Node | None:
    """Return the node at a path, or None. `x.name` finds a bare string at x, which stands for {name: it}."""
    for depth, step in enumerate(path):
        value = node.value
        if isinstance(value, str) and tuple(path[depth:]) == ("name",):
            return node
        if isinstance(value, dict) and step in value:
            node = value[step]
        elif isinstance(value, list) and (number := item_number(step)) is not None and number < len(value):
            node = value[number]
        else:
            return None
    return node


def item_number(step: str | int) -> int | None:
    """Return the number of a list's item that a step of a path is; None if it is no such number."""
    return int(step) if str(step).isdecimal() and len(str(step)) <= _ITEM_DIGITS else None


def place(root: Node, path: ConfigPath) -> Mark:
    """Return where the value at a path was written; if it was not, the key of the nearest mapping above it."""
    node = find(root, path)
    if node is not None:
        return node.mark
    while path:
        path = path[:-1]
        node = find(root, path)
        if node is not None:
            return node.key
    return root.mark


def forget(root: Node, path: ConfigPath) -> Node:
    """Return the same tree with UNKNOWN at the path.

    A missing key is added as UNKNOWN. A list becomes UNKNOWN as a whole if the path leads into it.
    """
    if not path or not isinstance(root.value, dict) or path[0] not in root.value:
        return Node(UNKNOWN, root.mark, root.key)
    child = forget(root.value[path[0]], path[1:])
    return Node({**root.value, path[0]: child}, root.mark, root.key)
