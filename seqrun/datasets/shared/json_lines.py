"""JSON in which no key stands twice, and the objects of JSON lines files, one a line."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any


def read_object(line: str) -> dict[str, Any]:
    """Return the object in a line; raise ValueError, with what a row's fault is, if it is none or has a key twice."""
    values = strict_json(line)
    if not isinstance(values, dict):
        raise ValueError("no JSON object")
    return values


def strict_json(text: str | bytes) -> Any:
    """Return what JSON holds; raise ValueError if it is none, or if a key stands twice in its object.

    Of two values for a key Python's json keeps the last without a word; nobody can say which of them is meant.
    """
    twice: list[str] = []

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            twice.extend(key for key, count in Counter(key for key, _ in pairs).items() if count > 1)
        return found

    try:
        found = json.loads(text, object_pairs_hook=unique)
    except RecursionError as error:
        raise ValueError("no JSON: brackets too deep in each other") from error
    except ValueError as error:
        raise ValueError(f"no JSON: {error}") from error
    if twice:
        raise ValueError(f"a key stands twice in its object: {', '.join(map(repr, twice))}")
    return found
