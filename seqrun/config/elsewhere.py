"""Where an unknown key of a config belongs: found among the fields of all components, so that no list can be behind."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pydantic import BaseModel

from seqrun.components.base import SECTIONS
from seqrun.config.fields import groups, names_of
from seqrun.config.node import Findings, Node, find
from seqrun.errors import ConfigPath, Problem
from seqrun.registry import NoComponentError, Registry, base_of
from seqrun.spelling import nearest

DEEPEST = 3  # groups of settings in one another that are looked into
MOST = 4  # places or names in a message


@dataclass(frozen=True)
class Place:
    """A field that a config can have: its path, and the names of the components or groups that have it."""

    path: tuple[str, ...]
    owners: tuple[str, ...] = ()  # none: the group has no choice of names

    @property
    def dotted(self) -> str:
        """The path as `--set` takes it."""
        return ".".join(self.path)


def tell_places(findings: Findings, header: type[BaseModel], root: Node, known: Mapping[str, Registry]) -> None:
    """Add to the problem of each unknown key where it belongs, if a field somewhere has that name."""
    if not findings.unknown:
        return
    chosen = [*_fields(header, (), ()), *_chosen_fields(root, known)]
    for number, problem in enumerate(findings.problems):
        if problem.path in findings.unknown:
            findings.problems[number] = _told(problem, findings.unknown[problem.path], chosen, known)


def settings_called(key: str, known: Mapping[str, Registry]) -> list[Place]:
    """Return the sections and fields called `key`, or what is most similar, of any component: the shallowest."""
    fields = [
        *(Place((section,)) for section in SECTIONS),
        *(place for section in SECTIONS for place in _fields(base_of(section), (section,), ())),
        *(place for section in SECTIONS for place in _fields_of_all(section, known[section])),
    ]
    name = nearest(key, dict.fromkeys(place.path[-1] for place in fields))
    return _shallowest([place for place in fields if place.path[-1] == name])


def _told(problem: Problem, meant: ConfigPath | None, chosen: list[Place], known: Mapping[str, Registry]) -> Problem:
    key, given = str(problem.path[-1]), tuple(map(str, problem.path))
    others = [place for place in chosen if place.path[-1] == key]
    if here := [owner for place in others if place.path == given for owner in place.owners]:
        return replace(problem, message=f"unknown key: it is a setting of {_listed(here)}")
    if others:
        return _belongs(problem, _shallowest(others))
    if meant is not None:
        return problem
    for section in dict.fromkeys((given[0], *SECTIONS)):
        if section in known and (places := _places_of_all(key, section, known[section])):
            owners = _listed([*dict.fromkeys(owner for place in places for owner in place.owners)])
            if section == given[0]:
                return replace(problem, message=f"unknown key: it is a setting of {owners}")
            return _belongs(problem, places, f" of {owners}")
    near = nearest(key, dict.fromkeys(place.path[-1] for place in chosen))
    if near is None:
        return problem
    dotted = _dotted(_shallowest([place for place in chosen if place.path[-1] == near]))
    return replace(problem, message=f"unknown key (did you mean {dotted}?)")


def _belongs(problem: Problem, places: Sequence[Place], whose: str = "") -> Problem:
    groups_named = dict.fromkeys(".".join(place.path[:-1]) for place in places)
    where = f"in {' or '.join([*groups_named][:MOST])}" if all(groups_named) else "at the top of the config"
    return replace(problem, message=f"unknown key: it belongs {where}{whose} ({_dotted(places)})")


def _dotted(places: Sequence[Place]) -> str:
    return " or ".join([*dict.fromkeys(place.dotted for place in places)][:MOST])


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:MOST])}{' and others' if len(names) > MOST else ''}"


def _shallowest(places: Sequence[Place]) -> list[Place]:
    """Return those of the places that lie in the fewest groups, one of each path."""
    depth = min((len(place.path) for place in places), default=0)
    return [*{place.path: place for place in reversed(places) if len(place.path) == depth}.values()][::-1]


def _chosen_fields(root: Node, known: Mapping[str, Registry]) -> Iterator[Place]:
    """Yield the fields of the components that the config names; of a section without a valid one, of all such."""
    for section in SECTIONS:
        named = find(root, (section, "name"))
        try:
            component = known[section].get(named.value if named and isinstance(named.value, str) else "")
        except NoComponentError:
            component = base_of(section)
        yield from _fields(component, (section,), ())


def _places_of_all(key: str, section: str, registry: Registry) -> list[Place]:
    """Return the shallowest places of a key in any component of a section, each with the component's name."""
    found = [place for place in _fields_of_all(section, registry) if place.path[-1] == key]
    depth = min((len(place.path) for place in found), default=0)
    return [place for place in found if len(place.path) == depth]


def _fields_of_all(section: str, registry: Registry) -> Iterator[Place]:
    for name in registry.names():
        try:
            yield from (replace(place, owners=(name,)) for place in _fields(registry.get(name), (section,), ()))
        except NoComponentError:
            continue  # an installed one that cannot be loaded, which is told where it is used


def _fields(group: type[BaseModel], path: tuple[str, ...], owners: tuple[str, ...]) -> Iterator[Place]:
    """Yield all fields of a group of settings, and those of the groups in it."""
    for name, field in group.model_fields.items():
        if name != "name" or not path:
            yield Place((*path, name), owners)
        if len(path) < DEEPEST:
            for member in groups(field.annotation):
                yield from _fields(member, (*path, name), names_of(member))
