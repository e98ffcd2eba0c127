"""JSON files of a run directory, read with bounds to their size and depth and checked against a shape."""

from __future__ import annotations

import errno
import json
from pathlib import Path
from typing import Any, NoReturn

from seqrun.errors import UsageError
from seqrun.machine.opener import CannotOpenError, read_bytes
from seqrun.rundir.shapes import Shape

LARGEST = 64_000_000  # bytes
EXCERPT = 160  # characters of what is wrong
DEEPEST = 100  # objects and lists in one another: what walks through them calls itself for each


def read_json(path: str | Path, shape: Shape, *, nan: bool = False) -> Any:
    """Return what a JSON file of this shape holds; `nan`: it may hold NaN and Infinity, as Python writes them.

    Raises UsageError, naming the file and what is wrong with it, for any other, and OSError if it cannot be opened.
    """
    return parsed(read_bounded(path, LARGEST), path, shape, nan=nan)


def parsed(content: bytes, path: str | Path, shape: Shape, *, nan: bool = False) -> Any:
    """Return the value that a JSON file's content stands for; UsageError, naming the file, for another shape."""
    try:
        text = content.decode("utf-8")
        value = (_LENIENT if nan else STRICT).decode(text)
        check_form(text, value)
        shape(value)
    except (ValueError, RecursionError) as error:
        raise damaged(path, error) from None
    return value


def check_form(text: str, value: Any, above: int = 0) -> None:
    """Raise ValueError or RecursionError for the value of JSON that could not be printed or walked through.

    `above` is in how many objects it stands.
    """
    if text.count("{") + text.count("[") > DEEPEST - above:
        _check_depth(value, DEEPEST - above)
    if "\\u" in text and ("\\ud" in text or "\\uD" in text):
        json.dumps(value, ensure_ascii=False).encode()  # half a character could not be printed


def read_bounded(path: str | Path, largest: int) -> bytes:
    """Return the content of a file; UsageError, naming it, if it is larger than `largest` bytes."""
    try:
        return read_bytes(path, largest)
    except CannotOpenError as error:
        if error.errno == errno.EFBIG:
            raise UsageError(f"{path}: {error}") from None
        raise


def damaged(path: str | Path, error: Exception) -> UsageError:
    """Return the error of a file whose content is not what it should be."""
    if isinstance(error, RecursionError):
        reason = f"it is nested more than {DEEPEST} deep"
    elif isinstance(error, UnicodeError):
        reason = f"it is no UTF-8 text: {error.reason if hasattr(error, 'reason') else error}"
    else:
        reason = str(error)
        reason = reason if len(reason) <= EXCERPT else f"{reason[:EXCERPT]}..."  # it may quote a cell of any size
    return UsageError(f"{path}: damaged: {reason}")


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"it holds {word}, which JSON does not know")


# Made once: that takes as long as to read a small file.
STRICT, _LENIENT = json.JSONDecoder(parse_constant=_no_number), json.JSONDecoder()


def _check_depth(value: Any, deepest: int) -> None:
    """Raise RecursionError if the value is nested deeper than that."""
    level = [value]
    for _ in range(deepest):
        level = [item for each in level for item in (each.values() if type(each) is dict else each)]
        level = [item for item in level if type(item) is dict or type(item) is list]
        if not level:
            return
    raise RecursionError
