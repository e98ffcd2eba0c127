"""Names of components and kinds of them, for `seqrun list` and `seqrun data`."""

from __future__ import annotations

from collections.abc import Iterator

from seqrun.completion.line import Candidate, Line


def kinds(line: Line) -> Iterator[Candidate]:
    """Yield the kinds of components."""
    from seqrun.registry import REGISTRIES

    return line.fitting(f"{kind}s" for kind in REGISTRIES)


def of_the_kind(line: Line) -> Iterator[Candidate]:
    """Yield the names of the components of the kind that stands on the line."""
    from seqrun.config.plugins import installed_registries

    for kind, registry in installed_registries().items():
        if f"{kind}s" in line.words:
            yield from line.fitting(registry.names())


def datasets(line: Line) -> Iterator[Candidate]:
    """Yield the names of the datasets."""
    return _of("dataset", line)


def loggers(line: Line) -> Iterator[Candidate]:
    """Yield the names of the loggers."""
    return _of("logger", line)


def _of(kind: str, line: Line) -> Iterator[Candidate]:
    from seqrun.config.plugins import installed_registries

    return line.fitting(installed_registries()[kind].names())
