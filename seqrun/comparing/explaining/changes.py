"""The settings in which two configs differ, each as one change that can be made alone."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

SECTIONS = ("dataset", "architecture", "trainer")
# Settings that do not change what a run comes to: where its file was found, and which checkpoints it keeps.
WITHOUT_EFFECT = (("dataset", "source"), ("trainer", "checkpoint"))


@dataclass(frozen=True)
class Change:
    """A setting that two configs have otherwise; a section with another name is one."""

    path: tuple[str, ...]
    before: Any  # the first config's
    after: Any  # the second's

    @property
    def name(self) -> str:
        return ".".join(self.path)


def changes_between(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Change]:
    """Return the changes from the first resolved config to the second, in their order.

    A setting that only one of them has is of another version of seqrun, and no change.
    """
    return [change for section in SECTIONS for change in _changes(first.get(section), second.get(section), (section,))]


def _changes(before: Any, after: Any, path: tuple[str, ...]) -> Iterator[Change]:
    if before == after or path in WITHOUT_EFFECT:
        return
    alike = isinstance(before, Mapping) and isinstance(after, Mapping) and before.get("name") == after.get("name")
    if not alike:
        yield Change(path, before, after)
        return
    for key in before:
        if key in after:
            yield from _changes(before[key], after[key], (*path, key))


def with_changes(config: Mapping[str, Any], changes: Iterable[Change]) -> dict[str, Any]:
    """Return a copy of the first config in which these changes are made."""
    changed = copy.deepcopy(dict(config))
    for change in changes:
        section = changed
        for key in change.path[:-1]:
            section = section[key]
        section[change.path[-1]] = copy.deepcopy(change.after)
    return changed
