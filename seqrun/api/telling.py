"""What leaves a call as an error or a warning: nothing in it is a value that the environment has lent to a config."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import wraps
from typing import ParamSpec, TypeVar

from seqrun.errors import ConfigError, Problem
from seqrun.machine.withheld import masked

P = ParamSpec("P")
R = TypeVar("R")
PACKAGE = __name__.partition(".")[0]


def withholding(call: Callable[P, R]) -> Callable[P, R]:
    """Return the call with its errors masked, as `seqrun` prints them: a notebook shows them with what caused them."""

    @wraps(call)
    def told(*args: P.args, **options: P.kwargs) -> R:
        try:
            return call(*args, **options)
        except BaseException as error:
            for each in _with_causes(error):
                _mask(each)
            raise

    return told


def warn(text: str) -> None:
    """Warn of the text, masked, at the line that has called seqrun."""
    level, frame = 1, sys._getframe()
    while frame.f_back is not None and frame.f_globals.get("__name__", "").partition(".")[0] == PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(masked(text), stacklevel=level)


def masked_problem(problem: Problem) -> Problem:
    """Return a config's problem with its message masked."""
    return replace(problem, message=masked(problem.message))


def _with_causes(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and all that are shown with it, each once."""
    waiting, seen = [error], set[int]()
    while waiting:
        each = waiting.pop()
        if id(each) not in seen:
            seen.add(id(each))
            yield each
            grouped = each.exceptions if isinstance(each, BaseExceptionGroup) else ()
            waiting += [other for other in (each.__cause__, each.__context__, *grouped) if other is not None]


def _mask(error: BaseException) -> None:
    """Take withheld values out of all that an error shows of itself."""
    error.args = tuple(masked(each) if isinstance(each, str) else each for each in error.args)
    if isinstance(error, OSError) and isinstance(error.filename, str):
        error.filename = masked(error.filename)
    if isinstance(error, ConfigError):
        error.problems = tuple(map(masked_problem, error.problems))
    if notes := getattr(error, "__notes__", None):
        notes[:] = map(masked, notes)
