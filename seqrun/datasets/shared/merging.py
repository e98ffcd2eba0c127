"""The mapping that a config's `labels` may be: which labels are counted as another one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import Field, model_validator

from seqrun.components.options import Options
from seqrun.datasets.shared.label_forms import normalised
from seqrun.errors import ConfigPath, Problem


class Merging(Options):
    """Labels that are counted as another one; what `labels` names without merging is called `names` here."""

    names: str | list[str] | None = Field(
        None, min_length=1, description="what labels names where nothing is merged: its array, column or columns"
    )
    merge: dict[str, str] = Field(
        min_length=1, description="a label as it stands in the data: the label that it is counted as, {SPORT: sport}"
    )

    @model_validator(mode="after")
    def _in_one_step(self) -> Merging:
        plain: dict[str, str] = {}
        for label, into in self.merge.items():
            name, last = normalised(label), normalised(into)
            if not name or not last:
                raise ValueError(f"{label!r}: {into!r} has no label on one side")
            if plain.setdefault(name, last) != last:
                raise ValueError(f"{name!r} becomes both {plain[name]!r} and {last!r}")
        for label, into in plain.items():
            if into in plain and into != label:
                raise ValueError(f"{label!r} becomes {into!r}, which becomes {plain[into]!r}: name the last one")
        return self


def names_of(labels: Merging | str | list[str] | None) -> str | list[str] | None:
    """Return the array, column or columns that a config's `labels` names, if any."""
    return labels.names if isinstance(labels, Merging) else labels


def merge_of(labels: Merging | str | list[str] | None) -> Mapping[str, str]:
    """Return which labels are counted as which others, by a config's `labels`."""
    return labels.merge if isinstance(labels, Merging) else {}


def names_path(labels: Merging | str | list[str] | None) -> ConfigPath:
    """Return the config's key that names the array, column or columns."""
    return ("dataset", "labels", "names") if isinstance(labels, Merging) else ("dataset", "labels")


def merge_problems(labels: Merging | str | list[str] | None, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield why labels cannot be merged for a trainer of these tasks."""
    if tasks == {"regression"} and merge_of(labels):
        yield Problem(("dataset", "labels", "merge"), "this trainer learns numbers, no labels; leave it out")
