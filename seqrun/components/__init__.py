"""Everything that a user's own component needs to import.

A component is one class: its fields are its config, and one method does its work. A plugin is such a class in a file of
the user's own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from seqrun.components.base import Architecture, Component, Dataset, Experiment, Logger, Trainer
    from seqrun.components.evaluating import Confusion, Kept, Measured
    from seqrun.components.keys import Key
    from seqrun.components.locations import Locations
    from seqrun.components.logged import LoggedEnd, LoggedRun, RunLog
    from seqrun.components.outcome import Outcome
    from seqrun.components.outline import Outline
    from seqrun.components.padding import NO_TAG, PADDING
    from seqrun.components.provenance import Source
    from seqrun.components.reading import LabelledSamples, NewSamples, Reader
    from seqrun.components.session import Session
    from seqrun.components.splits import Spec, Split, Splits, Values, Windows
    from seqrun.components.targets import (
        ClassTarget,
        LabelsTarget,
        NumbersTarget,
        Reconstruction,
        SeriesTarget,
        TagTarget,
        Target,
    )

# The file that each name is in. It is imported when the name is asked for, so that a command need not load them all.
_FILES = {
    "base": ("Architecture", "Component", "Dataset", "Experiment", "Logger", "Trainer"),
    "evaluating": ("Confusion", "Kept", "Measured"),
    "keys": ("Key",),
    "locations": ("Locations",),
    "logged": ("LoggedEnd", "LoggedRun", "RunLog"),
    "outcome": ("Outcome",),
    "outline": ("Outline",),
    "padding": ("NO_TAG", "PADDING"),
    "provenance": ("Source",),
    "reading": ("LabelledSamples", "NewSamples", "Reader"),
    "session": ("Session",),
    "splits": ("Spec", "Split", "Splits", "Values", "Windows"),
    "targets": (
        "ClassTarget",
        "LabelsTarget",
        "NumbersTarget",
        "Reconstruction",
        "SeriesTarget",
        "TagTarget",
        "Target",
    ),
}

__all__ = [
    "NO_TAG",
    "PADDING",
    "Architecture",
    "ClassTarget",
    "Component",
    "Confusion",
    "Dataset",
    "Experiment",
    "Kept",
    "Key",
    "LabelledSamples",
    "LabelsTarget",
    "Locations",
    "LoggedEnd",
    "LoggedRun",
    "Logger",
    "Measured",
    "NewSamples",
    "NumbersTarget",
    "Outcome",
    "Outline",
    "Reader",
    "Reconstruction",
    "RunLog",
    "SeriesTarget",
    "Session",
    "Source",
    "Spec",
    "Split",
    "Splits",
    "TagTarget",
    "Target",
    "Trainer",
    "Values",
    "Windows",
]


def __getattr__(name: str) -> Any:
    for file, names in _FILES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{file}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
