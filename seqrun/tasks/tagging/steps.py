"""New samples whose steps are to be tagged: the words of sentences, or the steps of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Self

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.padding import real_steps
from seqrun.components.reading import NewSamples
from seqrun.datasets.samples.ragged import RaggedValues


@dataclass(frozen=True)
class NewSteps:
    """Samples, and what each of their steps is called; a sample may have more than the network reads."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    samples: Sequence  # what each one is called: by its file, else its row
    steps: Sequence[Sequence]  # of each sample: its words, or its steps' times in the file, else their numbers, from 0
    names: tuple[str, str]  # what a sample and a step are
    keys: Mapping[str, np.ndarray] = field(default_factory=dict)  # what the file calls samples and steps, as arrays

    @classmethod
    def of(cls, samples: NewSamples) -> Self:
        """Return the steps of samples as a reader gives them."""
        if samples.tokens is not None:
            names = ("sentence", "token")
            return cls(samples.inputs, samples.index, samples.index.tolist(), samples.tokens, names)
        return cls._numbered(samples)

    @classmethod
    def _numbered(cls, samples: NewSamples) -> Self:
        """Of samples of numbers, padded at their ends; steps are numbered where their file has no times."""
        inputs = samples.inputs
        lengths = real_steps(inputs).sum(axis=1)
        [(sample, called)] = samples.keys.items()
        keys = {} if samples.ids is None else {samples.ids.name: samples.ids.values}
        if samples.times is None:
            step, steps = "step", [range(length) for length in lengths.tolist()]
        else:
            step, cells = samples.times.name, iter(samples.times.cells)
            steps = [[*islice(cells, length)] for length in lengths.tolist()]
            keys[step] = _padded(samples.times, lengths, inputs.shape[1])
        return cls(inputs, samples.index, called, steps, (sample, step), keys)


def _padded(times: Key, lengths: np.ndarray, time: int) -> np.ndarray:
    """(samples, time) times of steps; past a sample's end NaT, NaN or, of whole numbers, 0."""
    fill = {"M": np.datetime64("NaT"), "f": np.nan, "U": ""}.get(times.values.dtype.kind, 0)
    return RaggedValues(times.values[:, None], lengths).padded(time, fill)[..., 0]
