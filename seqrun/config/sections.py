"""A config's dataset, architecture or trainer: from its name to the component with the settings written there."""

from __future__ import annotations

from seqrun.components import Component
from seqrun.config.messages import show
from seqrun.config.node import UNKNOWN, Findings, Node
from seqrun.config.settings import Unreadable, read_settings
from seqrun.errors import ConfigPath
from seqrun.registry import NoComponentError, Registry


def read_section(
    section: str, purpose: str, root: Node, registry: Registry, findings: Findings
) -> tuple[Component | Unreadable, list[ConfigPath]]:
    """The component, and the paths at which it is not what the user wrote; what is wrong is added to the findings."""
    node = root.value.get(section)
    if node is None and not findings.incomplete and (section,) not in findings.meant:
        findings.add((section,), f"required: {purpose}, one of {', '.join(registry.names())}", root.key)
    if node is None or node.value is UNKNOWN:
        return Unreadable(), [(section,)]
    if not isinstance(node.value, (str, dict)):
        findings.add((section,), f"must be a name or a mapping with a name, not {show(node.value)}", node.mark)
        return Unreadable(), [(section,)]
    component = _component(section, node, registry, findings)
    if component is None:
        return Unreadable(), [(section,)]
    settings = Node({"name": node}, node.mark, node.key) if isinstance(node.value, str) else node
    return read_settings(component, settings, (section,), findings)


def _component(section: str, node: Node, registry: Registry, findings: Findings) -> type[Component] | None:
    """The class that a section names."""
    bare = isinstance(node.value, str)
    path = (section,) if bare else (section, "name")
    named = node if bare else node.value.get("name")
    if named is None:
        if not findings.incomplete:
            findings.add(path, f"required: one of {', '.join(registry.names())}", node.key)
    elif not isinstance(named.value, str):
        if named.value is not UNKNOWN:
            findings.add(path, f"must be the name of a component, not {show(named.value)}", named.mark)
    else:
        try:
            return registry.get(named.value)
        except NoComponentError as error:
            if not findings.incomplete:
                findings.add(path, str(error), named.mark)
    return None
