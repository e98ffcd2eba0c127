"""CONTRIBUTING's map names every room of the house, from the ground up."""

from __future__ import annotations

import re
from pathlib import Path

import seqrun

PACKAGE = Path(seqrun.__file__).parent
TEXT = (Path(__file__).parents[1] / "CONTRIBUTING.md").read_text("utf-8")


def test_the_map_has_every_room_once():
    table = TEXT.partition("| room |")[2].partition("\n\n")[0]
    shown = [name for row in table.splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
    rooms = {f"{path.name}/" for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    files = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}
    assert sorted(shown) == sorted(rooms | files)


def test_what_is_named_is_there():
    names = set(re.findall(r"`((?:seqrun|tests|configs|datasets|architectures)/[a-z_/.]*)`", TEXT))  # NAME is yours
    assert len(names) > 10
    missing = [name for name in names if not ((PACKAGE.parent / name).exists() or (PACKAGE / name).exists())]
    assert not missing
