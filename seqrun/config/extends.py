"""A config file merged over the base that its `extends` names, and that over its own base, and so on."""

from __future__ import annotations

import os
from pathlib import Path

from seqrun.config.document import read_file
from seqrun.config.merge import lay_over
from seqrun.config.node import Findings, Node
from seqrun.config.paths import absolute, near_files, unusable
from seqrun.errors import ConfigError
from seqrun.machine.opener import why_not

MAX_CHAIN = 50  # files, each the base of the one before
ENDINGS = (".yaml", ".yml", ".json")  # of what is surely meant as a config


def read_chain(path: Path, source: str, findings: Findings, chain: tuple[tuple[Path, str], ...] = ()) -> Node:
    """Return the config in a file, merged with its bases; raise ConfigError if the file itself cannot be read.

    `source` is the file as the user named it. `chain` holds the files that extend this one, with their sources.
    """
    chain = (*chain, (path.resolve(), source))
    root = read_file(path, source, findings, extended_by=chain[-2][1] if len(chain) > 1 else None)
    return over_base(root, path, source, findings, chain)


def over_base(
    root: Node, path: Path, source: str, findings: Findings, chain: tuple[tuple[Path, str], ...] = ()
) -> Node:
    """Return a config merged with its bases; it stands at the `path`, where relative paths start."""
    extends = root.value.get("extends")
    root = Node({key: child for key, child in root.value.items() if key != "extends"}, root.mark, root.key)
    if extends is None:
        return root
    base = _read_base(extends, path, source, findings, chain)
    if base is None:
        findings.incomplete = True
        return root
    return lay_over(base, root, findings)


def _read_base(
    extends: Node, path: Path, source: str, findings: Findings, chain: tuple[tuple[Path, str], ...]
) -> Node | None:
    if not isinstance(extends.value, str) or not extends.value:
        findings.add(("extends",), "must be the path of another config file", extends.mark)
        return None
    named = Path(extends.value)
    base_source = os.path.normpath(Path(source).parent / named)
    if reason := unusable(path.absolute().parent / named):
        findings.add(("extends",), reason, extends.mark)
        return None
    base = absolute(named, path.absolute().parent)
    known = [resolved for resolved, _ in chain]
    if base.resolve() in known:
        circle = [name for _, name in chain[known.index(base.resolve()) :]]
        findings.add(("extends",), f"goes in a circle: {' -> '.join([*circle, base_source])}", extends.mark)
        return None
    if len(chain) >= MAX_CHAIN:
        findings.add(("extends",), f"a chain of more than {MAX_CHAIN} files, each extending the next", extends.mark)
        return None
    if reason := why_not(base):
        findings.add(("extends",), f"{base_source} {reason}", extends.mark)
        return None
    if not base.is_file():
        findings.add(("extends",), f"there is no file {base_source}{near_files(base)}", extends.mark)
        return None
    told = len(findings.problems)
    try:
        return read_chain(base, base_source, findings, chain)
    except ConfigError as error:
        if base.suffix.lower() in ENDINGS:
            findings.problems.extend(error.problems)
            return None
    # What stands in a file that is no config is nobody's business: it may be anything that this user can read.
    del findings.problems[told:]
    message = f"{base_source} is no config: it holds no YAML mapping (and does not end in {' or '.join(ENDINGS)})"
    findings.add(("extends",), message, extends.mark)
    return None
