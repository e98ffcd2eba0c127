"""Values of options that are words, but not those alone."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.completion.line import Candidate, Line


def devices(line: Line) -> Iterator[Candidate]:
    """Yield what can be computed on, wherever it is; gpu:N is one GPU of several."""
    return line.fitting(("auto", "cpu", "gpu"))
