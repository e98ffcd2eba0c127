"""YAML text to nodes that know their line and column. Stricter than YAML: what is easily misread is an error."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

from seqrun.components.base import SECTIONS
from seqrun.config.node import UNKNOWN, Findings, Node
from seqrun.config.paths import near_files
from seqrun.config.scalars import read_scalar
from seqrun.config.slips import explain, split_lines
from seqrun.config.templates import templates
from seqrun.errors import ConfigError, ConfigPath, Mark, Problem
from seqrun.machine.opener import open_file

MAX_BYTES = 1_000_000
MAX_DEPTH = 50
CONFIG = "a config is a mapping (dataset: ..., architecture: ..., trainer: ...)"
MAX_VALUES = 20_000  # in one file; a config has about a hundred

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_NOT_TEXT = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

MarkAt = Callable[[int, int], Mark]  # line and column from 0


def read_file(
    path: Path, source: str, findings: Findings, extended_by: str | None = None, *, what: str = CONFIG
) -> Node:
    """Return the mapping in a config file; raise ConfigError if it cannot be read.

    Lesser problems are added to the findings. `what` says of another kind of file what it is.
    """
    directory = path.absolute().parent
    lines = [""]

    def mark_at(line: int, column: int) -> Mark:
        shown = lines[line] if line < len(lines) else ""
        return Mark(source, line + 1, column + 1, shown, directory, extended_by)

    def fail(message: str, before: str = "") -> ConfigError:
        return ConfigError([Problem((), message, mark_at(*_line_and_column(before)))])

    content = _read_bytes(path, source, named=extended_by is None)
    if len(content) > MAX_BYTES:
        raise fail("the file is larger than 1 MB; a config is a few kilobytes")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        lines = split_lines(content.decode(errors="replace"))
        before = content[: error.start].decode()
        raise fail(f"the byte 0x{content[error.start]:02x} is not UTF-8 text", before) from None
    text = text.removeprefix("\ufeff")
    lines = split_lines(text)
    root = parse(text, mark_at, findings)
    if root is None:
        raise fail(f"the file is empty; {what}")
    if not isinstance(root.value, dict):
        raise fail(what)
    return root


def _read_bytes(path: Path, source: str, *, named: bool) -> bytes:
    """Return the file's first bytes; one that is `named` on the command line may be a pipe."""
    try:
        with open_file(path, pipes=named) as file:
            return file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        reason = f"there is no such file{_setting(path) or _shipped(path) or near_files(path)}"
    except IsADirectoryError:
        reason = "is a directory, not a config file"
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
    raise ConfigError([Problem((), reason, Mark(source))])


def _setting(path: Path) -> str:
    """Return " (did you mean --set ...?)" if the path is written as a setting of a section."""
    section, dot, _ = str(path).partition(".")
    return f" (did you mean --set {path}?)" if dot and "=" in str(path) and section in SECTIONS else ""


def _shipped(path: Path) -> str:
    """Return " (did you mean ...?)" if the path is the name of a shipped config, which `seqrun init` can write."""
    named = path.suffix in ("", ".yaml") and path.stem in templates()
    return f" (it is a shipped config: seqrun init {path.stem} writes it here)" if named else ""


def parse(text: str, mark_at: MarkAt, findings: Findings, path: ConfigPath = ()) -> Node | None:
    """Return the single value in a YAML text (None: the text is empty); raise ConfigError if it is not YAML."""
    if odd := _NOT_TEXT.search(text):
        message = f"the character {odd[0]!r} is not allowed in YAML"
        raise ConfigError([Problem(path, message, mark_at(*_line_and_column(text[: odd.start()])))])
    try:
        return _Reader(text, mark_at, findings).document(path)
    except yaml.MarkedYAMLError as error:
        slip = explain(error, text)
        raise ConfigError([Problem(path, slip.message, mark_at(slip.line, slip.column))]) from None


def _line_and_column(before: str) -> tuple[int, int]:
    lines = split_lines(before)
    return len(lines) - 1, len(lines[-1])


class _Reader:
    """Builds nodes from PyYAML's events. Unlike PyYAML's own nodes, these show where an alias is used."""

    def __init__(self, text: str, mark_at: MarkAt, findings: Findings):
        self.events: Iterator[yaml.Event] = iter(yaml.parse(text, Loader=_Loader))
        self.mark_at = mark_at
        self.findings = findings
        self.anchors: dict[str, tuple[ConfigPath, Mark]] = {}
        self.aliases: set[str] = set()
        self.values = 0

    def document(self, path: ConfigPath) -> Node | None:
        next(self.events)  # the stream's start
        if isinstance(next(self.events), yaml.StreamEndEvent):
            return None
        first = next(self.events)
        if isinstance(first, yaml.ScalarEvent) and not (first.value or first.style or first.tag or first.anchor):
            root = None
        else:
            root = self.node(first, path, None)
        next(self.events)  # the document's end
        after = next(self.events)
        if not isinstance(after, yaml.StreamEndEvent):
            self.findings.add(path, "a second YAML document; a config is one", self.mark(after))
        for anchored, mark in (self.anchors[name] for name in self.anchors.keys() - self.aliases):
            self.findings.add(anchored, "YAML anchors are not supported; refer to a value by ${key.path}", mark)
        return root

    def mark(self, event: yaml.Event) -> Mark:
        if event.start_mark is None:
            raise ValueError(f"the parser does not say where its {event!r} stands")
        return self.mark_at(event.start_mark.line, event.start_mark.column)

    def node(self, event: yaml.Event, path: ConfigPath, key: Mark | None) -> Node:
        """Return the node that begins with this event; all events up to its end are consumed."""
        mark = self.mark(event)
        if len(path) > MAX_DEPTH:
            message = f"nested too deeply: a config has at most {MAX_DEPTH} levels"
            raise ConfigError([Problem(path[:3], message, mark)])
        self.values += 1
        if self.values > MAX_VALUES:
            message = f"more than {MAX_VALUES:,} values; a config holds no data, but names the file that does"
            raise ConfigError([Problem(path[:3], message, mark)])
        if isinstance(event, yaml.AliasEvent):
            value: Any = self.alias(event, path, mark)
        elif isinstance(event, (yaml.ScalarEvent, yaml.CollectionStartEvent)):
            self.note_oddities(event, path, mark)
            if isinstance(event, yaml.MappingStartEvent):
                value = self.mapping(path)
            elif isinstance(event, yaml.ScalarEvent):
                value = self.scalar(event, path, mark)
            else:
                value = self.sequence(path)
        else:
            raise TypeError(f"no value begins with {event!r}")
        return Node(value, mark, key or mark)

    def alias(self, event: yaml.AliasEvent, path: ConfigPath, mark: Mark) -> Any:
        name = str(event.anchor)  # an alias always has one
        self.aliases.add(name)
        target = self.anchors.get(name, (("key", "path"), mark))[0]
        reference = ".".join(map(str, target))
        self.findings.add(path, f"YAML aliases (*{name}) are not supported; write ${{{reference}}}", mark)
        return UNKNOWN

    def note_oddities(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent, path: ConfigPath, mark: Mark) -> None:
        if event.anchor:
            self.anchors[event.anchor] = (path, mark)
        if event.tag and event.tag != "!":
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.findings.add(path, f"YAML tags ({tag}) are not supported; text is written in quotes", mark)

    def scalar(self, event: yaml.ScalarEvent, path: ConfigPath, mark: Mark) -> Any:
        if event.style or event.tag:
            return event.value
        try:
            return read_scalar(event.value)
        except ValueError as error:
            self.findings.add(path, str(error), mark)
            return UNKNOWN

    def sequence(self, path: ConfigPath) -> list[Node]:
        items: list[Node] = []
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            items.append(self.node(event, (*path, len(items)), None))
        return items

    def mapping(self, path: ConfigPath) -> dict[str, Node]:
        items: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            mark = self.mark(event)
            key = self.key(event, path)
            value = self.node(next(self.events), (*path, key or "?"), mark)
            if key is None:
                continue
            if value.value is None and (mark.text or "").rstrip().endswith(": #"):
                self.findings.add((*path, key), "empty, for # begins a YAML comment; as text it is '#'", mark)
            if key in items:
                self.findings.add((*path, key), f"given twice; first {_where(items[key].key)}", mark)
            else:
                items[key] = value
        return items

    def key(self, event: yaml.Event, path: ConfigPath) -> str | None:
        """Return the key; None, with a problem in the findings, if the event cannot be one."""
        mark = self.mark(event)
        if not isinstance(event, yaml.ScalarEvent):
            self.node(event, (*path, "?"), None)
            self.findings.add(path, "a key must be text, not a list, mapping or alias", mark)
            return None
        self.note_oddities(event, (*path, event.value), mark)
        if event.value == "<<" and not event.style:
            message = "YAML merge keys are not supported; use extends, or refer to a value by ${key.path}"
            self.findings.add((*path, "<<"), message, mark)
            return None
        if not isinstance(self.scalar(event, path, mark), str):
            self.findings.add(
                path, f"a key must be text; {event.value or 'nothing'} is not (quotes make it text)", mark
            )
            return None
        return event.value


def _where(mark: Mark) -> str:
    return f"in line {mark.line}" if mark.line else "in the same value"
