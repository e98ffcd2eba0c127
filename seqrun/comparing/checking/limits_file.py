"""A YAML file of limits: `test.auc: {at_least: 0.9}`, `loss: 5%`, or a section for each split."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from seqrun.comparing.checking.limits import KINDS, TOLERANCES, Kind, Limit, figure_name, tolerance
from seqrun.comparing.values import SPLITS
from seqrun.config.document import read_file
from seqrun.config.node import UNKNOWN, Findings, Node
from seqrun.errors import ConfigError, ConfigPath
from seqrun.spelling import suggest

TWO_SIDED = "two_sided"
EXAMPLE = "auc: 0.01, test.loss: 5%, accuracy: {at_least: 0.9}, seconds: {at_most: 60}"


def read_limits(path: Path, *, two_sided: bool) -> list[Limit]:
    """Return the limits in a file, in its order; `two_sided` holds for those that do not say it themselves.

    A key is a figure (`auc`, `validation.auc`, `seconds`), or a split with figures below it. A value is a number (how
    much worse), a share (5%), or a mapping of `absolute`, `relative`, `at_least`, `at_most` and `two_sided`; all that
    is given must hold. Raises ConfigError with all that is wrong, and where.
    """
    findings = Findings()
    root = read_file(path, str(path), findings, what=f"a file of limits is a mapping ({EXAMPLE})")
    found = list(_limits(root, (), two_sided, findings))
    if not found and not findings.problems:
        findings.add((), f"it says nothing; limits are such as {EXAMPLE}", root.mark)
    if findings.problems:
        raise ConfigError(findings.problems)
    return found


def _limits(root: Node, above: ConfigPath, two_sided: bool, findings: Findings) -> Iterator[Limit]:
    for key, node in root.value.items():
        path = (*above, key)
        if not above and key in SPLITS and isinstance(node.value, dict):
            yield from _limits(node, path, two_sided, findings)
        elif isinstance(node.value, dict):
            yield from _of_mapping(node, path, two_sided, findings)
        else:
            yield from _tolerance(node, path, None, two_sided, findings)


def _of_mapping(node: Node, path: ConfigPath, two_sided: bool, findings: Findings) -> Iterator[Limit]:
    """Yield the limits of one figure, one for each kind that is given."""
    known = (*KINDS, TWO_SIDED)
    for key, item in node.value.items():
        if key not in known:
            told = f"unknown key{suggest(key, known)}; a figure's limits are {', '.join(known)}"
            findings.add((*path, key), told, item.key)
    both = node.value.get(TWO_SIDED)
    if both is not None and not isinstance(both.value, bool):
        findings.add((*path, TWO_SIDED), "must be true or false", both.mark)
    elif both is not None:
        two_sided = both.value
    kinds = [kind for kind in KINDS if kind in node.value]
    if not kinds:
        findings.add(path, f"says no limit: one of {', '.join(KINDS)}", node.key)
    for kind in kinds:
        yield from _of_kind(node.value[kind], path, kind, two_sided, findings)


def _of_kind(node: Node, path: ConfigPath, kind: Kind, two_sided: bool, findings: Findings) -> Iterator[Limit]:
    if kind in TOLERANCES:
        yield from _tolerance(node, path, kind, two_sided, findings)
    elif _is_number(node.value):
        yield Limit(_figure(path), kind, float(node.value), False, str(node.mark))
    elif node.value is not UNKNOWN:
        findings.add((*path, kind), f"must be a number, not {_shown(node)}", node.mark)


def _tolerance(
    node: Node, path: ConfigPath, wanted: Kind | None, two_sided: bool, findings: Findings
) -> Iterator[Limit]:
    """Yield the limit that a number or a share says; a plain number is a share where `wanted` says so."""
    if node.value is UNKNOWN:
        return
    place = path if wanted is None else (*path, wanted)
    if not _is_number(node.value) and not isinstance(node.value, str):
        findings.add(place, f"must be a number, or a share such as 5%, not {_shown(node)}", node.mark)
        return
    try:
        kind, amount = tolerance(node.value)
    except ValueError as error:
        findings.add(place, str(error), node.mark)
        return
    if wanted == "absolute" and kind == "relative":
        findings.add(place, f"is a number, and {node.value} a share: relative: {node.value}", node.mark)
        return
    yield Limit(_figure(path), wanted or kind, amount, two_sided, str(node.mark))


def _figure(path: ConfigPath) -> str:
    return figure_name(".".join(map(str, path)))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _shown(node: Node) -> str:
    return {dict: "a mapping", list: "a list", type(None): "nothing"}.get(type(node.value), str(node.value))
