"""What differs between configs, under names as short as possible."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

MISSING = object()


def differing_keys(configs: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the dotted keys whose values are not the same in all configs, in the order of the configs.

    Where components differ (`architecture.name`), keys that only one component has are a consequence of the name. They
    are left out unless their values vary among the configs that have them.
    """
    return list(_differing([as_section(config) for config in configs], ""))


def _differing(values: Iterable[Any], path: str) -> Iterator[str]:
    """Yield the keys that differ at and below a path, by the values of the configs that it applies to."""
    values = [*{id(value): value for value in values}.values()]  # thousands of configs share most of their sections
    sections = [value for value in values if isinstance(value, dict)]
    mixed = len(sections) < len(values) and len({_text(value) for value in values}) > 1
    if mixed:
        yield path
    if not sections:
        return
    renamed = len({_text(section.get("name", MISSING)) for section in sections}) > 1
    for key in dict.fromkeys(key for section in sections for key in section):
        below = [section.get(key, MISSING) for section in sections]
        if renamed:
            below = [value for value in below if value is not MISSING]
        if key == "name" and mixed:
            continue  # the section itself is shown by its name
        yield from _differing(map(as_section, below), f"{path}.{key}" if path else key)


def as_section(value: Any) -> Any:
    """Return a list of mappings (layers) as a section with the keys 0, 1, ..., and any other value unchanged.

    So lists of layers are compared item by item.
    """
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return {str(number): item for number, item in enumerate(value)}
    return value


def value_at(config: Mapping[str, Any], key: str) -> Any:
    """Return the value at a dotted key, MISSING if there is none."""
    value: Any = config
    for part in key.split("."):
        value = as_section(value)
        if not isinstance(value, dict) or part not in value:
            return MISSING
        value = value[part]
    return value


def short_names(keys: Sequence[str], taken: Collection[str]) -> dict[str, str]:
    """Return each key's shortest ending that no other key shares and that is not taken; `x.name` counts as `x`."""
    known = frozenset(keys)
    stems = {key: key if key.removesuffix(".name") in known else key.removesuffix(".name") for key in keys}
    shared = Counter(ending for stem in stems.values() for ending in _endings(stem))
    return {
        key: next((ending for ending in _endings(stem) if ending not in taken and shared[ending] == 1), stem)
        for key, stem in stems.items()
    }


def _endings(stem: str) -> list[str]:
    """Return the ends of a dotted key, the shortest first."""
    parts = stem.split(".")
    return [".".join(parts[start:]) for start in reversed(range(len(parts)))]


def show(value: Any) -> str:
    """Return a config value as the text of a table cell; a section by its name, or in braces."""
    if value is MISSING:
        return "—"
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        if "name" in value:
            return show(value["name"])
        return f"{{{', '.join(f'{k}: {show(v)}' for k, v in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(show, value))}]"
    return json.dumps(value)


def _text(value: Any) -> str:
    """Return a text that is equal for equal values, and tells 1 from 1.0 and true."""
    if value is MISSING:
        return ""
    return json.dumps(value, sort_keys=True) if isinstance(value, (dict, list)) else repr(value)
