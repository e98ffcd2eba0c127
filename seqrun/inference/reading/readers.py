"""Which reader a run's new input is read with."""

from __future__ import annotations

from collections.abc import Mapping

from seqrun.components.base import Dataset
from seqrun.components.reading import Reader
from seqrun.components.splits import Spec
from seqrun.components.targets import SeriesTarget, TagTarget
from seqrun.components.vocabulary import GIVEN
from seqrun.datasets.samples.reader import ValuesReader
from seqrun.datasets.series.reader import SeriesReader
from seqrun.datasets.tagged.reader import SentenceReader
from seqrun.datasets.text.reader import TextReader
from seqrun.inference.reading.network_units import ArrayReader, WindowReader


def reader_for(dataset: Dataset, spec: Spec, artifacts: Mapping[str, bytes]) -> Reader:
    """Return the dataset's own reader, else one chosen by the run's spec and artifacts.

    If they say nothing of raw input, it reads arrays in the network's units.
    """
    return dataset.reader(spec, artifacts) or _told(spec, artifacts)


def _told(spec: Spec, artifacts: Mapping[str, bytes]) -> Reader:
    """Return the reader that spec and artifacts tell of."""
    if isinstance(spec.target, SeriesTarget):
        return SeriesReader.from_artifacts(artifacts) or WindowReader(spec)
    if spec.values is not None:
        return ValuesReader(spec)
    if isinstance(spec.target, TagTarget):  # of words only if the run's data had tokens as such, not their ids
        if spec.vocabulary is None or spec.vocabulary.kind != GIVEN:
            return ArrayReader(spec)
        return SentenceReader(spec.vocabulary, spec.input_shape[0])
    return TextReader.from_artifacts(artifacts) or ArrayReader(spec)
