"""Explains why a text is not YAML, by the slip of the pen that probably caused it.

A parser stops where it cannot go on, which is often a line after the slip. So the likeliest slips near that line are
corrected one at a time; the user is told of the one whose correction lets the parser get further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what PyYAML counts as one
_KEY_AND_VALUE = re.compile(r"( *(?:- )?)(\w+):(\S.*)")  # units:32
_KEY_ALONE = re.compile(r"( *)([A-Za-z_]\w*)(?: +([^\s#:].*?))? *(?:#.*)?")  # dataset imdb


@dataclass(frozen=True)
class Slip:
    """A mistake in a YAML text, with its line and column (both from 0)."""

    message: str
    line: int
    column: int


@dataclass(frozen=True)
class _Mending:
    slip: Slip
    line: str  # as it should be


def split_lines(text: str) -> list[str]:
    """Return the lines as PyYAML counts them."""
    return _LINE_BREAK.split(text)


def explain(error: yaml.MarkedYAMLError, text: str) -> Slip:
    """Return the slip behind an error; the parser's own message if none is found."""
    mark = _mark(error)
    lines = [*split_lines(text), ""]
    if lines[mark.line][mark.column : mark.column + 1] == "\t":
        return Slip("a tab cannot stand here: YAML indents with spaces", mark.line, mark.column)
    for mending in _mendings(lines, mark.line):
        mended = lines.copy()
        mended[mending.slip.line] = mending.line
        if _stops_at(mended) > mark.line:
            return mending.slip
    context = f", {error.context}" if error.context else ""
    if context and error.context_mark is not None and error.context_mark.line != mark.line:
        context += f" that starts in line {error.context_mark.line + 1}"
    return Slip(f"not YAML: {error.problem}{context}", mark.line, mark.column)


def _stops_at(lines: Sequence[str]) -> float:
    """Return the line at which the parser stops; infinity if it reads everything."""
    try:
        for _ in yaml.parse("\n".join(lines), Loader=_Loader):
            pass
    except yaml.MarkedYAMLError as error:
        return _mark(error).line
    return float("inf")


def _mark(error: yaml.MarkedYAMLError) -> yaml.Mark:
    """Return where the parser stopped."""
    mark = error.problem_mark or error.context_mark
    if mark is None:
        raise ValueError("the parser does not say where it gave up") from error
    return mark


def _mendings(lines: Sequence[str], stop: int) -> Iterator[_Mending]:
    """Yield possible corrections of the line at which the parser stopped, and of the last non-empty one before it."""
    above = [number for number in range(stop) if lines[number].strip() and not lines[number].lstrip().startswith("#")]
    near = [*above[-1:], stop]
    for number in near:
        yield from _no_space(lines[number], number)
    for number in near:
        yield from _no_colon(lines[number], number)
    for number in reversed(near):
        yield from _wrong_indentation(lines, number, [each for each in above if each < number])


def _no_space(line: str, number: int) -> Iterator[_Mending]:
    if found := _KEY_AND_VALUE.fullmatch(line):
        start, key, value = found.groups()
        slip = Slip(f"a space is missing after the colon: {key}: {value}", number, found.end(2))
        yield _Mending(slip, f"{start}{key}: {value}")


def _no_colon(line: str, number: int) -> Iterator[_Mending]:
    if found := _KEY_ALONE.fullmatch(line):
        start, key, value = found.groups()
        whole = f"{key}: {value}" if value else f"{key}:"
        yield _Mending(Slip(f"a colon is missing: {whole}", number, found.end(2)), start + whole)


def _wrong_indentation(lines: Sequence[str], number: int, above: Sequence[int]) -> Iterator[_Mending]:
    """Yield the line with the indentation of the lines above it, the nearest depth first."""
    here = _depth(lines[number])
    depths = dict.fromkeys(_depth(lines[each]) for each in reversed(above))
    depths.pop(here, None)
    for depth in sorted(depths, key=lambda depth: abs(depth - here)):  # of two as near, that of the nearer line
        last = next(each for each in reversed(above) if _depth(lines[each]) == depth)
        message = f"indented by {_spaces(here)}, and line {last + 1}, which it seems to belong to, by {_spaces(depth)}"
        yield _Mending(Slip(message, number, here), " " * depth + lines[number].lstrip(" "))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"
