"""The configs that come with seqrun: those to run as they are, and those to fill in."""

from __future__ import annotations

import re
from pathlib import Path

from seqrun.config.extends import read_chain
from seqrun.config.node import Findings, plain
from seqrun.config.scalars import write_yaml

_PACKAGE = Path(__file__).resolve().parents[1]


def templates() -> dict[str, Path]:
    """Name -> file of every config to start from: the starters, then the shipped ones."""
    folders = (_PACKAGE / "config" / "starters", _shipped())
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def _shipped() -> Path:
    """The folder of shipped configs: inside the package if it was installed from a wheel, beside it in a checkout."""
    inside = _PACKAGE / "configs"
    return inside if inside.is_dir() else _PACKAGE.parent / "configs"


def purpose(config: Path) -> str:
    """What a config is for, in the words of its opening comment."""
    first, *more = _opening_comment(config.read_text(encoding="utf-8"))
    return next((line for line in more if line), first.partition("      ")[2].strip())


def standalone(config: Path, file_name: str) -> str:
    """A config's text for a file elsewhere: what it extends is written out, and its comments name that file."""
    text = config.read_text(encoding="utf-8")
    comment = _opening_comment(text)
    if any(line.startswith("extends:") for line in text.splitlines()):
        text = "".join(f"# {line}".rstrip() + "\n" for line in comment)
        text += write_yaml(plain(read_chain(config, str(config), Findings())))
    command = rf"(seqrun \w+) (configs/)?{re.escape(config.name)}\b"
    return re.sub(command, lambda found: f"{found[1]} {file_name}", text)


def _opening_comment(text: str) -> list[str]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return lines or [""]
