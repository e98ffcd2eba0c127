"""`${dataset.max_len}` and `${env:HOME}`: a value written once and used in several places. `$${` is a literal `${`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from seqrun.components.borrowed import unmarked
from seqrun.config.document import MAX_BYTES, MAX_DEPTH, MAX_VALUES
from seqrun.config.node import UNKNOWN, Findings, Node, Reference, find, item_number
from seqrun.config.scalars import read_scalar
from seqrun.errors import ConfigPath, Mark
from seqrun.machine.withheld import withhold
from seqrun.spelling import suggest

MAX_CHAIN = 50  # references that lead to one another
MOST_SUGGESTIONS = 50  # in one config: finding what was meant takes 10 ms where there are many keys
# Settings that are recorded and told as they are, wherever their values come from: `name` names the run's directory,
# `seed` tells repeats apart.
OPEN = (("name",), ("seed",))
_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")


def resolve_references(root: Node, findings: Findings) -> Node:
    """Return the same tree with every reference replaced by its value.

    Text that consists of one reference becomes the value with its type; inside other text the value becomes text.
    """
    return _Resolver(root, findings).at((), root)[0]


def with_environment(root: Node, paths: Sequence[ConfigPath], findings: Findings) -> Node:
    """Return the same tree with the references at these paths, as records have them, replaced by their values."""
    resolver = _Resolver(root, findings)
    for path in paths:
        target = find(root, path)
        if target is None or not isinstance(target.value, str):
            findings.add(path, "is recorded as text from the environment, and is none", root.mark)
            continue
        recorded = Node(unmarked(target.value), target.mark, target.key)
        root = _replaced(root, path, resolver.resolve(path, recorded)[0])
    return root


def _replaced(root: Node, path: ConfigPath, node: Node) -> Node:
    """Return the same tree with another node at a path that exists."""
    if not path:
        return node
    items = root.value.copy()
    items[path[0]] = _replaced(items[path[0]], path[1:], node)
    return Node(items, root.mark, root.key)


def escape_references(data: Any) -> Any:
    """Return the data with every `${` in its text escaped, so that reading it back finds no references."""
    if isinstance(data, dict):
        return {key: escape_references(value) for key, value in data.items()}
    if isinstance(data, list):
        return [escape_references(value) for value in data]
    return data.replace("${", "$${") if isinstance(data, str) else data


@dataclass(frozen=True)
class _Extent:
    """How much a value is, written out in full: its characters and values, the levels below it, the values alone."""

    size: int
    depth: int = 0
    values: int = 1


class _Resolver:
    def __init__(self, root: Node, findings: Findings):
        self.root = root
        self.findings = findings
        self.done: dict[ConfigPath, tuple[Node, _Extent]] = {}
        self.begun: list[ConfigPath] = []
        self.hops = 0  # references on the way to what is being resolved
        self.added = 0  # size of all that references stand for
        self.added_values = 0
        self.misspelt = 0  # references to a key that is not there
        self.told: set[str] = set()  # the limits that the config exceeds

    def at(self, path: ConfigPath, node: Node) -> tuple[Node, _Extent]:
        """Return the node at a path with its references resolved, and its extent."""
        if path not in self.done:
            self.begun.append(path)
            self.done[path] = self.resolve(path, node)
            self.begun.pop()
        return self.done[path]

    def resolve(self, path: ConfigPath, node: Node) -> tuple[Node, _Extent]:
        value = node.value
        if isinstance(value, (dict, list)):
            return self.all_of(path, node)
        if not isinstance(value, str):
            return node, _Extent(1)
        whole = _REFERENCE.fullmatch(value)
        if whole and whole[2]:
            name = whole[1].strip()
            found, extent = self.look_up(name, path, node.mark)
            variable = name.startswith("env:") and found.value is not UNKNOWN
            value = self.as_value(found.value, path, node.mark) if variable else found.value
            # A path taken over by a reference stays relative to the file that wrote it.
            mark = replace(node.mark, directory=found.mark.directory)
            return Node(value, mark, node.key, found.reference), extent
        filled = self.fill_in(path, node) if "${" in value else node
        return filled, _Extent(1 + len(filled.value) if isinstance(filled.value, str) else 1)

    def all_of(self, path: ConfigPath, node: Node) -> tuple[Node, _Extent]:
        """Return a mapping or list with all references in it resolved, and its extent."""
        named = isinstance(node.value, dict)
        items = node.value.items() if named else enumerate(node.value)
        found = {key: self.at((*path, key), child) for key, child in items}
        size = 1 + sum(extent.size + len(str(key)) for key, (_, extent) in found.items())
        depth = 1 + max((extent.depth for _, extent in found.values()), default=0)
        nodes = {key: child for key, (child, _) in found.items()}
        values = 1 + sum(extent.values for _, extent in found.values())
        return Node(nodes if named else [*nodes.values()], node.mark, node.key), _Extent(size, depth, values)

    def fill_in(self, path: ConfigPath, node: Node) -> Node:
        """Return the text with its references replaced; UNKNOWN, and a problem for each, if some refer to nothing."""
        values: list[Any] = []
        kept: list[str] = []  # the same, with what came from the environment as a reference
        variables: dict[str, str] = {}
        end = 0
        for match in _REFERENCE.finditer(node.value):
            values.append(node.value[end : match.start()])
            kept.append(node.value[end : match.start()])
            end = match.end()
            if match[0] == "$${":
                values.append("${")
                kept.append("$${")
                continue
            found = self.inside_text(match, path, node.mark)
            values.append(found.value)
            kept.append(found.reference.text if found.reference else escape_references(_as_text(found.value)))
            variables |= found.reference.variables if found.reference else {}
        if any(value is UNKNOWN for value in values):
            return Node(UNKNOWN, node.mark, node.key)
        text = "".join([*map(_as_text, values), node.value[end:]])
        reference = Reference("".join([*kept, node.value[end:]]), variables) if variables else None
        return Node(text, node.mark, node.key, reference)

    def inside_text(self, match: re.Match[str], path: ConfigPath, mark: Mark) -> Node:
        if not match[2]:
            self.findings.add(path, "a ${ without its } (a plain ${ is written $${)", mark)
            return Node(UNKNOWN, mark, mark)
        found, _ = self.look_up(match[1].strip(), path, mark)
        if isinstance(found.value, (dict, list)):
            kind = "mapping" if isinstance(found.value, dict) else "list"
            self.findings.add(path, f"{match[0]} is a {kind}, which cannot stand inside text", mark)
            return Node(UNKNOWN, mark, mark)
        return found

    def look_up(self, name: str, path: ConfigPath, mark: Mark) -> tuple[Node, _Extent]:
        """Return the node that a reference refers to, with its extent; UNKNOWN, and a problem, if there is none."""
        nothing = Node(UNKNOWN, mark, mark), _Extent(1)
        if name.startswith("env:"):
            found = self.environment(name.removeprefix("env:"), path, mark)
            extent = _Extent(1 if found.value is UNKNOWN else 1 + len(found.value))
            return (found, extent) if self.fits(extent, path, mark) else nothing
        steps = name.split(".")
        target = find(self.root, steps)
        if target is None or not name:
            self.findings.add(path, self.unknown(name, steps), mark)
            return nothing
        target_path = self.real_path(steps)
        if target_path in self.begun:
            circle = [".".join(map(str, step)) for step in self.begun[self.begun.index(target_path) :]]
            self.findings.add(path, f"refers to itself: {' -> '.join([*circle, name])}", mark)
            return nothing
        if self.hops == MAX_CHAIN and target_path not in self.done:
            self.exceeds(f"a chain of more than {MAX_CHAIN} references, each to the next", path, mark)
            return nothing
        self.hops += 1
        node, extent = self.at(target_path, target)
        self.hops -= 1
        return (node, extent) if self.fits(extent, path, mark) else nothing

    def fits(self, extent: _Extent, path: ConfigPath, mark: Mark) -> bool:
        """Return whether the config can hold what a reference at the path stands for; if not, a problem says so."""
        self.added += extent.size
        self.added_values += extent.values
        if len(path) + extent.depth > MAX_DEPTH:
            self.exceeds(f"what it refers to is nested too deeply: a config has at most {MAX_DEPTH} levels", path, mark)
        elif self.added > MAX_BYTES:
            self.exceeds(f"the references of this config stand for more than {MAX_BYTES:,} characters", path, mark)
        elif self.added_values > MAX_VALUES:
            self.exceeds(f"the references of this config stand for more than {MAX_VALUES:,} values", path, mark)
        else:
            return True
        return False

    def exceeds(self, message: str, path: ConfigPath, mark: Mark) -> None:
        """Add a problem, once: where one limit is exceeded, it mostly is in many places."""
        if message not in self.told:
            self.told.add(message)
            self.findings.add(path, message, mark)

    def real_path(self, steps: list[str]) -> ConfigPath:
        """Return the path as it is in the tree: numbers for list items, no `name` after a bare string."""
        path: list[str | int] = []
        for step in steps:
            value = self.value_at(path)
            if isinstance(value, str):
                break
            number = item_number(step) if isinstance(value, list) else None
            path.append(step if number is None else number)
        return tuple(path)

    def value_at(self, path: Sequence[str | int]) -> Any:
        """Return the value at a path that is known to exist."""
        node = find(self.root, path)
        if node is None:
            raise KeyError(f"nothing stands at {'.'.join(map(str, path))}")
        return node.value

    def unknown(self, name: str, steps: list[str]) -> str:
        depth = next(depth for depth in range(len(steps)) if find(self.root, steps[: depth + 1]) is None)
        holder = self.value_at(steps[:depth])
        keys = (".".join([*steps[:depth], key]) for key in (holder if isinstance(holder, dict) else ()))
        self.misspelt += 1
        near = suggest(".".join(steps[: depth + 1]), keys) if self.misspelt <= MOST_SUGGESTIONS else ""
        return f"${{{name}}} refers to a key that this config does not write{near}"

    def environment(self, variable: str, path: ConfigPath, mark: Mark) -> Node:
        """Return the text that an environment variable holds; UNKNOWN, and a problem, if there is none."""
        text = os.environ.get(variable) if "\0" not in variable else None
        if text is None:
            near = suggest(variable, os.environ)
            self.findings.add(path, f"the environment variable {variable} is not set{near}", mark)
        elif not text.isprintable():
            self.findings.add(path, f"the environment variable {variable} holds more than one line of text", mark)
        else:
            if path[:1] not in OPEN:
                withhold(variable, text)
            return Node(text, mark, mark, Reference(f"${{env:{variable}}}", {variable: text}))
        return Node(UNKNOWN, mark, mark)

    def as_value(self, text: str, path: ConfigPath, mark: Mark) -> Any:
        """Return what a variable's text is as an unquoted scalar of YAML; UNKNOWN, and a problem, if it cannot be."""
        try:
            return read_scalar(text) if text else text
        except ValueError as error:
            self.findings.add(path, f"the environment holds {error}", mark)
            return UNKNOWN


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
