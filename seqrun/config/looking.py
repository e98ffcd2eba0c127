"""What the data that an experiment names hold against it, from a look at their files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

from seqrun.config.settings import CannotTellError
from seqrun.errors import MissingData, Problem

if TYPE_CHECKING:
    from seqrun.components.base import Experiment

# Whether files are looked at: not at all; where they are; or they must be there, too.
Data = Literal["not asked", "if there", "needed"]


def data_problems(experiment: Experiment, data: Data) -> Iterator[Problem]:
    """Yield what is wrong with the files of the experiment's dataset; nothing if the dataset is not valid itself."""
    if data == "not asked":
        return
    try:
        found = list(experiment.dataset.look())
    except CannotTellError:
        return
    yield from (problem for problem in found if data == "needed" or not isinstance(problem, MissingData))
