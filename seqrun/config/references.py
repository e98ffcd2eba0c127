"""`${dataset.max_len}` and `${env:HOME}`: a value written once and used in several places. `$${` is a literal `${`."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from seqrun.config.node import UNKNOWN, Findings, Node, find
from seqrun.config.scalars import read_scalar
from seqrun.errors import ConfigPath, Mark
from seqrun.spelling import suggest

_REFERENCE = re.compile(r"\$\$\{|\$\{([^{}]*)(\}?)")


def resolve_references(root: Node, findings: Findings) -> Node:
    """Return the same tree with every reference replaced by its value.

    Text that consists of one reference becomes the value with its type; inside other text the value becomes text.
    """
    return _Resolver(root, findings).at((), root)


def escape_references(data: Any) -> Any:
    """Return the data with every `${` in its text escaped, so that reading it back finds no references."""
    if isinstance(data, dict):
        return {key: escape_references(value) for key, value in data.items()}
    if isinstance(data, list):
        return [escape_references(value) for value in data]
    return data.replace("${", "$${") if isinstance(data, str) else data


class _Resolver:
    def __init__(self, root: Node, findings: Findings):
        self.root = root
        self.findings = findings
        self.done: dict[ConfigPath, Node] = {}
        self.begun: list[ConfigPath] = []

    def at(self, path: ConfigPath, node: Node) -> Node:
        """Return the node at a path with its references resolved."""
        if path not in self.done:
            self.begun.append(path)
            self.done[path] = self.resolve(path, node)
            self.begun.pop()
        return self.done[path]

    def resolve(self, path: ConfigPath, node: Node) -> Node:
        value = node.value
        if isinstance(value, dict):
            value = {key: self.at((*path, key), child) for key, child in value.items()}
        elif isinstance(value, list):
            value = [self.at((*path, number), child) for number, child in enumerate(value)]
        elif isinstance(value, str) and "${" in value:
            whole = _REFERENCE.fullmatch(value)
            if whole and whole[2]:
                found = self.look_up(whole[1].strip(), path, node.mark)
                value = found.value
                if whole[1].strip().startswith("env:") and isinstance(value, str) and value:
                    value = read_scalar(value)
                # A path taken over by a reference stays relative to the file that wrote it.
                return Node(value, replace(node.mark, directory=found.mark.directory), node.key)
            value = self.fill_in(path, node)
        return Node(value, node.mark, node.key)

    def fill_in(self, path: ConfigPath, node: Node) -> Any:
        """Return the text with its references replaced; UNKNOWN, and a problem for each, if some refer to nothing."""
        known = True

        def text(match: re.Match[str]) -> str:
            nonlocal known
            if match[0] == "$${":
                return "${"
            value = self.inside_text(match, path, node.mark)
            known = known and value is not UNKNOWN
            return _as_text(value)

        filled = _REFERENCE.sub(text, node.value)
        return filled if known else UNKNOWN

    def inside_text(self, match: re.Match[str], path: ConfigPath, mark: Mark) -> Any:
        if not match[2]:
            self.findings.add(path, "a ${ without its } (a plain ${ is written $${)", mark)
            return UNKNOWN
        value = self.look_up(match[1].strip(), path, mark).value
        if isinstance(value, (dict, list)):
            kind = "mapping" if isinstance(value, dict) else "list"
            self.findings.add(path, f"{match[0]} is a {kind}, which cannot stand inside text", mark)
            return UNKNOWN
        return value

    def look_up(self, name: str, path: ConfigPath, mark: Mark) -> Node:
        """Return the node that a reference refers to; UNKNOWN, and a problem, if there is none."""
        if name.startswith("env:"):
            return Node(self.environment(name.removeprefix("env:"), path, mark), mark, mark)
        steps = name.split(".")
        target = find(self.root, steps)
        if target is None or not name:
            self.findings.add(path, self.unknown(name, steps), mark)
            return Node(UNKNOWN, mark, mark)
        target_path = self.real_path(steps)
        if target_path in self.begun:
            circle = [".".join(map(str, step)) for step in self.begun[self.begun.index(target_path) :]]
            self.findings.add(path, f"refers to itself: {' -> '.join([*circle, name])}", mark)
            return Node(UNKNOWN, mark, mark)
        return self.at(target_path, target)

    def real_path(self, steps: list[str]) -> ConfigPath:
        """Return the path as it is in the tree: numbers for list items, no `name` after a bare string."""
        path: list[str | int] = []
        for step in steps:
            value = self.value_at(path)
            if isinstance(value, str):
                break
            path.append(int(step) if isinstance(value, list) else step)
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
        keys = [".".join([*steps[:depth], key]) for key in holder] if isinstance(holder, dict) else []
        near = suggest(".".join(steps[: depth + 1]), keys)
        return f"${{{name}}} refers to a key that this config does not write{near}"

    def environment(self, variable: str, path: ConfigPath, mark: Mark) -> Any:
        text = os.environ.get(variable)
        if text is None:
            near = suggest(variable, os.environ)
            self.findings.add(path, f"the environment variable {variable} is not set{near}", mark)
            return UNKNOWN
        if not text.isprintable():
            self.findings.add(path, f"the environment variable {variable} holds more than one line of text", mark)
            return UNKNOWN
        return text


def _as_text(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return str(value)
