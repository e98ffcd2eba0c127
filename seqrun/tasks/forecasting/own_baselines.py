"""The setting `baselines` of forecasters: statistical models that are compared with the network beside the usual."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from seqrun.errors import Problem

if TYPE_CHECKING:
    from seqrun.components.base import Experiment

SeriesBaseline = Literal["auto_ets", "auto_theta", "auto_arima"]
PACKAGE = "statsforecast"
INSTALL = "pip install 'seqrun[forecasts]'"


class SeriesBaselines(BaseModel):
    """Mixed into a trainer."""

    baselines: list[SeriesBaseline] = Field(
        default_factory=list,
        description="more baselines beside the usual: statistical models, fitted once to each series by statsforecast",
    )

    def baseline_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield which baselines are named twice, and that the package that they need is not installed."""
        missing = bool(self.baselines) and find_spec(PACKAGE) is None
        for number, name in enumerate(self.baselines):
            path = ("trainer", "baselines", number)
            if name in self.baselines[:number]:
                yield Problem(path, f"{name} is named above already")
            elif missing:
                yield Problem(path, f"{name} needs the package {PACKAGE}: {INSTALL}")
