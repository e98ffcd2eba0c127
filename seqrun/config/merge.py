"""Merging one config over another, for `extends` and `--set`."""

from __future__ import annotations

from seqrun.config.node import Findings, Node, item_number
from seqrun.errors import ConfigPath


def lay_over(base: Node, over: Node, findings: Findings, path: ConfigPath = ()) -> Node:
    """Return the deep merge of two configs, in which `over` wins.

    A mapping with another `name` replaces the base's mapping as a whole, and so does a list. Where a mapping meets a
    bare string, the string stands for {name: it}. A mapping whose keys are numbers changes those items of a list.
    """
    if path:
        base, over = _spell_out(base, over, path)
    if isinstance(base.value, list) and _numbers(over):
        return _change_items(base, over, findings, path)
    if not (isinstance(base.value, dict) and isinstance(over.value, dict)):
        return over
    if path and _renamed(base, over):
        return over
    merged = dict(base.value)
    for key, child in over.value.items():
        merged[key] = lay_over(merged[key], child, findings, (*path, key)) if key in merged else child
    owner = base if over.mark.line is None else over
    return Node(merged, owner.mark, owner.key)


def spelled_out(node: Node) -> Node:
    """Return a bare string as the mapping {name: it}."""
    return Node({"name": node}, node.mark, node.key)


def _spell_out(base: Node, over: Node, path: ConfigPath) -> tuple[Node, Node]:
    if isinstance(base.value, str) and isinstance(over.value, dict):
        return spelled_out(base), over
    if isinstance(over.value, str) and isinstance(base.value, dict) and (len(path) == 1 or "name" in base.value):
        return base, spelled_out(over)
    return base, over


def _renamed(base: Node, over: Node) -> bool:
    return "name" in base.value and "name" in over.value and base.value["name"].value != over.value["name"].value


def _numbers(node: Node) -> bool:
    return isinstance(node.value, dict) and bool(node.value) and all(key.isdecimal() for key in node.value)


def _change_items(base: Node, over: Node, findings: Findings, path: ConfigPath) -> Node:
    items = list(base.value)
    for key, child in over.value.items():
        number = item_number(key)
        if number is not None and number < len(items):
            items[number] = lay_over(items[number], child, findings, (*path, number))
        else:
            findings.add((*path, key), f"there is no such item: the list has {len(items)}, counted from 0", child.mark)
    return Node(items, base.mark, base.key)
