"""The experiment that a run recorded. It can be read without any of the files that it names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from seqrun.components.base import Experiment
from seqrun.config.borrowed import borrowed_values
from seqrun.config.experiment import read_sections
from seqrun.config.node import Findings, Node, plain
from seqrun.config.plugins import installed_registries, with_plugins
from seqrun.config.references import with_environment
from seqrun.errors import ConfigError, Mark, UsageError
from seqrun.rundir.reading import RunRecord
from seqrun.rundir.shapes import Misshapen, anything, count, fields, listing, mapping, optional, text

PLUGINS = "plugins"  # the folder of a run that holds copies of its plugins


def recorded_experiment(
    config: Mapping[str, Any], source: str, plugins: Sequence[Path], borrowed: Sequence[Sequence[str | int]] = ()
) -> Experiment:
    """Return the experiment of `run.json`'s resolved config, with components from these plugin files, which are
    executed.

    The config was checked as a whole when it ran, so only its sections are read again. `borrowed` are the paths of what
    is recorded as a reference to environment variables, which must be set again. Raises ConfigError, naming `source`,
    if one is not, or if this version of seqrun does not understand the config, and UsageError if it is damaged.
    """
    try:
        _HEADER(config)
    except Misshapen as error:
        raise UsageError(f"{source}: damaged: {error.below('config')}") from None
    findings = Findings()
    root = with_environment(_node(config, Mark(source)), [tuple(path) for path in borrowed], findings)
    known = with_plugins(installed_registries(), plugins, root, findings)
    sections, _ = read_sections(root, known, findings)
    if findings.problems:
        raise ConfigError(findings.problems)
    values = plain(root)
    experiment = Experiment(
        config["name"],
        config["seed"],
        **sections,
        tags=tuple(values["tags"]),
        notes=values["notes"],
        plugins=tuple(plugins),
        sweep=values.get("sweep", {}),
    )
    if not borrowed:
        return experiment
    return replace(experiment, borrowed=borrowed_values(root, experiment.values(), findings), private=True)


def own_plugins(run: RunRecord, *, allowed: bool) -> list[Path]:
    """Return the run's copies of its plugins, looked for where the run is now; UsageError if they are not allowed."""
    recorded = map(Path, run.record["config"].get("plugins", ()))
    copies = [run.path / PLUGINS / _below(PLUGINS, path) for path in recorded]
    if copies and not allowed:
        raise UsageError(
            f"{run.path} was trained with plugins, which are code that would be run: "
            f"{', '.join(map(str, copies))}; look at them, then allow it with --allow-plugins"
        )
    return copies


def _below(folder: str, path: Path) -> Path:
    """Return the part of the path below the last folder of that name: two plugins of one name lie in two folders."""
    parts = path.parts
    last = max((number for number, part in enumerate(parts[:-1]) if part == folder), default=len(parts) - 2)
    return Path(*parts[last + 1 :])


# Beside the sections, of which read_sections tells; `run.json` of an older run may lack these.
_HEADER = fields(
    {"name": text, "seed": count, "tags": listing(text), "notes": optional(text)},
    {"plugins": listing(text), "sweep": mapping(anything), "loggers": listing(mapping(anything))},
)


def _node(value: Any, mark: Mark) -> Node:
    if isinstance(value, Mapping):
        value = {key: _node(item, mark) for key, item in value.items()}
    elif isinstance(value, list):
        value = [_node(item, mark) for item in value]
    return Node(value, mark, mark)
