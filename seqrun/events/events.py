"""What happens while a run runs, as values: the console shows them, `log.txt` keeps them and `--json` prints them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, ClassVar

from seqrun import readable
from seqrun.machine.withheld import masked
from seqrun.metrics import HEADLINES
from seqrun.rundir.columns import figure_names, metric_names


@dataclass(frozen=True)
class Event:
    """Something that happened: `as_json` is for programs, `line` is plain text (None: not worth a line)."""

    kind: ClassVar[str]

    def as_json(self) -> dict[str, Any]:
        return {"event": self.kind, **asdict(self)}

    def line(self) -> str | None:
        return None


@dataclass(frozen=True)
class Started(Event):
    """Training begins."""

    kind = "started"
    run: str  # run directory
    name: str
    epochs: int
    steps_per_epoch: int
    samples: int
    parameters: int
    device: str
    monitor: str  # the history column that decides which epoch is best
    patience: int | None = None  # epochs without improvement before the end; None: no early stopping

    def line(self) -> str:
        return (
            f"{self.name}: {self.parameters:,} parameters, {self.samples:,} training samples, "
            f"{self.steps_per_epoch:,} steps an epoch, up to {self.epochs:,} epochs "
            f"on {self.device} -> {self.run}"
        )


@dataclass(frozen=True)
class Batch(Event):
    """Some training steps are done; not every step is reported."""

    kind = "batch"
    epoch: int
    step: int  # done in this epoch
    steps: int  # of the whole epoch
    loss: float  # mean over the epoch so far
    samples_per_second: float
    learning_rate: float | None = None
    phase: str = "training"  # or refit, backtest: training again, after the best epoch is known


HEADLINE_METRICS = 2  # shown for a trainer without a usual one: it declares the most telling first


@dataclass(frozen=True)
class Epoch(Event):
    """An epoch is done, with its row of `history.csv`."""

    kind = "epoch"
    row: dict[str, float]  # epoch, loss, val_loss, metrics, learning_rate, seconds, samples_per_second
    best_epoch: int
    best_value: float

    @property
    def number(self) -> int:
        return int(self.row["epoch"])

    @property
    def is_best(self) -> bool:
        return self.number == self.best_epoch

    @property
    def figures(self) -> dict[str, float]:
        """The losses and metrics of the row, in its order."""
        return {name: self.row[name] for name in figure_names(self.row)}

    def headlines(self, monitor: str | None = None) -> list[str]:
        """Return the names to show where there is not room for all: losses, the usual metrics, the monitored column."""
        metrics = metric_names(self.row)
        usual = [name for name in metrics if name in HEADLINES] or metrics[:HEADLINE_METRICS]
        pairs = [key for name in ("loss", *usual) for key in (name, f"val_{name}")]
        return [key for key in dict.fromkeys([*pairs, monitor]) if key in self.figures]

    def as_json(self) -> dict[str, Any]:
        row = {**self.row, "epoch": self.number}
        return {"event": self.kind, **row, "best_epoch": self.best_epoch, "best_value": self.best_value}

    def line(self, monitor: str | None = None) -> str:
        shown = self.headlines(monitor)
        figures = "  ".join(f"{name} {readable.figure(self.row[name]):>7}" for name in shown)
        return (
            f"epoch {self.number:>3}  {figures}  lr {readable.rate(self.row['learning_rate']):>8}  "
            f"{readable.duration(self.row['seconds']):>7}  "
            f"{self.row['samples_per_second']:>9,.0f} samples/s{'  *' if self.is_best else ''}"
        )


@dataclass(frozen=True)
class Message(Event):
    """Something that the user should know."""

    kind = "message"
    text: str

    def line(self) -> str:
        return self.text


@dataclass(frozen=True)
class Warned(Event):
    """Something that should worry the user."""

    kind = "warning"
    text: str

    def line(self) -> str:
        return f"warning: {self.text}"


@dataclass(frozen=True)
class Download(Event):
    """A part of a download has arrived (total None: the server did not say how much there is)."""

    kind = "download"
    label: str
    done: int
    total: int | None

    def line(self) -> str:
        total = "" if self.total is None else f" of {readable.size(self.total)}"
        return f"downloading {self.label}: {readable.size(self.done)}{total}"


@dataclass(frozen=True)
class Finished(Event):
    """A run has ended, successfully or not."""

    kind = "finished"
    run: str | None  # run directory; None: the run ended before its training began, and left none
    status: str  # finished, failed, interrupted, diverged
    best_epoch: int | None = None
    metrics: dict[str, float] = field(default_factory=dict)  # of the test split
    baselines: dict[str, dict[str, float]] = field(default_factory=dict)
    skill: float | None = None
    seconds: float | None = None
    error: str | None = None
    next: str | None = None  # the command by which a run that ended before its time is gone on with

    def results(self) -> list[str]:
        """Return the test split's metrics as the lines of a table, the network's beside the baselines'."""
        columns = {"test": self.metrics, **self.baselines} if self.metrics else {}
        first = max(map(len, self.metrics), default=0)
        rows = [("", list(columns))] if columns else []
        rows += [(name, [_cell(values, name) for values in columns.values()]) for name in self.metrics]
        widths = [max(8, len(name)) for name in columns]
        return [
            "  ".join([name.ljust(first), *(cell.rjust(width) for cell, width in zip(cells, widths, strict=True))])
            for name, cells in rows
        ]

    def summary(self) -> str:
        """Return how the run ended, how good the best epoch was and how long it took."""
        end = self.error if self.status == "interrupted" and self.error else self.status
        facts = [f"best epoch {self.best_epoch}"] if self.best_epoch is not None else []
        if self.skill is not None and math.isnan(self.skill):
            facts.append("skill undefined: a baseline makes no error")
        elif self.skill is not None:
            verdict = "better than" if self.skill > 0 else "no better than"
            facts.append(f"skill {self.skill:+.3f} ({verdict} the best baseline)")
        facts += [readable.duration(self.seconds)] if self.seconds is not None else []
        return f"{end}: {', '.join(facts)}" if facts else end

    def problem(self) -> str | None:
        """Return the error that ended the run; None after an interruption, which the summary names."""
        return f"error: {self.error}" if self.error and self.status != "interrupted" else None

    def line(self) -> str:
        problem = [found] if (found := self.problem()) else []
        where = "" if self.run is None else f" -> {self.run}"
        return "\n".join([*self.results(), *problem, f"{self.summary()}{where}", *self.advice()])

    def advice(self) -> list[str]:
        """Return the line that names the next command, if there is one."""
        return [f"next: {self.next}"] if self.next else []


def _cell(values: dict[str, float], name: str) -> str:
    """Return a number as text, or a dash if it is missing or undefined."""
    return "—" if math.isnan(values.get(name, math.nan)) else readable.figure(values[name])


Emit = Callable[[Event], None]


def to_all(followers: Sequence[Emit]) -> Emit:
    """Return a function that passes an event to each follower in order: those in the list at that time.

    They are not told the values of environment variables to which the config refers.
    """

    def emit(event: Event) -> None:
        event = _masked(event)
        for follower in followers:
            follower(event)

    return emit


def _masked(event: Event) -> Event:
    if isinstance(event, (Message, Warned)):
        return replace(event, text=masked(event.text))
    return replace(event, error=masked(event.error)) if isinstance(event, Finished) and event.error else event
