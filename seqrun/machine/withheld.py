"""Values of environment variables that a config refers to: what others may read has the reference in their place."""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path

SHORTEST = 6  # characters of a value that is withheld; a shorter one is part of many a word and figure
_REFERENCE = re.compile(r"\$\{env:([^{}]+)\}")
_references: dict[str, str] = {}  # how a value may stand in a text -> the reference to it


def withhold(variable: str, value: str) -> None:
    """Let `masked` take an environment variable's value out of all texts from now on, if it is not too short."""
    if len(value) < SHORTEST:
        return
    forms = {value, repr(value)[1:-1], json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
    for form in {*forms, str(Path(value))}:
        _references.setdefault(form, f"${{env:{variable}}}")


def masked(text: str) -> str:
    """Return a text for people and records: withheld values in it are written as `${env:NAME}`."""
    return _any_of(frozenset(_references)).sub(lambda found: _references[found[0]], text) if _references else text


@cache
def _any_of(texts: frozenset[str]) -> re.Pattern[str]:
    """Return a pattern that finds any of these texts, the longest where several begin."""
    return re.compile("|".join(re.escape(text) for text in sorted(texts, key=len, reverse=True)))


def unmasked(path: Path) -> Path:
    """Return a path that was recorded `masked`: with the values that the variables have now, as far as they are set."""
    if path.exists():
        return path
    return Path(_REFERENCE.sub(lambda found: os.environ.get(found[1], found[0]), str(path)))
