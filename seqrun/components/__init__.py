"""Everything that a user's own component needs to import.

A component is one class: its fields are its config, and one method does its work. A plugin is such a class in a file of
the user's own.
"""

from seqrun.components.base import Architecture, Component, Dataset, Experiment, Locations, Outcome, Trainer
from seqrun.components.keys import Key
from seqrun.components.outline import Outline
from seqrun.components.reading import NewSamples, Reader
from seqrun.components.session import Session
from seqrun.components.splits import (
    NO_TAG,
    PADDING,
    Source,
    Spec,
    Split,
    Splits,
    Values,
    Windows,
)
from seqrun.components.targets import (
    ClassTarget,
    LabelsTarget,
    NumbersTarget,
    Reconstruction,
    SeriesTarget,
    TagTarget,
    Target,
)

__all__ = [
    "NO_TAG",
    "PADDING",
    "Architecture",
    "ClassTarget",
    "Component",
    "Dataset",
    "Experiment",
    "Key",
    "LabelsTarget",
    "Locations",
    "NewSamples",
    "NumbersTarget",
    "Outcome",
    "Outline",
    "Reader",
    "Reconstruction",
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
