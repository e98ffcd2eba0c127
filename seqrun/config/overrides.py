"""`--set a.b=value` and `--set ~a.b`: changes to a config from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seqrun.config.document import MAX_DEPTH, parse
from seqrun.config.given import Given, node_of
from seqrun.config.merge import lay_over
from seqrun.config.node import Findings, Node, find
from seqrun.errors import ConfigError, Mark
from seqrun.spelling import suggest


@dataclass(frozen=True)
class Override:
    """One change: the new value of a key (None: the key is removed)."""

    path: tuple[str, ...]
    value: Node | None
    mark: Mark


def option_mark(option: str) -> Mark:
    """Return the place of a command-line value; relative paths in it start at the current directory."""
    return Mark(option, directory=Path.cwd())


def is_text(value: str) -> bool:
    """Return whether a command line's value is text; bytes that are no UTF-8 stand in it as surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_overrides(settings: Sequence[str | Given], findings: Findings) -> list[Override]:
    """Return the changes made by `a.b=value` and `~a.b`; add malformed ones to the findings.

    The value is YAML, but for a mark such as , alone; of a Given it is Python's own.
    """
    found = (_given(each, findings) if isinstance(each, Given) else _read(each, findings) for each in settings)
    return [override for override in found if override is not None]


def _given(change: Given, findings: Findings) -> Override | None:
    mark, removal = change.mark, change.key.startswith("~")
    path = _path(change.key.removeprefix("~"), mark, findings)
    if path is None:
        return None
    if not removal:
        return Override(path, node_of(change.value, mark, findings, path), mark)
    if change.value is not None:
        findings.add((), "a removal takes no value but None: '~a.b': None", mark)
    return Override(path, None, mark)


def _path(key: str, mark: Mark, findings: Findings) -> tuple[str, ...] | None:
    """Return the steps of a dotted key; None, and a problem in the findings, for what is none or cannot be set."""
    path = tuple(key.strip().split("."))
    if not is_text(key):
        findings.add((), "is not UTF-8 text", mark)
    elif not all(path):
        findings.add((), "a key with an empty part; it is a.b=value, or ~a.b to remove a.b", mark)
    elif len(path) > MAX_DEPTH:
        findings.add(path[:3], f"nested too deeply: a config has at most {MAX_DEPTH} levels", mark)
    elif path == ("extends",):
        findings.add(path, "cannot be set: extends is read before --set", mark)
    else:
        return path
    return None


def _read(setting: str, findings: Findings) -> Override | None:
    mark = option_mark(f"--set {setting}")
    removal = setting.startswith("~")
    key, equals, text = setting.removeprefix("~").partition("=")
    if not is_text(setting):
        findings.add((), "is not UTF-8 text", mark)
        return None
    path = _path(key, mark, findings)
    if path is None:
        return None
    if removal == bool(equals):
        wanted = "a removal takes no value: ~a.b" if removal else "no value; it is a.b=value, or ~a.b to remove a.b"
        findings.add((), wanted, mark)
    elif removal:
        return Override(path, None, mark)
    elif _stands_for_itself(text):
        return Override(path, Node(text, mark, mark), mark)
    else:
        try:
            value = parse(text, lambda line, column: mark, findings, path)
        except ConfigError as error:
            findings.problems.extend(error.problems)
        else:
            return Override(path, value or Node(None, mark, mark), mark)
    return None


def _stands_for_itself(text: str) -> bool:
    """Return whether a value is text though YAML has another use for it: , or | alone, or #5, which were a comment."""
    return text.startswith("#") or (len(text) == 1 and not text.isalnum() and text not in "~ ")


def override(root: Node, overrides: Sequence[Override], findings: Findings) -> Node:
    """Return the config with the changes made.

    All values that are set are merged first, and then as a whole laid over the config, like a file that extends it. So
    the order of `--set architecture.name=gru --set architecture.units=64` does not matter.
    """
    changes: Node | None = None
    for change in overrides:
        if change.value is not None:
            tree = _tree(change.path, change.value, change.mark)
            changes = tree if changes is None else lay_over(changes, tree, findings)
            continue
        if reason := _cannot_be_removed(change.path, root, changes):
            findings.add(change.path, f"cannot be removed: {reason}", change.mark)
            continue
        findings.removed[change.path] = change.mark
        root = _without(root, change.path)
        changes = changes and _without(changes, change.path)
    return root if changes is None else lay_over(root, changes, findings)


def _cannot_be_removed(path: Sequence[str], root: Node, changes: Node | None) -> str | None:
    """Return why nothing can be removed at a path; None if something can."""
    trees = [root] if changes is None else [root, changes]
    holders = [holder for tree in trees if (holder := find(tree, path[:-1])) is not None]
    if any(isinstance(holder.value, (dict, list)) and find(holder, path[-1:]) for holder in holders):
        return None
    bare = next((holder.value for holder in holders if isinstance(holder.value, str)), None)
    if bare is not None and path[-1] == "name":
        section = ".".join(path[:-1])
        return f"{section} is the name {bare!r} alone; remove it by ~{section}, or set {section}=another"
    keys = [key for holder in holders if isinstance(holder.value, dict) for key in holder.value]
    return f"there is no such key{suggest(path[-1], keys)}"


def _tree(path: Sequence[str], value: Node, mark: Mark) -> Node:
    for key in reversed(path):
        value = Node({key: value}, mark, mark)
    return value


def _without(node: Node, path: Sequence[str]) -> Node:
    """Return the same tree without the value at a path."""
    if find(node, path) is None or isinstance(node.value, str):
        return node
    step = path[0] if isinstance(node.value, dict) else int(path[0])
    items = node.value.copy()
    if len(path) == 1:
        del items[step]
    else:
        items[step] = _without(items[step], path[1:])
    return Node(items, node.mark, node.key)
