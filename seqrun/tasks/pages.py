"""What each task adds to `seqrun show`: tables of its own, facts of its own, examples as its readers want them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqrun.readable import figure
from seqrun.registry import PAGES, load

NOTHING = "—"


@dataclass(frozen=True)
class Section:
    """A table of text; `numeric` are the headers of the columns to align to the right."""

    headers: list[str]
    rows: list[list[str]]
    numeric: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """What a run's task adds; a section without rows is left out."""

    facts: Mapping[str, str] = field(default_factory=dict)  # of the overview
    results: Sequence[Section] = ()  # below the metrics
    examples: Sequence[Section] = ()  # below the history


@dataclass(frozen=True)
class Shown:
    """What a run has kept that a page can show."""

    metrics: Mapping[str, Any]  # metrics.json; empty before the run has been measured
    examples: Sequence[Mapping[str, Any]]  # artifacts/examples.json
    excerpt: int  # characters shown of an example's text


def page_of(trainer: str | None, shown: Shown) -> Page:
    """Return what the trainer's task adds; of a user's own trainer whatever any task knows to show."""
    references = [PAGES[trainer]] if trainer in PAGES else [*PAGES.values()]
    pages: list[Callable[[Shown], Page]] = [load(reference) for reference in references]
    found = [page(shown) for page in pages]
    return Page(
        facts={name: fact for each in found for name, fact in each.facts.items()},
        results=[section for each in found for section in each.results],
        examples=[section for each in found for section in each.examples],
    )


def cell(value: float | None) -> str:
    """A figure, or a dash where there is none."""
    return NOTHING if value is None else figure(value)


def cut(text: str, excerpt: int) -> str:
    """The beginning of a text that is longer than that."""
    return text if len(text) <= excerpt else f"{text[:excerpt]}…"
