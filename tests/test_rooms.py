"""Every import goes down: each room of the house stands on those before it, and no files import each other in a circle.

Imports inside functions and under TYPE_CHECKING count like any other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import seqrun

PACKAGE = Path(seqrun.__file__).parent
GROUND = ("errors", "spelling", "readable", "metrics")
ROOMS = (  # from the ground up
    "ground",
    "machine",
    "rundir",
    "events",
    "components",
    "registry",
    "datasets",
    "architectures",
    "training",
    "loggers",
    "config",
    "running",
    "inference",
    "tasks",
    "comparing",
    "sweep",
    "export",
    "completion",
    "console",
    "serving",
    "api",
    "cli",
)
DOORS = ("__init__", "__main__")  # of the package: what it shows, and `python -m seqrun`


def modules() -> dict[str, Path]:
    """Dotted name below `seqrun` -> file; a package is named by its folder."""
    files = {path.relative_to(PACKAGE).with_suffix(""): path for path in sorted(PACKAGE.rglob("*.py"))}
    return {".".join(name.parts).removesuffix(".__init__"): path for name, path in files.items()}


MODULES = modules()


@cache
def imported(path: Path) -> list[tuple[str, int]]:
    """The modules of seqrun that a file imports, each with its line."""
    return [*imports(path)]


def imports(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}:{node.lineno}: a relative import, which this test does not follow"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            if name.split(".")[0] == "seqrun":
                inside = name.partition(".")[2]
                yield inside if inside in MODULES else inside.rpartition(".")[0], node.lineno


def room(module: str) -> str:
    name = module.partition(".")[0]
    return "ground" if name in GROUND else name


FILES = [name for name in MODULES if name not in DOORS]


def test_every_file_is_in_a_room_that_the_house_knows():
    assert [name for name in FILES if room(name) not in ROOMS] == []


def test_every_import_goes_down():
    up = [
        f"seqrun/{name.replace('.', '/')}.py:{line} imports {target}, which is above it"
        for name in FILES
        for target, line in imported(MODULES[name])
        if target and target not in DOORS  # the version
        if ROOMS.index(room(target)) > ROOMS.index(room(name))
    ]
    assert up == []


def test_no_files_import_each_other_in_a_circle():
    graph = {name: {target for target, _ in imported(MODULES[name])} for name in FILES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")
