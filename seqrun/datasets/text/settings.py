"""The fields of a dataset that its checks before the run look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from seqrun.datasets.shared.grouping import Grouped
    from seqrun.datasets.shared.merging import Merging


class Settings(Protocol):
    """Those of the dataset `text`."""

    @property
    def path(self) -> Path: ...
    @property
    def text(self) -> str | None: ...
    @property
    def label(self) -> str | None: ...
    @property
    def labels_separator(self) -> str | None: ...
    @property
    def labels(self) -> list[str] | Merging | None: ...
    @property
    def label_columns(self) -> list[str] | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def targets(self) -> list[str] | None: ...
    @property
    def splits(self) -> list[float] | Grouped: ...
    @property
    def encoding(self) -> str: ...
