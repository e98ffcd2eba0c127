"""The fields of a dataset that its checks before the run look at."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol


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
    def labels(self) -> list[str] | None: ...
    @property
    def target(self) -> str | None: ...
    @property
    def targets(self) -> list[str] | None: ...
    @property
    def encoding(self) -> str: ...
