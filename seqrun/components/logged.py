"""What a logger is told of a run, and what it keeps open while the run runs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqrun.components.repeat import Repeat


@dataclass(frozen=True)
class LoggedRun:
    """What a logger is told of a run before its first epoch."""

    path: Path  # of the run directory, absolute
    started: str  # when, in UTC; with the directory's name it tells the run from all others, also after a resumption
    config: Mapping[str, Any]  # resolved; what came from the environment stands there as a reference
    repeat: Repeat | None = None  # which of several runs of one command it is
    epochs: int = 0  # done already, of a run that is gone on with

    @property
    def name(self) -> str:
        """The run's name, as the config has it."""
        return str(self.config["name"])

    @property
    def settings(self) -> dict[str, Any]:
        """The config's values by dotted path, `architecture.units` for example; lists are one value.

        Loggers, notes and plugins, which change nothing in what is trained, are left out.
        """
        return dict(_flat({key: value for key, value in self.config.items() if key not in _NO_SETTINGS}, ""))


@dataclass(frozen=True)
class LoggedEnd:
    """How a run ended. Its directory holds all files by then."""

    status: str  # finished, failed, interrupted or diverged
    metrics: Mapping[str, float]  # of the test split; empty if the run was not measured
    baselines: Mapping[str, Mapping[str, float]]  # name -> metrics of the test split
    skill: float | None
    best_epoch: int | None


class RunLog(ABC):
    """What a logger keeps open while a run runs. Its methods are called one after the other, in a thread of its own."""

    where: str = ""  # where to look at what is logged, or the command that shows it

    @abstractmethod
    def epoch(self, row: Mapping[str, float]) -> None:
        """Log an epoch: its row of `history.csv`, in which validation's figures have names that begin with val_."""

    @abstractmethod
    def end(self, end: LoggedEnd) -> None:
        """Log how the run ended, and close what is open. Called once, last."""


_NO_SETTINGS = ("loggers", "notes", "plugins", "sweep", "tags")


def _flat(value: Mapping[str, Any], path: str) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping) and item:
            yield from _flat(item, f"{path}{key}.")
        else:
            yield f"{path}{key}", item
