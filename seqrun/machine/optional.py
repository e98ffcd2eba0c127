"""Libraries that Keras imports wherever it finds them, and that a command may do without.

Keras offers wrappers for scikit-learn, pictures by matplotlib and drawings in IPython, and reads pandas' tables. These
four are a third of the time that importing TensorFlow takes. seqrun uses none of that: what it needs of these
libraries, it imports itself where it needs it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

OPTIONAL = ("IPython", "matplotlib", "pandas", "sklearn")

_left_out: tuple[str, ...] = ()


def leave_out_optional() -> None:
    """Let Keras be imported without them: the process runs a command, and nobody else's code."""
    global _left_out
    _left_out = OPTIONAL


def keep_optional() -> None:
    """Let Keras be imported whole, if it is not yet: code that is not seqrun's may use all of it."""
    global _left_out
    _left_out = ()


@contextmanager
def without_optional() -> Iterator[None]:
    """Import inside this block as if those to be left out were not installed; what is imported already stays."""
    hidden = [name for name in _left_out if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: importing it raises ImportError
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
