"""The Python code that TensorFlow's AutoGraph generates, kept in memory.

AutoGraph writes each function that it converts to the folder for temporary files and imports it from there. With no
room there it converts nothing, and the training fails; a process that is killed leaves thousands of files.
"""

from __future__ import annotations

import linecache
import sys
from itertools import count
from types import ModuleType

_numbers = count()


def keep_in_memory() -> None:
    """Have AutoGraph load generated code from memory; TensorFlow must have been imported.

    TensorFlow offers no setting for it, so that its loader is replaced. Should another version not use that one,
    `tests/machine/test_generated_code.py` tells.
    """
    from tensorflow.python.autograph.pyct import loader

    loader.load_source = _load


def _load(source: str, delete_on_exit: bool) -> tuple[ModuleType, str]:
    """Return the code as a module, and the name of its file, of which there is none; tracebacks show its lines."""
    name = f"__autograph_generated_code_{next(_numbers)}"
    file = f"<{name}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    module = ModuleType(name)
    module.__file__ = file
    exec(compile(source, file, "exec"), module.__dict__)
    sys.modules[name] = module
    return module, file
