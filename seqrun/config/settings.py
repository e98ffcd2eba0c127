"""From nodes to a pydantic model: every problem is reported, as much as possible kept for the later checks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from seqrun.config.messages import Mistake, all_mistakes, show
from seqrun.config.node import UNKNOWN, Findings, Node, find, forget, place, plain
from seqrun.config.paths import absolute, unusable
from seqrun.errors import ConfigPath

Model = TypeVar("Model", bound=BaseModel)
LARGEST = 2**63 - 1


class CannotTellError(Exception):
    """A check asked for a value that is not known, because the value's own problem is reported already."""


class Unreadable:
    """Stands in for settings that are not valid: it has the class variables of their class, but no values."""

    def __init__(self, model: type[BaseModel] | None = None):
        self._model = model

    def __getattr__(self, name: str) -> Any:
        if self._model is not None and name in self._model.__class_vars__:
            return getattr(self._model, name)
        raise CannotTellError(name)


def read_settings(
    model: type[Model], node: Node, path: ConfigPath, findings: Findings
) -> tuple[Model | Unreadable, list[ConfigPath]]:
    """Return the model of the settings at `path`, and the paths where it differs from what the user wrote.

    Mistakes are added to the findings. Defaults then stand in for the wrong values; if a required value is wrong,
    Unreadable stands in for the whole model.
    """
    data = plain(node)
    try:
        read = _read(model, data)
    except ValidationError as error:
        found = all_mistakes(error, model, data)
    else:
        found = [*_unusable_paths(read, node), *_too_large(data, ())]
        if not found:
            return _made_absolute(read, node), _unknown_paths(node, path)
    _note_keys(found, path, findings)
    rest = node
    for each in found:
        if not _already_reported(each, node, path, findings):
            add = findings.add_missing if each.kind == "missing" else findings.add
            add((*path, *each.path), each.message, _mark(node, each))
        rest = forget(rest, each.path)
    if rest.value is not UNKNOWN:
        try:
            return _made_absolute(_read(model, plain(rest)), rest), _unknown_paths(rest, path)
        except ValidationError:
            pass  # a required value was left out above, where it was reported
    return Unreadable(model), [path]


def report_mistakes(model: type[BaseModel], node: Node, path: ConfigPath, findings: Findings) -> None:
    """Add what would be wrong in settings if they were this model's; used where their name is wrong or missing.

    A missing key is not reported: without the right name it is not known which keys are required.
    """
    data = plain(node)
    try:
        model.model_validate_json(json.dumps(data), strict=True)
    except ValidationError as error:
        found = all_mistakes(error, model, data)
        _note_keys(found, path, findings)
        for each in found:
            if each.kind != "missing":
                findings.add((*path, *each.path), each.message, _mark(node, each))


def _note_keys(found: list[Mistake], path: ConfigPath, findings: Findings) -> None:
    """Note the unknown keys, and those that were meant."""
    findings.meant.update((*path, *each.meant) for each in found if each.meant)
    unknown = (each for each in found if each.kind == "unknown")
    findings.unknown.update({(*path, *each.path): each.meant and (*path, *each.meant) for each in unknown})


def _read(model: type[Model], data: Any) -> Model:
    # In JSON mode, pydantic's strict still allows dates, paths and tuples to be written as text and lists, but takes
    # neither text nor true for a number.
    return model.model_validate_json(json.dumps(data), strict=True)


def _already_reported(mistake: Mistake, node: Node, path: ConfigPath, findings: Findings) -> bool:
    """Return whether a key is missing only because of another problem, which is reported already."""
    if mistake.kind != "missing":
        return False
    there = find(node, mistake.path)
    unknown = there is not None and there.value is UNKNOWN
    return unknown or findings.incomplete or (*path, *mistake.path) in findings.meant


def _mark(node: Node, mistake: Mistake) -> Any:
    there = find(node, mistake.path)
    return there.key if there is not None and mistake.kind == "unknown" else place(node, mistake.path)


def _unknown_paths(node: Node, path: ConfigPath) -> list[ConfigPath]:
    if node.value is UNKNOWN:
        return [path]
    if isinstance(node.value, dict):
        return [found for key, child in node.value.items() for found in _unknown_paths(child, (*path, key))]
    return []


def _made_absolute(model: Model, node: Node) -> Model:
    """Return the model with every relative Path in it made absolute, from the directory of the file that wrote it."""

    def made_absolute(path: Path, where: ConfigPath) -> Path:
        return absolute(path, _directory(node, where))

    return _with_paths(model, (), made_absolute)


def _unusable_paths(model: BaseModel, node: Node) -> list[Mistake]:
    """Return the mistake of each Path in a model that no file can have."""
    found: list[Mistake] = []

    def note(path: Path, where: ConfigPath) -> Path:
        if reason := unusable(_directory(node, where) / path):
            found.append(Mistake(where, reason, "value"))
        return path

    _with_paths(model, (), note)
    return found


def _too_large(data: Any, path: ConfigPath) -> Iterator[Mistake]:
    """Yield the mistake of each whole number that neither numpy nor TensorFlow could hold."""
    if isinstance(data, int) and abs(data) > LARGEST:
        yield Mistake(path, f"must be at most {LARGEST} (2**63 - 1), not {show(data)}", "value")
    elif isinstance(data, (dict, list)):
        for key, item in data.items() if isinstance(data, dict) else enumerate(data):
            yield from _too_large(item, (*path, key))


def _directory(node: Node, path: ConfigPath) -> Path:
    return place(node, path).directory or Path.cwd()


def _with_paths(value: Any, path: ConfigPath, change: Callable[[Path, ConfigPath], Path]) -> Any:
    """Return the value with every Path in it changed by a function, which is told where it stands."""
    if isinstance(value, Path):
        return change(value, path)
    if isinstance(value, BaseModel):
        names = type(value).model_fields
        changed = {name: _with_paths(getattr(value, name), (*path, name), change) for name in names}
        changed = {name: new for name, new in changed.items() if new is not getattr(value, name)}
        return value.model_copy(update=changed) if changed else value
    if isinstance(value, (list, tuple)):
        items = [_with_paths(item, (*path, number), change) for number, item in enumerate(value)]
        unchanged = all(new is old for new, old in zip(items, value, strict=True))
        return value if unchanged else type(value)(items)
    if isinstance(value, dict):
        entries = {key: _with_paths(item, (*path, key), change) for key, item in value.items()}
        return value if all(entries[key] is value[key] for key in value) else entries
    return value
