"""What is asked of a finished run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral
from pathlib import Path
from typing import Any

from seqrun.errors import InputError, Parameter
from seqrun.inference.reading.written import Written

SOURCES = {  # what a prediction is made from
    "text": Parameter("text", form="(as often as you like)"),
    "input": Parameter("input", form="FILE"),
    "sample": Parameter("sample", form="N"),
}
MODES = ("encode", "decode", "reconstruct")  # what an autoencoder makes of its input


@dataclass(frozen=True)
class Request:
    """The parameters of a prediction; what is not given is None or empty."""

    texts: tuple[str, ...] = ()
    path: Path | None = None  # of the input
    column: str | None = None
    threshold: float | str | None = None  # a probability, or chosen
    modes: tuple[str, ...] = ()  # those of MODES that are asked for
    sample: int | None = None  # how many
    seed: int | None = None
    output: Path | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)  # how the input is written otherwise than the run's own

    @classmethod
    def of(cls, encode: bool, decode: bool, reconstruct: bool, **parameters: Any) -> Request:
        """Return the request in which each mode is a switch of its own, and each setting of Written a parameter."""
        modes = (mode for mode, is_given in zip(MODES, (encode, decode, reconstruct), strict=True) if is_given)
        settings = {name: parameters.pop(name) for name in Written.model_fields if name in parameters}
        reading = {name: value for name, value in settings.items() if _is_given(value)}
        return cls(modes=tuple(modes), reading=reading, **parameters)

    def given(self) -> list[str]:
        """Return the names of the parameters that are given, apart from the output."""
        values = {
            "text": self.texts,
            "input": self.path,
            "column": self.column,
            "threshold": self.threshold,
            **dict.fromkeys(self.modes, True),
            "sample": self.sample,
            "seed": self.seed,
            **self.reading,
        }
        return [name for name, value in values.items() if _is_given(value)]

    def check_counts(self) -> None:
        """Raise InputError for a `sample` or `seed` that is no whole number, or too small."""
        counts: tuple[tuple[str, Any, int], ...] = (("sample", self.sample, 1), ("seed", self.seed, 0))
        for name, value, least in counts:
            is_whole = isinstance(value, Integral) and not isinstance(value, bool)
            if value is not None and (not is_whole or value < least):
                raise InputError(Parameter(name, value), f": must be a whole number, {least} or more")

    def check_source(self, known: Collection[str]) -> None:
        """Raise InputError unless just one of the known parameters that say what to predict from is given."""
        sources = [name for name in SOURCES if name in known]
        given = [name for name in self.given() if name in sources]
        if self.modes and not given:
            raise InputError(Parameter(self.modes[0]), ": give ", SOURCES["input"])
        if len(given) != 1:
            either = "either " if len(sources) > 1 else ""
            raise InputError(f"give {either}", *between((SOURCES[name] for name in sources), " or "))


def _is_given(value: object) -> bool:
    return value is not None and not (isinstance(value, tuple) and not value)


def between(parameters: Iterable[Parameter], word: str) -> list[str | Parameter]:
    """Return parameters as parts of a message, with a word between them."""
    return [part for parameter in parameters for part in (word, parameter)][1:]


def probability(parameter: Parameter, others: str) -> float:
    """Return the parameter's value as a number from 0 to 1; InputError, with the `others` it may be, if it is none."""
    try:
        value = float(str(parameter.given))
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise InputError(parameter, f": must be a number from 0 to 1, {others}")
    return value
