"""From a config file to an Experiment: resolved, valid and unchangeable."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from seqrun.components.base import SECTIONS, Experiment
from seqrun.components.borrowed import with_references
from seqrun.config.borrowed import borrowed_values, uses_environment
from seqrun.config.checks import combination_problems
from seqrun.config.elsewhere import tell_places
from seqrun.config.given import SOURCE, Given
from seqrun.config.looking import Data, data_problems
from seqrun.config.node import MOST_PROBLEMS, Findings, Node, place
from seqrun.config.overrides import option_mark
from seqrun.config.plugins import installed_registries, with_plugins
from seqrun.config.problems import in_order
from seqrun.config.references import escape_references
from seqrun.config.resolve import DEFAULT_SEED, resolve
from seqrun.config.room import memory_problems
from seqrun.config.scalars import write_yaml
from seqrun.config.sections import read_loggers, read_section
from seqrun.config.settings import read_settings
from seqrun.errors import ConfigError, ConfigPath, MissingData
from seqrun.registry import Registry
from seqrun.spelling import nearest

_MAX_NAME_BYTES = 150


def check_name(name: str) -> str:
    """Return the name if it can be part of a run directory's name; raise ValueError if not."""
    if not name or name != name.strip() or name[0] in ".-" or name[-1] == ".":
        raise ValueError(
            f"{name!r} cannot name a directory: it must not be empty, nor begin with . or -, nor end with ."
        )
    if not name.isprintable() or any(character in '/\\<>:"|?*' for character in name):
        raise ValueError(f'{name!r} cannot name a directory: it must not contain / \\ < > : " | ? * or line breaks')
    if len(name.encode()) > _MAX_NAME_BYTES:
        raise ValueError(f"is longer than {_MAX_NAME_BYTES} bytes; a run directory is named by it")
    return name


class Header(BaseModel):
    """The top level of a config, its three sections unread.

    Every field has a default, so that the others are known when one is wrong.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, AfterValidator(check_name)] = Field("", description="of the run; by default, the file's name")
    seed: int = Field(DEFAULT_SEED, ge=0, le=2**32 - 1, description="of weights, dropout and shuffling")
    dataset: Any = Field(None, description="the data to learn from")
    architecture: Any = Field(None, description="the network")
    trainer: Any = Field(None, description="how it is trained and measured")
    tags: list[str] = Field([], description="labels of the run")
    notes: str = Field("", description="anything worth remembering")
    plugins: list[Path] = Field([], description="Python files with components of your own")
    sweep: dict[str, Any] = Field({}, description="what to vary, and how, when the config is swept")
    loggers: list[Any] = Field([], description="tools that are told of epochs and results, such as tensorboard")
    extends: str | None = Field(None, description="another config, which this one changes")


def to_yaml(experiment: Experiment) -> str:
    """Return the text of a config file that loads to an equal experiment; it refers to the environment as that did."""
    escaped = escape_references(experiment.values())
    return write_yaml(with_references(escaped, experiment.borrowed, lambda borrowed: borrowed.text))


def load_experiment(
    config: str | os.PathLike[str] | Mapping[str, Any],
    overrides: Sequence[str | Given] = (),
    *,
    name: str | None = None,
    seed: int | None = None,
    loggers: Sequence[str] = (),
    data: Data = "not asked",
    registries: Mapping[str, Registry] | None = None,
) -> Experiment:
    """Return the experiment that a config file, or a mapping, describes; raise ConfigError with all its problems.

    `overrides` are the arguments of `--set`, or the same as Python's values; `name` and `seed` are the values of those
    options, `loggers` names that `--log` adds. `registries` holds the components that a config can name, one registry
    for each kind: by default those shipped and installed. `data` says whether the dataset's files are looked at, and
    whether they must be there.
    """
    findings = Findings()
    config = config if isinstance(config, Mapping) else Path(config)
    try:
        experiment = _load(config, overrides, {"name": name, "seed": seed}, loggers, data, registries, findings)
    except ConfigError as error:
        source = str(config) if isinstance(config, Path) else SOURCE
        raise ConfigError(in_order(error.problems, source)) from None
    return experiment


def _load(
    config: Path | Mapping[str, Any],
    overrides: Sequence[str | Given],
    options: Mapping[str, Any],
    loggers: Sequence[str],
    data: Data,
    registries: Mapping[str, Registry] | None,
    findings: Findings,
) -> Experiment:
    root = _with_loggers(resolve(config, overrides, options, findings), loggers)
    header, doubtful = read_settings(Header, root, (), findings)
    if any(each[:1] == ("plugins",) for each in doubtful):
        findings.incomplete = True
    known = with_plugins(registries or installed_registries(), header.plugins, root, findings)
    root = _with_meant_sections(root)
    sections, doubtful_below = read_sections(root, known, findings)
    tags, plugins = tuple(header.tags), tuple(header.plugins)
    experiment = Experiment(
        header.name, header.seed, **sections, tags=tags, notes=header.notes, plugins=plugins, sweep=header.sweep
    )
    _check(experiment, data, root, findings, [*doubtful, *doubtful_below])
    if not findings.problems and (private := uses_environment(root)):
        borrowed = borrowed_values(root, experiment.values(), findings)
        experiment = replace(experiment, borrowed=borrowed, private=private)
    if findings.problems:
        tell_places(findings, Header, root, known)
        raise ConfigError(findings.problems)
    return experiment


def _with_loggers(root: Node, names: Sequence[str]) -> Node:
    """Return the config with the loggers that `--log` names beside its own."""
    given = root.value.get("loggers", Node([], root.mark, root.mark))
    if not isinstance(given.value, list):
        return root
    of_config = {_name_of(item) for item in given.value}
    marks = {name: option_mark(f"--log {name}") for name in names if name not in of_config}
    added = [Node(name, mark, mark) for name, mark in marks.items()]
    loggers = Node([*given.value, *added], given.mark, given.key)
    return Node({**root.value, "loggers": loggers}, root.mark, root.key) if added else root


def _name_of(item: Node) -> Any:
    """Return the name that a component is given by: alone, or in a mapping."""
    named = item.value.get("name") if isinstance(item.value, dict) else item
    return named.value if named is not None else None


def _with_meant_sections(root: Node) -> Node:
    """Return the config with a misspelt section under its right name, so that what is wrong in it is told as well."""
    items = dict(root.value)
    for key in (each for each in root.value if each not in Header.model_fields):
        meant = nearest(key, Header.model_fields)
        if meant in SECTIONS and meant not in items:
            items[meant] = items[key]
    return Node(items, root.mark, root.key)


def read_sections(
    root: Node, known: Mapping[str, Registry], findings: Findings
) -> tuple[dict[str, Any], list[ConfigPath]]:
    """Return the component of each section and the loggers, and the paths where they differ from what the user wrote.

    Unreadable stands in for a section that is not valid. What is wrong is added to the findings.
    """
    sections: dict[str, Any] = {}
    doubtful: list[ConfigPath] = []
    for section in SECTIONS:
        purpose = Header.model_fields[section].description or ""
        sections[section], unknown = read_section(section, purpose, root, known[section], findings)
        doubtful += unknown
    loggers, unknown = read_loggers(root.value.get("loggers"), known["logger"], findings)
    return {**sections, "loggers": tuple(loggers)}, [*doubtful, *unknown]


def _check(experiment: Experiment, data: Data, root: Node, findings: Findings, doubtful: list[ConfigPath]) -> None:
    """Add what cannot work together or with the data, except problems of values that only stand in for invalid ones.

    What the data hold against a value of which something is told already is left out, and files that are not there,
    such as word vectors, if nothing is asked of data.
    """
    problems = [*islice(combination_problems(experiment), MOST_PROBLEMS)]
    if data == "not asked":
        problems = [problem for problem in problems if not isinstance(problem, MissingData)]
    else:  # else the run may be for another machine
        problems += memory_problems(experiment)
    told = {problem.path for problem in problems}
    problems += [each for each in islice(data_problems(experiment, data), MOST_PROBLEMS) if each.path not in told]
    for problem in problems:
        if not any(problem.path[: len(path)] == path for path in doubtful):
            findings.problems.append(replace(problem, mark=problem.mark or place(root, problem.path)))
