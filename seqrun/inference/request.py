"""What a command line asks of a finished run."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqrun.errors import UsageError

SOURCES = {"--text": "--text (as often as you like)", "--input": "--input FILE", "--sample": "--sample N"}
MODES = ("--encode", "--decode", "--reconstruct")  # what an autoencoder makes of its input


@dataclass(frozen=True)
class Request:
    """The options of `seqrun predict`; what is not given is None or empty."""

    texts: tuple[str, ...] = ()
    path: Path | None = None  # of --input
    column: str | None = None
    threshold: str | None = None
    modes: tuple[str, ...] = ()  # those of MODES that are given
    sample: int | None = None  # how many
    seed: int | None = None
    output: Path | None = None

    @classmethod
    def of(cls, encode: bool, decode: bool, reconstruct: bool, **options: Any) -> Request:
        """The parameters of the command, each mode a switch of its own."""
        modes = (mode for mode, is_given in zip(MODES, (encode, decode, reconstruct), strict=True) if is_given)
        return cls(modes=tuple(modes), **options)

    def options(self) -> list[str]:
        """Those that are given, apart from the output, as they are written."""
        given = {
            "--text": self.texts,
            "--input": self.path,
            "--column": self.column,
            "--threshold": self.threshold,
            **dict.fromkeys(self.modes, True),
            "--sample": self.sample,
            "--seed": self.seed,
        }
        return [option for option, value in given.items() if value not in (None, ())]

    def check_source(self, known: Collection[str]) -> None:
        """UsageError unless just one of the known options that say what to predict from is given."""
        sources = [option for option in SOURCES if option in known]
        given = [option for option in self.options() if option in sources]
        if self.modes and not given:
            raise UsageError(f"{self.modes[0]}: give {SOURCES['--input']}")
        if len(given) != 1:
            either = "either " if len(sources) > 1 else ""
            raise UsageError(f"give {either}{' or '.join(SOURCES[option] for option in sources)}")


def check_ending(path: Path, endings: Sequence[str]) -> None:
    """UsageError if the input's ending is none of these."""
    if path.suffix.lower() not in endings:
        raise UsageError(f"--input {path}: the ending is none of {', '.join(endings)}")
