"""A config's dataset, architecture, trainer or logger: from its name to the component with its settings."""

from __future__ import annotations

import difflib
from pathlib import Path

from seqrun.components.base import Component
from seqrun.config.messages import show
from seqrun.config.node import UNKNOWN, Findings, Node
from seqrun.config.settings import Unreadable, read_settings, report_mistakes
from seqrun.errors import ConfigPath
from seqrun.registry import NoComponentError, Registry, base_of
from seqrun.spelling import OTHER_NAMES, nearest


def read_section(
    section: str, purpose: str, root: Node, registry: Registry, findings: Findings
) -> tuple[Component | Unreadable, list[ConfigPath]]:
    """Return a section's component, and the paths where it differs from what the user wrote.

    What is wrong is added to the findings; Unreadable stands in for a component that is not valid. `purpose` is the
    section's description for messages.
    """
    node = root.value.get(section)
    if node is None and not findings.incomplete and (section,) not in findings.meant:
        findings.add_missing((section,), f"required: {purpose}, one of {', '.join(registry.names())}", root.key)
    if node is None or node.value is UNKNOWN:
        return Unreadable(), [(section,)]
    if node.value is None:
        message = f"is empty: what belongs to it stands below it, further in, first its name (as in {section}: NAME)"
        findings.add((section,), message, node.key)
        return Unreadable(), [(section,)]
    if not isinstance(node.value, (str, dict)):
        findings.add((section,), f"must be a name or a mapping with a name, not {show(node.value)}", node.mark)
        return Unreadable(), [(section,)]
    return _read_component((section,), node, registry, findings)


def read_loggers(
    node: Node | None, registry: Registry, findings: Findings
) -> tuple[list[Component | Unreadable], list[ConfigPath]]:
    """Return the components in the list `loggers`, and the paths where they differ from what the user wrote.

    What is wrong is added to the findings, unless it is no list, of which the top level has told already.
    """
    loggers: list[Component | Unreadable] = []
    doubtful: list[ConfigPath] = []
    for number, item in enumerate(node.value if node is not None and isinstance(node.value, list) else ()):
        path: ConfigPath = ("loggers", number)
        if isinstance(item.value, (str, dict)):
            logger, unknown = _read_component(path, item, registry, findings)
        else:
            findings.add(path, f"must be a name or a mapping with a name, not {show(item.value)}", item.mark)
            logger, unknown = Unreadable(), [path]
        loggers.append(logger)
        doubtful += unknown
    return loggers, doubtful


def _read_component(
    path: ConfigPath, node: Node, registry: Registry, findings: Findings
) -> tuple[Component | Unreadable, list[ConfigPath]]:
    """Return the component that a name, or a mapping with a name, describes; see `read_section`."""
    node = _named(path, node, registry, findings)
    component = _component(path, node, registry, findings)
    if component is None:
        if isinstance(node.value, dict):
            _report_inside(path, node, registry, findings)
        return Unreadable(), [path]
    settings = Node({"name": node}, node.mark, node.key) if isinstance(node.value, str) else node
    return read_settings(component, settings, path, findings)


def _named(path: ConfigPath, node: Node, registry: Registry, findings: Findings) -> Node:
    """Return the mapping with `name` where something else was written for it (type: lstm), which is a problem."""
    if not isinstance(node.value, dict) or "name" in node.value:
        return node
    for key, child in node.value.items():
        known_as = isinstance(child.value, str) and nearest(child.value, registry.names())
        if OTHER_NAMES.get(key.lower()) == "name" and known_as:
            findings.add((*path, key), "unknown key (did you mean name?)", child.key)
            items = {("name" if each == key else each): value for each, value in node.value.items()}
            return Node(items, node.mark, node.key)
    return node


def _component(path: ConfigPath, node: Node, registry: Registry, findings: Findings) -> type[Component] | None:
    """Return the class that is named; None, with a problem in the findings, if there is none."""
    bare = isinstance(node.value, str)
    place = path if bare else (*path, "name")
    named = node if bare else node.value.get("name")
    if named is None:
        as_key = next((key for key in node.value if key in registry.names()), None)
        if as_key is not None:
            findings.add((*path, as_key), f"write name: {as_key}, and its settings beside it", node.value[as_key].key)
        elif not findings.incomplete:
            findings.add_missing(place, f"required: one of {', '.join(registry.names())}", node.key)
    elif not isinstance(named.value, str):
        if named.value is not UNKNOWN:
            findings.add(place, f"must be the name of a component, not {show(named.value)}", named.mark)
    else:
        try:
            return registry.get(named.value)
        except NoComponentError as error:
            if not findings.incomplete or _misspelt(named.value, registry):
                meant_as = _as_path(named.value) if registry.kind == "dataset" else ""
                findings.add(place, f"{error}{meant_as}", named.mark)
    return None


def _report_inside(path: ConfigPath, node: Node, registry: Registry, findings: Findings) -> None:
    """Add what is wrong in the settings beside a wrong name.

    They are checked as settings of the component that was probably meant; if none is near, only the keys that all
    components have are checked.
    """
    named = node.value.get("name")
    settings = {key: child for key, child in node.value.items() if key != "name"}
    meant = nearest(named.value, registry.table) if named is not None and isinstance(named.value, str) else None
    if meant is None or (findings.incomplete and not _misspelt(named.value, registry)):
        meant = next(iter(registry.table))  # any: only keys that all components have are checked
        settings = {key: child for key, child in settings.items() if key in base_of(registry.kind).model_fields}
    settings["name"] = Node(meant, node.mark, node.key)
    report_mistakes(registry.get(meant), Node(settings, node.mark, node.key), path, findings)


def _as_path(name: str) -> str:
    """Return where a file belongs that stands in place of a dataset's name; "" if it looks like none."""
    looks_so = "/" in name or Path(name).suffix
    return f"; a file is given beside the name: {{name: text, path: {name}, ...}}" if looks_so else ""


def _misspelt(name: str, registry: Registry) -> bool:
    """Return whether the name is surely a misspelt shipped one, not one of a plugin that could not be read."""
    near = difflib.get_close_matches(name, registry.table, n=1, cutoff=0.85)
    return bool(near) and near[0] not in name  # lstm2 may well be a plugin's
