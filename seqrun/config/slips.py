"""Explains why a text is not YAML, by the slip of the pen that probably caused it.

A parser stops where it cannot go on, which is often a line after the slip. So the likeliest slips near that line are
corrected one at a time; the user is told of the one whose correction lets the parser get further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import yaml

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_LINE_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")  # what PyYAML counts as one
_KEY_AND_VALUE = re.compile(r"( *(?:- )?)(\w+):(\S.*)")  # units:32
_KEY_EQUALS = re.compile(r"( *(?:- )?)(\w+) *= *([^\s=].*)")  # units = 32
_KEY_ALONE = re.compile(r"( *)([A-Za-z_]\w*)(?: +([^\s#:].*?))? *(?:#.*)?")  # dataset imdb
_QUOTES = ("'", '"')
_BRACKETS = {"while parsing a flow mapping": ("{", "}"), "while parsing a flow sequence": ("[", "]")}
_HINTS = {  # what mends it
    "mapping values are not allowed in this context": " (text that holds a colon and a blank needs quotes)",
    "found character that cannot start any token": " (text that begins with it needs quotes)",
    "did not find expected node content": " (text that begins with it needs quotes)",
    "found unknown escape character": r" (in double quotes \ begins an escape: write \\, or single quotes)",
}


@dataclass(frozen=True)
class Slip:
    """A mistake in a YAML text, with its line and column (both from 0)."""

    message: str
    line: int
    column: int


@dataclass(frozen=True)
class _Mending:
    slip: Slip
    number: int  # of the line that is corrected, from 0
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
    opened = error.context_mark
    if opened is not None and "end of stream" in str(error.problem) and "quoted" in str(error.context):
        return _unclosed_quote(lines[opened.line][opened.column], opened.line, opened.column)
    for mending in chain(_mendings(lines, mark.line), _closings(error, lines)):
        mended = lines.copy()
        mended[mending.number] = mending.line
        if _stops_at(mended) > mark.line:
            return mending.slip
    return _brackets_and_quotes(error, lines) or _in_the_parsers_words(error)


def _in_the_parsers_words(error: yaml.MarkedYAMLError) -> Slip:
    mark = _mark(error)
    context = f", {error.context}" if error.context else ""
    if context and error.context_mark is not None and error.context_mark.line != mark.line:
        context += f" that starts in line {error.context_mark.line + 1}"
    hint = _HINTS.get(str(error.problem), "")
    return Slip(f"not YAML: {error.problem}{context}{hint}", mark.line, mark.column)


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
        yield _Mending(slip, number, f"{start}{key}: {value}")
    elif found := _KEY_EQUALS.fullmatch(line):
        start, key, value = found.groups()
        slip = Slip(f"a key is followed by a colon: {key}: {value}", number, found.end(2))
        yield _Mending(slip, number, f"{start}{key}: {value}")


def _no_colon(line: str, number: int) -> Iterator[_Mending]:
    if found := _KEY_ALONE.fullmatch(line):
        start, key, value = found.groups()
        whole = f"{key}: {value}" if value else f"{key}:"
        yield _Mending(Slip(f"a colon is missing: {whole}", number, found.end(2)), number, start + whole)


def _wrong_indentation(lines: Sequence[str], number: int, above: Sequence[int]) -> Iterator[_Mending]:
    """Yield the line with the indentation of the lines above it, the nearest depth first."""
    here = _depth(lines[number])
    depths = dict.fromkeys(_depth(lines[each]) for each in reversed(above))
    depths.pop(here, None)
    for depth in sorted(depths, key=lambda depth: abs(depth - here)):  # of two as near, that of the nearer line
        last = next(each for each in reversed(above) if _depth(lines[each]) == depth)
        message = f"indented by {_spaces(here)}, and line {last + 1}, which it seems to belong to, by {_spaces(depth)}"
        yield _Mending(Slip(message, number, here), number, " " * depth + lines[number].lstrip(" "))


def _closings(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Iterator[_Mending]:
    """Yield the lines above with the bracket or quote closed that was open where the parser stopped, or a comma.

    A quote can have been closed by the next one, which was to open another text.
    """
    stop, opened = _mark(error), error.context_mark
    if opened is not None and error.context in _BRACKETS and opened.line < stop.line:
        bracket, end = _BRACKETS[error.context]
        open_lines = [number for number in range(opened.line, stop.line) if lines[number].strip()]
        for number in open_lines:
            message = f"the {bracket} that opens here is not closed: a {end} is missing at the end of line {number + 1}"
            yield _Mending(Slip(message, opened.line, opened.column), number, lines[number] + end)
        comma = Slip("a comma is missing at the end of the line", open_lines[-1], len(lines[open_lines[-1]]))
        yield _Mending(comma, open_lines[-1], lines[open_lines[-1]] + ",")
    if (quote := lines[stop.line][stop.column - 1 : stop.column]) in _QUOTES:
        for number in (each for each in reversed(range(stop.line)) if lines[each].count(quote) % 2):
            slip = _unclosed_quote(quote, number, lines[number].rfind(quote))
            yield _Mending(slip, number, lines[number] + quote)


def _brackets_and_quotes(error: yaml.MarkedYAMLError, lines: Sequence[str]) -> Slip | None:
    """Return what is wrong with the bracket or quote at which the parser stopped; None if that is something else."""
    stop, opened = _mark(error), error.context_mark
    here = lines[stop.line][stop.column : stop.column + 1]
    before = lines[stop.line][stop.column - 1 : stop.column] if stop.column else ""
    if opened is not None and error.context in _BRACKETS:
        bracket, end = _BRACKETS[error.context]
        if here and here in "}]":
            return Slip(f"the {bracket} that opens here is not closed before the {here}", opened.line, opened.column)
        where = f"the {bracket} of line {opened.line + 1}, column {opened.column + 1}"
        return Slip(f"a comma is missing before this, or {where} is not closed by {end}", stop.line, stop.column)
    if here and here in "}]":
        return Slip(f"this {here} closes nothing", stop.line, stop.column)
    if before in _QUOTES and here.strip():
        twice = "''" if before == "'" else '\\"'
        return Slip(f"this quote ends the text; inside it, write {twice}", stop.line, stop.column - 1)
    return None


def _unclosed_quote(quote: str, line: int, column: int) -> Slip:
    return Slip(f"the quote {quote} that opens here is not closed", line, column)


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _spaces(count: int) -> str:
    return "1 space" if count == 1 else f"{count} spaces"
