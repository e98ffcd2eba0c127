"""The setting `baselines` of trainers of classes and labels: what is compared with the network beside the usual."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, Field

from seqrun.errors import Problem

if TYPE_CHECKING:
    from seqrun.components.base import Experiment


class TextBaselines(BaseModel):
    """Mixed into a trainer."""

    baselines: list[Literal["nbsvm"]] = Field(
        default_factory=list,
        description="more baselines beside the usual; nbsvm: stretches of 1 to 3 words of the whole texts",
    )

    def baseline_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield that the dataset has no whole texts for a baseline, and which baselines are named twice."""
        for number, name in enumerate(self.baselines):
            path = ("trainer", "baselines", number)
            if not experiment.dataset.whole_texts:
                why = f"{name} reads whole texts, which the dataset {experiment.dataset.name} does not have"
                yield Problem(path, f"{why}; take it away, or use the dataset text or imdb")
            elif name in self.baselines[:number]:
                yield Problem(path, f"{name} is named above already")
