"""Values of a config that came from environment variables: a record holds how the config refers to them instead."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from seqrun.errors import ConfigPath

_VARIABLE = re.compile(r"(?P<escaped>\$\$\{)|\$\{env:(?P<name>[^{}#]*)(?:#[0-9a-f]+)?\}")
_ROUNDS = 100_000  # so that guessing a password by its mark takes long
_MARK_DIGITS = 8


@dataclass(frozen=True)
class Borrowed:
    """One such value: where it stands, and the text with `${env:NAME}` in it that the config has there."""

    path: ConfigPath
    text: str
    variables: Mapping[str, str] = field(repr=False)  # what they held

    def marked(self) -> str:
        """Return the text with a mark beside each variable's name, by which unequal values can be told apart."""

        def mark(match: re.Match[str]) -> str:
            name = match["name"]
            return match[0] if match["escaped"] else f"${{env:{name}#{_mark(name, self.variables[name])}}}"

        return _VARIABLE.sub(mark, self.text)


def unmarked(text: str) -> str:
    """Return the text as the config has it, without the marks."""
    return _VARIABLE.sub(lambda found: found[0] if found["escaped"] else f"${{env:{found['name']}}}", text)


@cache
def _mark(variable: str, value: str) -> str:
    """Return a part of a hash of the value, too short to find a value by it that cannot be guessed."""
    return hashlib.pbkdf2_hmac("sha256", value.encode(), variable.encode(), _ROUNDS).hex()[:_MARK_DIGITS]


def with_references(config: Any, borrowed: Iterable[Borrowed], write: Callable[[Borrowed], str]) -> Any:
    """Return a config's plain data with what `write` makes of each borrowed value in its place.

    Raises KeyError if the data have nothing at its path.
    """
    for each in borrowed:
        config = _replaced(config, each.path, write(each))
    return config


def _replaced(data: Any, path: ConfigPath, text: str) -> Any:
    if not path:
        return text
    step = path[0]
    if isinstance(data, dict):
        return {**data, step: _replaced(data[step], path[1:], text)}
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return [*data[:step], _replaced(data[step], path[1:], text), *data[step + 1 :]]
    raise KeyError(step)
