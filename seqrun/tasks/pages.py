"""What each task adds to `seqrun show`: facts, tables of results, and examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from seqrun.readable import figure
from seqrun.registry import PAGES, load
from seqrun.rundir.json_files import damaged
from seqrun.rundir.reading import EXAMPLES, METRICS
from seqrun.rundir.shapes import Misshapen, Shape, anything, fits

NOTHING = "—"


@dataclass(frozen=True)
class Section:
    """A table of text."""

    headers: list[str]
    rows: list[list[str]]
    numeric: tuple[str, ...] = ()  # headers of the columns to align to the right
    of_examples: bool = False  # its rows are test samples


@dataclass(frozen=True)
class Page:
    """What a task adds to the page of a run; a section without rows is not shown."""

    facts: Mapping[str, str] = field(default_factory=dict)  # name -> value, for the overview
    results: Sequence[Section] = ()  # below the metrics
    examples: Sequence[Section] = ()  # below the history


@dataclass(frozen=True)
class Shown:
    """What a task makes its page of."""

    run: Path
    metrics: Mapping[str, Any]  # metrics.json; empty before the run has been measured
    examples: Sequence[Mapping[str, Any]]  # artifacts/examples.json
    excerpt: int  # characters of an example's text to show


@dataclass(frozen=True)
class Drawn:
    """A test sample to draw beside what the network made of it: as lines over the steps, or as images."""

    title: str
    lines: Mapping[str, Sequence[float]] = field(default_factory=dict)  # name -> a value a step
    band: tuple[Sequence[float], Sequence[float]] | None = None  # the bounds of an interval around the second line
    images: Mapping[str, Sequence[Sequence[float]]] = field(default_factory=dict)  # name -> rows of values


@dataclass(frozen=True)
class TaskPage:
    """How a task makes its page, and the shapes of what it makes it of."""

    make: Callable[[Shown], Page]
    details: Shape = anything  # of metrics.json
    marks: str | None = None  # what an example has that is of this task; None: the task has no examples
    example: Shape = anything
    fault: Callable[[Mapping[str, Any]], float] | None = None  # of an example: how wrong it is, a mistake from 1 on
    worst: Callable[[Mapping[str, Any]], Sequence[Drawn]] | None = None  # of predictions.npz: what was hardest

    def of_seqruns_own(self, shown: Shown) -> Page:
        """Return the page of a run by this task's trainer; UsageError, naming the file, for a damaged run."""
        try:
            self.details(shown.metrics)
        except Misshapen as error:
            raise damaged(shown.run / METRICS, error) from None
        for number, one in enumerate(shown.examples):
            try:
                if self.marks in one:
                    self.example(one)
            except Misshapen as error:
                raise damaged(shown.run / EXAMPLES, error.below(number)) from None
        return self.make(shown)

    def of_another(self, shown: Shown) -> Page:
        """Return the page of a run by a user's own trainer, of what looks as if it were of this task."""
        known = shown.metrics if fits(shown.metrics, self.details) else {}
        examples = [one for one in shown.examples if fits(one, self.example)]
        return self.make(replace(shown, metrics=known, examples=examples))


def page_of(trainer: str | None, shown: Shown) -> Page:
    """Return the page of the trainer's task; for a user's own trainer all tasks' pages together.

    Raises UsageError for details or examples that are not as the task writes them.
    """
    if trainer in PAGES:
        own: TaskPage = load(PAGES[trainer])
        return own.of_seqruns_own(shown)
    tasks: list[TaskPage] = [load(reference) for reference in PAGES.values()]
    found = [task.of_another(shown) for task in tasks]
    return Page(
        facts={name: fact for each in found for name, fact in each.facts.items()},
        results=[section for each in found for section in each.results],
        examples=[section for each in found for section in each.examples],
    )


def by_fault(trainer: str | None, examples: Sequence[Mapping[str, Any]]) -> tuple[list[Mapping[str, Any]], int]:
    """Return the examples, the worst mistakes first, and how many of them are mistakes."""
    tasks: list[TaskPage] = [load(PAGES[trainer])] if trainer in PAGES else [load(each) for each in PAGES.values()]

    def fault(one: Mapping[str, Any]) -> float:
        of = next((task for task in tasks if task.fault and task.marks in one and fits(one, task.example)), None)
        return of.fault(one) if of and of.fault else 0.0

    faults = [fault(one) for one in examples]
    order = sorted(range(len(examples)), key=lambda number: -faults[number])
    return [examples[number] for number in order], sum(found >= 1 for found in faults)


def worst_of(trainer: str | None, arrays: Mapping[str, Any]) -> Sequence[Drawn]:
    """Return the test samples that a run found hardest, to be drawn; nothing where its task has none to draw.

    Takes the arrays of `predictions.npz`. Raises KeyError, ValueError or IndexError for arrays that are not the task's.
    """
    task: TaskPage | None = load(PAGES[trainer]) if trainer in PAGES else None
    return task.worst(arrays) if task and task.worst else ()


def cell(value: float | None) -> str:
    """Return a value as text, and None as a dash."""
    return NOTHING if value is None else figure(value)


def cut(text: str, excerpt: int) -> str:
    """Return the text, shortened to its first `excerpt` characters and an ellipsis if it is longer."""
    return text if len(text) <= excerpt else f"{text[:excerpt]}…"
