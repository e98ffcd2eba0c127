"""Splits of raw, labelled texts; the vocabulary is fitted on the training split alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from seqrun.components.provenance import Source
from seqrun.components.splits import Spec, Split, Splits
from seqrun.components.targets import Target
from seqrun.components.vocabulary import normalize
from seqrun.datasets.shared.overlap import Equals, with_overlap
from seqrun.datasets.shared.partition import Partition
from seqrun.datasets.text.encoding import TextEncoder
from seqrun.datasets.text.near import near_warning


@dataclass(frozen=True)
class LabelledTexts:
    """The samples as they were read."""

    texts: Sequence[str]
    targets: np.ndarray  # (samples, ...) as `Split.targets` has them
    index: np.ndarray  # (samples,) int64: the source's row of each
    target: Callable[[np.ndarray], Target]  # what is to be learned, from the positions of the training samples

    def splits(
        self,
        parts: Partition,
        encoder: Callable[[list[str]], TextEncoder],
        sources: tuple[Source, ...],
        mend: str = "",
    ) -> Splits:
        """Return the splits; `encoder` makes the encoder from the training texts.

        `mend` says, in a warning of texts that stand in several splits, which setting would prevent it.
        """
        fitted = encoder([self.texts[i] for i in parts.train])

        def inputs(part: np.ndarray) -> np.ndarray:
            return fitted.encode(self.texts[i] for i in part)

        splits = assemble(fitted, parts, inputs, self.targets, self.target(parts.train), self.index, sources)
        splits = with_overlap(splits, self.equals(mend), parts, self.targets, self._place)
        near = near_warning(self.normalised, parts, splits.seen, self._place)
        if near is None:
            return splits
        told, leak = near
        warnings = (*splits.warnings, f"{sources[0].path}: {told}")
        return replace(splits, warnings=warnings, leaks=(*splits.leaks, leak))

    def _place(self, position: int) -> str:
        return f"row {self.index[position]}"

    @cached_property
    def normalised(self) -> list[str]:
        """The texts without what does not make them different: in lower case, NFC, with a blank for white space."""
        return [" ".join(normalize(text, lowercase=True).split()) for text in self.texts]

    def equals(self, mend: str = "") -> Equals:
        """Return which texts are equal apart from case, white space and Unicode form; `mend` is as in Equals."""
        return Equals.by(self.normalised, "text", "case and white space", mend=mend)


def assemble(
    encoder: TextEncoder,
    parts: Partition,
    inputs: Callable[[np.ndarray], np.ndarray],
    targets: np.ndarray,
    target: Target,
    index: np.ndarray,
    sources: tuple[Source, ...],
) -> Splits:
    """Return the splits; `inputs` returns the network's inputs for the positions of a part's samples."""

    def split(part: np.ndarray) -> Split:
        return Split(inputs(part), targets[part], index[part])

    spec = Spec((encoder.max_len,), target, encoder.vocabulary)
    train, validation, test = split(parts.train), split(parts.validation), split(parts.test)
    return Splits(spec, train, validation, test, sources, encoder.artifacts())
