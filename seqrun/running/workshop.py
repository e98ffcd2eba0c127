"""What the runs of one command share."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from seqrun.components.locations import Locations
from seqrun.components.splits import Splits
from seqrun.events.events import Emit, Message, to_all
from seqrun.machine.signals import StopSignals

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.provenance import Source


@dataclass
class Workshop:
    """Where runs read and write, on what they compute, who follows them, and the data loaded last."""

    runs_dir: Path
    data_dir: Path | None
    device: str  # in words
    argv: list[str]
    followers: list[Emit]  # told of what happens in every run; whoever wants to follow joins them
    signals: StopSignals
    cache: Path | None = None  # the folder where prepared data are kept; None: nowhere
    loaded: tuple[tuple[type, str], Splits] | None = field(default=None, repr=False)

    @property
    def emit(self) -> Emit:
        """What tells all followers."""
        return to_all(self.followers)

    def load(self, experiment: Experiment, emit: Emit, known: tuple[Source, ...] = ()) -> Splits:
        """Return the experiment's data; runs one after the other on the same data load them once."""
        key = (type(experiment.dataset), experiment.dataset.model_dump_json())  # two plugins may bear one name
        if self.loaded is not None and self.loaded[0] == key:
            emit(Message(f"{experiment.dataset.name}: as loaded for the run before"))
            return self.loaded[1]
        self.loaded = None  # frees the last one's memory first
        self.loaded = (key, experiment.dataset.load(Locations(self.data_dir, emit, self.cache, known)))
        return self.loaded[1]
