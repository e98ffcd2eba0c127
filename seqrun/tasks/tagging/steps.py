"""New samples whose steps are to be tagged: the words of sentences, or the steps of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Self

import numpy as np

from seqrun.components.keys import Key
from seqrun.components.padding import real_steps
from seqrun.components.reading import NewSamples
from seqrun.datasets.samples.ragged import RaggedValues


@dataclass(frozen=True)
class NewSteps:
    """Samples, with the name of each step; a sample may have more steps than the network reads."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    samples: Sequence[Any]  # the name of each sample in its file, else its row
    steps: Sequence[
        Sequence[Any]
    ]  # of each sample: words, else the steps' times in the file, else their numbers from 0
    names: tuple[str, str]  # the columns of sample and step in the results
    keys: Mapping[str, np.ndarray] = field(default_factory=dict)  # the file's own names of samples and steps, by column
    own: Mapping[str, Sequence[Any]] = field(default_factory=dict)  # the file's other columns, a cell a step

    @classmethod
    def of(cls, samples: NewSamples) -> Self:
        """Return the samples that a reader has read, with the names of their steps."""
        if samples.tokens is not None:
            names = ("sentence", "token")
            own = samples.own_of_steps or {n: _repeated(cells, samples.tokens) for n, cells in samples.own.items()}
            return cls(samples.inputs, samples.index, samples.index.tolist(), samples.tokens, names, own=own)
        return cls._numbered(samples)

    @classmethod
    def _numbered(cls, samples: NewSamples) -> Self:
        """Return samples of numbers, padded at their ends; steps are numbered if the file has no times."""
        inputs = samples.inputs
        lengths = real_steps(inputs).sum(axis=1)
        [(sample, called)] = samples.keys.items()
        keys = {} if samples.ids is None else {samples.ids.name: samples.ids.values}
        steps: list[Sequence[Any]]
        if samples.times is None:
            step, steps = "step", [range(length) for length in lengths.tolist()]
        else:
            step, cells = samples.times.name, iter(samples.times.cells)
            steps = [[*islice(cells, length)] for length in lengths.tolist()]
            keys[step] = _padded(samples.times, lengths, inputs.shape[1])
        own = samples.own_of_steps or {name: _repeated(cells, steps) for name, cells in samples.own.items()}
        own = {name: cells for name, cells in own.items() if name not in keys}
        return cls(inputs, samples.index, called, steps, (sample, step), keys, own)


def _repeated(cells: Sequence[Any], steps: Sequence[Sequence[Any]]) -> list[Any]:
    """Return a sample's cell for each of its steps."""
    return [cell for cell, of_sample in zip(cells, steps, strict=True) for _ in of_sample]


def _padded(times: Key, lengths: np.ndarray, time: int) -> np.ndarray:
    """Return the times of steps (samples, time); past a sample's end NaT, nan, "" or, of whole numbers, 0."""
    fills: dict[str, Any] = {"M": np.datetime64("NaT", "us"), "f": np.nan, "U": ""}  # by the kind of numpy's dtype
    return RaggedValues(times.values[:, None], lengths).padded(time, fills.get(times.values.dtype.kind, 0))[..., 0]
