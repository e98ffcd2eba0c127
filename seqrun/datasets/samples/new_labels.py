"""The labels of new samples of numbers, which must be those that a run has learned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from seqrun.components.splits import Spec
from seqrun.components.targets import TagTarget
from seqrun.datasets.samples.faults import Faults
from seqrun.datasets.samples.labels import cells_of, distinct, label_faults
from seqrun.datasets.samples.raw import RawSequences
from seqrun.datasets.shared.known_labels import KnownLabels, meant, unknown
from seqrun.datasets.shared.labelling import Labelling, written_label


def _unlabelled(raw: RawSequences) -> Labelling | None:
    return None


@dataclass(frozen=True)
class LabelsOf:
    """How a run's own samples were labelled."""

    array: str | None = None  # of a .npz file; None: they had no labels
    labelling: Callable[[RawSequences], Labelling | None] = _unlabelled  # None: their steps are labelled
    merge: Mapping[str, str] = field(default_factory=dict)  # label -> the one that it is counted as

    def known(self, raw: RawSequences, spec: Spec, label: str | None) -> KnownLabels | None:
        """Return the labels that samples can have; None where their steps are labelled, or nothing is to be."""
        labelling = self.labelling(raw)
        return None if labelling is None else KnownLabels.of(labelling, spec, label)

    def faults(self, raw: RawSequences, spec: Spec, known: KnownLabels | None) -> Faults:
        """Return what is wrong with the samples' labels, or with those of their steps."""
        if raw.labels is None:
            return {}
        if known is not None:
            cells = enumerate(cells_of(raw.labels))
            return {number: fault for number, each in cells if (fault := known.fault(each))}
        return {**self._strange(raw, spec.of(TagTarget).target.tags), **label_faults(raw, None)}

    def targets(self, raw: RawSequences, spec: Spec, known: KnownLabels | None) -> np.ndarray:
        """Return the labels of samples without fault as `Split.targets` has them; of steps (sum of lengths,)."""
        if raw.labels is None:
            return np.zeros((len(raw.values), 0), np.int32)
        if known is not None:
            return known.targets([known.read(each) for each in cells_of(raw.labels)])
        tags, (codes, written) = spec.of(TagTarget).target.tags, self._written(raw)
        return np.array([tags.index(name) for name in written], np.int32)[codes]

    def _strange(self, raw: RawSequences, tags: Sequence[str]) -> Faults:
        codes, written = self._written(raw)
        found: dict[int, str] = {}
        for code, name in enumerate(written):
            if fault := unknown(name, {}, tags, "tags"):
                found = {**raw.values.first_wrong(codes == code, fault), **found}
        return found

    def _written(self, raw: RawSequences) -> tuple[np.ndarray, list[str]]:
        """Return the number of each step's label, and the labels that are meant, by their numbers."""
        if raw.labels is None:
            raise ValueError("these samples have no labels")
        codes, labels = distinct(raw.labels)
        return codes, [meant(written_label(label), self.merge) for label in labels[:-1]]
