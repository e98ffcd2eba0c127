"""The order of problems in a report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from seqrun.errors import Mark, Problem


def in_order(problems: Iterable[Problem], source: str) -> list[Problem]:
    """Return the problems by place: the config, then the files that it extends, then command-line options.

    The message of a problem in an extended file says so.
    """

    def order(problem: Problem) -> tuple[int, str, int, int]:
        mark = problem.mark or Mark(source)
        if mark.line is None:
            return (0 if mark.source == source else 2, "", 0, 0)
        return (0 if mark.source == source else 1, mark.source, mark.line, mark.column or 0)

    once = dict.fromkeys(_with_origin(problem) for problem in problems)
    return sorted(once, key=order)


def _with_origin(problem: Problem) -> Problem:
    mark = problem.mark
    if mark is None or mark.extended_by is None:
        return problem
    return replace(problem, message=f"{problem.message} (in the file that {mark.extended_by} extends)")
