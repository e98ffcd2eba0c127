"""The classes that a config names."""

from __future__ import annotations

from seqrun.spelling import suggest


def unknown_class(name: str, classes: tuple[str, ...]) -> str | None:
    """What is wrong with a class of that name; None if there is one."""
    if name in classes:
        return None
    return f"unknown class {name!r}{suggest(name, classes)}; there are {', '.join(classes)}"
