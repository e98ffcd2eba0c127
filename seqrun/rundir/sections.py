"""JSON objects of many run directories, read by their sections: what stands alike in many is parsed and kept once."""

from __future__ import annotations

from typing import Any

from seqrun.rundir.json_files import LARGEST, STRICT, check_form, parsed, read_bounded
from seqrun.rundir.shapes import Fields, Misshapen

INDENT = "  "  # of what stands in an object, as seqrun writes it
BLANK = " \t\r\n"


class Sections:
    """A reader of JSON objects that have equal sections: ten thousand runs have few environments and few data sets.

    A section reaches from one line with a name of the object to the next. Where each is a list of members by itself,
    the whole is the object of all of them. The values of equal sections are one value, which nobody may change. An
    object that is written otherwise, or is damaged, is read as any JSON file.
    """

    def __init__(self) -> None:
        self._kept: dict[Fields, dict[str, dict[str, Any]]] = {}  # text of a section -> what stands in it, by names

    def read(self, path: str, shape: Fields) -> dict[str, Any]:
        """Return the object that a JSON file holds; errors are those of `read_json`."""
        content = read_bounded(path, LARGEST)
        try:
            return self._object(content.decode("utf-8"), shape, INDENT)
        except (ValueError, RecursionError):
            return parsed(content, path, shape)

    def _object(self, text: str, shape: Fields, indent: str) -> dict[str, Any]:
        head, *sections = text.rstrip(BLANK).split(f'\n{indent}"')
        if head != "{" or not sections or sections[-1][-1:] != "}":
            raise ValueError("it is not written in lines")
        sections[-1] = f"{sections[-1][:-1]},"
        kept = self._kept.setdefault(shape, {})
        found: dict[str, Any] = {}
        for section in sections:
            found.update(kept.get(section) or self._section(section, shape, indent))
        if not shape.needed <= found.keys():
            raise Misshapen("is missing")
        return found

    def _section(self, text: str, shape: Fields, indent: str) -> dict[str, Any]:
        """Return what stands in a section, of the shape; keep it unless its name is one of those of each run alone."""
        if text[-1:] != ",":
            raise ValueError("it is not written in lines")
        name, _, value = text[:-1].partition('": ')
        inner = shape.known.get(name)
        if isinstance(inner, Fields) and value.startswith("{\n"):
            found = {name: self._object(value, inner, indent + INDENT)}
        else:
            found = _members(f'{{"{text[:-1]}}}', shape, above=len(indent) // len(INDENT) - 1)
        if name not in shape.own:
            self._kept[shape][text] = found
        return found


def _members(text: str, shape: Fields, above: int) -> dict[str, Any]:
    """Return the object that a text stands for, in so many others, of whose members each is as the shape has it."""
    found, end = STRICT.raw_decode(text)
    if end < len(text):
        raise ValueError("there is more than an object")
    check_form(text, found, above)
    for each in found.keys() & shape.known.keys():
        shape.known[each](found[each])
    return found
