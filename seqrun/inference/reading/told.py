"""How messages name the settings of a file that would help, and the same in other words."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


def reworded(message: str, names: Iterable[str], write: Callable[[str, str], str]) -> str:
    """Return a message in which settings with a value, as dataset.decimal: ',', are written by `write(name, value)`."""
    value = r"(\[[^]]*\]|'[^']*'|\"[^\"]*\"|[^\s;,:()]+)"
    return re.sub(
        rf"(?:dataset\.({'|'.join(names)})|(bad_rows)): {value}",
        lambda found: write(found[1] or found[2], found[3]),
        message,
    )
