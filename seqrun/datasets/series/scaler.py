"""How the columns of series are scaled, as a config writes it in full."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from seqrun.components.options import Options
from seqrun.datasets.shared.fields import Scaler


class SeriesScaler(Options):
    """A scaler, and what it is fitted on: the training rows of all series together, or of each series by itself."""

    name: Scaler = "standard"
    per: Literal["column", "series"] = Field(
        "column", description="column: all series are scaled alike; series: each by itself"
    )


def scaler_kind(scaler: Scaler | SeriesScaler) -> Scaler:
    """Return the scaler's name."""
    return scaler.name if isinstance(scaler, SeriesScaler) else scaler


def scaled_by_series(scaler: Scaler | SeriesScaler) -> bool:
    """Return whether each series is scaled by itself."""
    return isinstance(scaler, SeriesScaler) and scaler.per == "series" and scaler.name != "none"
