"""What each column of a table of samples is for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from seqrun.datasets.samples.raw import LabelEach


@dataclass(frozen=True)
class Columns:
    """What each column of a table is for."""

    sample: str | None = None  # of which sample a row is; None: a row is a sample
    time: str | None = None  # orders a sample's rows; None: they are in order
    features: tuple[str, ...] | None = None  # None: all that are nothing else
    labels: tuple[str, ...] = ()
    label_each: LabelEach = "sample"
    group: str | None = None  # of which group of samples, kept in one split, a sample is
    merge: Mapping[str, str] = field(default_factory=dict)  # label -> the one that it is counted as
    row_is_sample: bool = False  # where `sample` is None: the user has said so, it is no mere default

    @property
    def groups(self) -> tuple[str, ...]:
        """The column of groups, if there is one."""
        return () if self.group is None else (self.group,)

    @property
    def named(self) -> tuple[str, ...]:
        """All columns that are given by name."""
        given = (self.sample, self.time, *self.labels, *self.groups, *(self.features or ()))
        return tuple(name for name in given if name is not None)

    @property
    def written(self) -> tuple[str, ...]:
        """The columns that are read as text where cells are text: ids, times, labels and groups."""
        return tuple(name for name in (self.sample, self.time, *self.labels, *self.groups) if name is not None)
