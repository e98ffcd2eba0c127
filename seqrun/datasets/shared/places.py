"""Where in a file something stands, for messages: lines and rows as ranges, faults with their places."""

from __future__ import annotations

import re
from collections.abc import Sequence

from seqrun.readable import listed

_NUMBERED = re.compile(r"(line|row) (\d+)")


def listed_faults(faults: Sequence[str]) -> str:
    """Return the lines of a message: the first faults with their reasons, then only the places of the others."""
    return listed(faults, lambda rest: places([fault.partition(": ")[0] for fault in rest]))


def places(wheres: Sequence[str]) -> str:
    """Return all places as text, numbers as ranges: "lines 12-14, 20"; file names one by one."""
    numbered = [found for where in wheres if (found := _NUMBERED.fullmatch(where))]
    if len(numbered) < len(wheres):
        return ", ".join(wheres)
    runs: list[list[int]] = []
    for number in (int(each[2]) for each in numbered):
        if runs and number == runs[-1][1] + 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    ranges = ", ".join(f"{first}-{last}" if last > first else f"{first}" for first, last in runs)
    return f"{numbered[0][1]}{'s' if len(wheres) > 1 else ''} {ranges}"
