"""A config file to one tree of values: first `extends`, then `--set`, then `${...}` references."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqrun.config.extends import over_base, read_chain
from seqrun.config.given import SOURCE, Given, read_mapping
from seqrun.config.node import Findings, Node, find
from seqrun.config.overrides import Override, is_text, option_mark, override, read_overrides
from seqrun.config.references import resolve_references

DEFAULT_SEED = 42


def resolve(
    config: Path | Mapping[str, Any],
    settings: Sequence[str | Given],
    options: Mapping[str, Any],
    findings: Findings,
) -> Node:
    """Return the config in a file, or in a mapping, with `--set` and options applied.

    `options` maps a top-level key to its value or None. Raises ConfigError if the file cannot be read; all other
    problems are added to the findings.
    """
    if isinstance(config, Path):
        root = read_chain(config, str(config), findings)
    else:
        root = over_base(read_mapping(config, findings), Path(SOURCE), SOURCE, findings)
    changes = read_overrides(settings, findings)
    for key, value in options.items():
        if value is not None:
            mark = option_mark(f"--{key} {value}")
            if not is_text(str(value)):
                findings.add((key,), "is not UTF-8 text", mark)
                continue
            changes.append(Override((key,), Node(value, mark, mark), mark))
    root = override(root, changes, findings)
    # Filled in here, not at validation, so that ${name} and ${seed} can refer to them.
    defaults = {"name": _default_name(config, root), "seed": DEFAULT_SEED}
    filled = {key: Node(value, root.mark, root.mark) for key, value in defaults.items()}
    return resolve_references(Node({**filled, **root.value}, root.mark, root.key), findings)


def _default_name(config: Path | Mapping[str, Any], root: Node) -> str:
    """Return the name of the config's file; without one, those of its dataset and its architecture (imdb_lstm)."""
    if isinstance(config, Path):
        return os.fsencode(config.stem).decode(errors="replace")  # a file's name may be no UTF-8
    named = (find(root, (section, "name")) for section in ("dataset", "architecture"))
    return "_".join(node.value for node in named if node is not None and isinstance(node.value, str)) or SOURCE
