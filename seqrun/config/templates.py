"""Where the configs that come with seqrun are: those to fill in, and those to run as they are."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def templates() -> dict[str, Path]:
    """Return the file of every config to start from, by name: the starters, then the shipped configs."""
    folders = (_PACKAGE / "config" / "starters", _shipped())
    return {path.stem: path for folder in folders for path in sorted(folder.glob("*.yaml"))}


def _shipped() -> Path:
    """Return the folder of shipped configs: inside the package if installed from a wheel, beside it in a checkout."""
    inside = _PACKAGE / "configs"
    return inside if inside.is_dir() else _PACKAGE.parent / "configs"
