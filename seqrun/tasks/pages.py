"""What each task adds to `seqrun show`: facts, tables of results, and examples."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqrun.readable import figure
from seqrun.registry import PAGES, load

NOTHING = "—"


@dataclass(frozen=True)
class Section:
    """A table of text."""

    headers: list[str]
    rows: list[list[str]]
    numeric: tuple[str, ...] = ()  # headers of the columns to align to the right


@dataclass(frozen=True)
class Page:
    """What a task adds to the page of a run; a section without rows is not shown."""

    facts: Mapping[str, str] = field(default_factory=dict)  # name -> value, for the overview
    results: Sequence[Section] = ()  # below the metrics
    examples: Sequence[Section] = ()  # below the history


@dataclass(frozen=True)
class Shown:
    """What a task makes its page of."""

    metrics: Mapping[str, Any]  # metrics.json; empty before the run has been measured
    examples: Sequence[Mapping[str, Any]]  # artifacts/examples.json
    excerpt: int  # characters of an example's text to show


def page_of(trainer: str | None, shown: Shown) -> Page:
    """Return the page of the trainer's task; for a user's own trainer all tasks' pages together."""
    references = [PAGES[trainer]] if trainer in PAGES else [*PAGES.values()]
    pages: list[Callable[[Shown], Page]] = [load(reference) for reference in references]
    found = [page(shown) for page in pages]
    return Page(
        facts={name: fact for each in found for name, fact in each.facts.items()},
        results=[section for each in found for section in each.results],
        examples=[section for each in found for section in each.examples],
    )


def cell(value: float | None) -> str:
    """Return a value as text, and None as a dash."""
    return NOTHING if value is None else figure(value)


def cut(text: str, excerpt: int) -> str:
    """Return the text, shortened to its first `excerpt` characters and an ellipsis if it is longer."""
    return text if len(text) <= excerpt else f"{text[:excerpt]}…"
