"""The settings in which two configs differ, each as one change that can be made alone, and what must go together."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from seqrun.comparing.differences import MISSING
from seqrun.comparing.repeats import BESIDE

SECTIONS = ("dataset", "architecture", "trainer")
Group = tuple[int, ...]  # numbers of settings that are changed as one
Fault = Callable[[frozenset[int]], str]  # why the first config with these settings changed cannot be; empty if it can
# Settings that do not change what a run comes to, if both were measured on the same data: where these were found, what
# is computed beside the network, and which checkpoints are kept.
WITHOUT_EFFECT = {("dataset", "source"), ("dataset", "path"), *(("trainer", key) for key in BESIDE)}
MOST_TOGETHER = 3  # changes that are tried as one where they cannot be made one by one


@dataclass(frozen=True)
class Setting:
    """A setting that two configs have otherwise; a section with another name is one."""

    path: tuple[str | int, ...]  # a number is that of a layer in a list
    before: Any  # the first config's; MISSING: it has none
    after: Any  # the second's

    @property
    def name(self) -> str:
        return ".".join(map(str, self.path))


@dataclass(frozen=True)
class Change:
    """Settings that are changed as one: nearly always a single one."""

    settings: tuple[Setting, ...]
    numbers: Group  # of these, among all in which the configs differ
    reason: str = ""  # why they are not changed one by one

    @property
    def name(self) -> str:
        return ", ".join(each.name for each in self.settings)

    @property
    def short(self) -> str:
        """The last words of the settings, as a run's name has them."""
        return "_".join(str(each.path[-1]) for each in self.settings)


def settings_between(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[Setting]:
    """Return the settings in which two configs differ that one version of seqrun has resolved, in their order."""
    return [
        each
        for section in SECTIONS
        for each in _settings(first.get(section, MISSING), second.get(section, MISSING), (section,))
    ]


def _settings(before: Any, after: Any, path: tuple[str | int, ...]) -> Iterator[Setting]:
    if before == after or path in WITHOUT_EFFECT:
        return
    if not _alike(before, after):
        yield Setting(path, before, after)
    elif isinstance(before, Mapping):
        for key in dict.fromkeys([*before, *after]):
            yield from _settings(before.get(key, MISSING), after.get(key, MISSING), (*path, key))
    else:
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from _settings(one, other, (*path, number))


def _alike(before: Any, after: Any) -> bool:
    """Return whether both are sections of one name, or lists (of layers) that are so item by item."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        return before.get("name") == after.get("name")
    lists = isinstance(before, list) and isinstance(after, list) and len(before) == len(after)
    return lists and all(
        isinstance(one, Mapping) and _alike(one, other) for one, other in zip(before, after, strict=True)
    )


def joined(settings: Sequence[Setting], fault: Fault) -> list[Change]:
    """Return the settings as changes, those together that cannot be made one by one.

    A change that cannot be made alone, or without which all others cannot be, takes in as few others as make both
    possible, in their order. Where MOST_TOGETHER are not enough, it stays as it is.
    """
    everything = frozenset(range(len(settings)))

    def faults(group: Group) -> list[str]:
        """Return why the group cannot be made alone, or all but it cannot."""
        return [found for each in (frozenset(group), everything - {*group}) if (found := fault(each))]

    groups: list[Group] = [(number,) for number in range(len(settings))]
    while (fewer := _joined_once(groups, faults)) is not None:
        groups = fewer
    return [Change(tuple(settings[n] for n in group), group, _why(group, settings, faults)) for group in groups]


def _joined_once(groups: Sequence[Group], faults: Callable[[Group], list[str]]) -> list[Group] | None:
    """Return the groups with one of them joined to others, in the place of the first; None if none need be or can."""
    for group in groups:
        if not faults(group):
            continue
        others = [each for each in groups if each != group]
        for more in (found for size in range(1, MOST_TOGETHER) for found in combinations(others, size)):
            members = [each for each in groups if each == group or each in more]
            together = tuple(number for each in members for number in each)
            if not faults(together):
                return [together if each == members[0] else each for each in groups if each not in members[1:]]
    return None


def _why(group: Group, settings: Sequence[Setting], faults: Callable[[Group], list[str]]) -> str:
    """Return which of a group cannot be changed alone, and why; empty for a group of one."""
    if len(group) == 1:
        return ""
    name, reason = next((settings[n].name, found[0]) for n in group if (found := faults((n,))))
    return f"changed together, because {name} cannot be changed alone: {reason}"


def with_settings(config: Mapping[str, Any], changed: Iterable[Setting], *, back: bool = False) -> dict[str, Any]:
    """Return a copy of the first config in which these settings are the second's; `back`: the other way round."""
    found = copy.deepcopy(dict(config))
    for setting in changed:
        section: Any = found
        for key in setting.path[:-1]:
            section = section[key]
        value = setting.before if back else setting.after
        if value is MISSING:
            del section[setting.path[-1]]
        else:
            section[setting.path[-1]] = copy.deepcopy(value)
    return found
