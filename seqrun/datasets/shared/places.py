"""Where in a file something stands, for messages: lines and rows as ranges, faults with their places."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import groupby

from seqrun.readable import listed

_NUMBERED = re.compile(r"(line|row) (\d+)")
_INDEXED = re.compile(r"(\S+)\[(\d+)\]")


def listed_faults(faults: Sequence[str]) -> str:
    """Return the lines of a message: the first faults with their reasons, then only the places of the others."""
    return listed(faults, lambda rest: places([fault.partition(": ")[0] for fault in rest]))


def places(wheres: Sequence[str]) -> str:
    """Return all places as text, numbers as ranges: "lines 12-14, 20", "x[12-14], x[20]"; file names one by one."""
    numbered = [found for where in wheres if (found := _NUMBERED.fullmatch(where))]
    if len(numbered) == len(wheres):
        unit = f"{numbered[0][1]}{'s' if len(wheres) > 1 else ''}"
        return f"{unit} {', '.join(_ranges(int(each[2]) for each in numbered))}"
    indexed = [found for where in wheres if (found := _INDEXED.fullmatch(where))]
    if len(indexed) < len(wheres):
        return ", ".join(wheres)
    arrays = groupby(indexed, lambda each: each[1])
    return ", ".join(f"{name}[{part}]" for name, found in arrays for part in _ranges(int(each[2]) for each in found))


def _ranges(numbers: Iterable[int]) -> list[str]:
    """Return numbers as text, those that follow each other as a range."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return [f"{first}-{last}" if last > first else f"{first}" for first, last in runs]
