"""A config file to one tree of values: first `extends`, then `--set`, then `${...}` references."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from seqrun.config.extends import read_chain
from seqrun.config.node import Findings, Node
from seqrun.config.overrides import Override, is_text, option_mark, override, read_overrides
from seqrun.config.references import resolve_references

DEFAULT_SEED = 42


def resolve(path: Path, settings: Sequence[str], options: Mapping[str, Any], findings: Findings) -> Node:
    """Return the config in a file with `--set` and options applied; `options` maps a top-level key to its value or
    None.

    Raises ConfigError if the file cannot be read; all other problems are added to the findings.
    """
    root = read_chain(path, str(path), findings)
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
    stem = os.fsencode(path.stem).decode(errors="replace")  # a file's name may be no UTF-8
    defaults = {"name": stem, "seed": DEFAULT_SEED}
    filled = {key: Node(value, root.mark, root.mark) for key, value in defaults.items()}
    return resolve_references(Node({**filled, **root.value}, root.mark, root.key), findings)
