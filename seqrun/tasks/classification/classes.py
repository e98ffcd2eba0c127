"""The classes that a config names."""

from __future__ import annotations

from seqrun.spelling import suggest


def unknown_class(name: str, classes: tuple[str, ...]) -> str | None:
    """Return a message if `name` is none of the classes, with the nearest one that is; else None."""
    if name in classes:
        return None
    return f"unknown class {name!r}{suggest(name, classes)}; there are {', '.join(classes)}"
