"""Which of several runs of one command a run is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Repeat:
    """One of the runs that `--repeats` asked for, which differ in their seeds alone."""

    group: str  # the same of all of them, and of no other run
    number: int  # from 1
    count: int
