"""The mapping that a config's `splits` may be: fractions, and what must not be divided between splits."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from seqrun.components.options import Options
from seqrun.datasets.shared.fields import Fractions


class Grouped(Options):
    """Fractions of the samples, and the column whose values never stand in two splits."""

    fractions: Fractions | None = Field(
        None, description="train, validation, test, as well as groups allow; null: the dataset's usual ones"
    )
    keep_together: Annotated[str, Field(min_length=1)] = Field(
        description="the column of groups (of an npz file the array): samples with one value stand in one split"
    )


def fractions_of(splits: list[float] | Grouped, usual: list[float]) -> list[float]:
    """Return the fractions for train, validation and test of a config's `splits`; `usual` are the dataset's."""
    return splits.fractions or usual if isinstance(splits, Grouped) else splits


def group_of(splits: list[float] | Grouped) -> str | None:
    """Return the column or array of groups that a config's `splits` keeps together; None if there is none."""
    return splits.keep_together if isinstance(splits, Grouped) else None
