"""The fields of a dataset that its checks before the run look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from seqrun.datasets.shared.grouping import Grouped
    from seqrun.datasets.shared.merging import Merging


class Settings(Protocol):
    """Those of the dataset `sequences`."""

    @property
    def path(self) -> Path: ...
    @property
    def values(self) -> str: ...
    @property
    def sample(self) -> str | None: ...
    @property
    def time(self) -> str | None: ...
    @property
    def features(self) -> list[str] | None: ...
    @property
    def labels(self) -> str | list[str] | Merging | None: ...
    @property
    def splits(self) -> list[float] | Grouped: ...
    @property
    def label_each(self) -> str: ...
    @property
    def label_names(self) -> list[str] | None: ...
    @property
    def targets(self) -> str | list[str] | None: ...
