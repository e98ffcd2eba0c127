"""Values of options that are a few words."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.completion.line import Candidate, Line


def devices(line: Line) -> Iterator[Candidate]:
    """Yield what can be computed on, wherever it is; gpu:N is one GPU of several."""
    return line.fitting(("auto", "cpu", "gpu"))


def changeable(line: Line) -> Iterator[Candidate]:
    """Yield the settings that can be changed in a run that is gone on with."""
    from seqrun.running.settings import CHANGEABLE

    return line.fitting(f"{key}=" for key in CHANGEABLE)
