"""A split's samples as a user would give them: texts, and numbers in original units, from what the network reads."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.splits import Split, Windows
from seqrun.components.units import Units
from seqrun.components.vocabulary import START, UNKNOWN
from seqrun.export.description import Description
from seqrun.export.read_input import Reader
from seqrun.inference.saved import SavedRun

AT_ONCE = 64_000_000  # bytes of raw samples that are held at once
PRIVATE = range(0xE000, 0xF900)  # code points that no text means anything by: one of them stands for unknown tokens


@dataclass(frozen=True)
class Raw:
    """Raw samples, and what the network reads of them."""

    inputs: np.ndarray  # (samples, ...)
    samples: Any  # texts, or an array (samples, ...)
    more: dict[str, np.ndarray]  # times and series of windows, if the run reads such
    exact: np.ndarray  # (samples,) booleans: the raw sample is read as just these inputs

    def taken(self, numbers: np.ndarray) -> Raw:
        """Return only the samples with these numbers."""
        texts = isinstance(self.samples, list)
        samples = [self.samples[number] for number in numbers] if texts else self.samples[numbers]
        more = {name: values[numbers] for name, values in self.more.items()}
        return Raw(self.inputs[numbers], samples, more, self.exact[numbers])

    def kept(self) -> Raw:
        """Return only the samples that are read as just these inputs."""
        return self.taken(np.flatnonzero(self.exact))

    def with_texts(self, texts: Sequence[str], saved: SavedRun) -> Raw:
        """Return these samples, and texts that the run's own reader encodes."""
        read = saved.reader.texts(texts)
        if read is None:
            raise TypeError("this run reads no texts")
        inputs = np.concatenate([self.inputs, read.inputs])
        return Raw(inputs, [*self.samples, *texts], self.more, np.ones(len(inputs), bool))


@dataclass(frozen=True)
class Samples:
    """The raw samples of a split, a part at a time."""

    description: Description
    split: Split | Windows
    series: tuple[str, ...] = ()  # the names of those that are scaled by themselves

    def parts(self) -> Iterator[tuple[slice, Raw]]:
        """Yield which samples a part has, and these."""
        told = self.description["input"]
        numbers = told["shape"][0] * told["shape"][-1] * told.get("step", 1)
        at_once = max(1, AT_ONCE // (8 * numbers))
        for first in range(0, len(self.split), at_once):
            chosen = slice(first, first + at_once)
            yield chosen, raw_samples(self.description, self.split, chosen, self.series)

    def some(self, count: int) -> Raw:
        """Return about so many samples from the first part, spread over it."""
        _, raw = next(self.parts())
        kept = raw.kept()
        return kept.taken(np.unique(np.linspace(0, len(kept.inputs) - 1, count).round().astype(int)))


def inputs_of(split: Split | Windows, chosen: slice) -> np.ndarray:
    """Return what the network reads of these samples, (samples, ...)."""
    if isinstance(split, Windows):
        return split.taken(chosen).inputs().astype(np.float32, copy=False)
    inputs = split.inputs[chosen]
    return inputs if inputs.dtype.kind in "iu" else inputs.astype(np.float32, copy=False)


def raw_samples(description: Description, split: Split | Windows, chosen: slice, series: Sequence[str] = ()) -> Raw:
    """Return raw forms of these samples; `series` are the names of those that are scaled by themselves.

    A text has a word that nobody knows for each unknown one, and lacks what was cut.
    """
    told, inputs = description["input"], inputs_of(split, chosen)
    more: dict[str, np.ndarray] = {}
    if told["kind"] == "texts":
        samples: Any = _texts(told, inputs)
    elif told["kind"] == "values":
        samples = Units.of(told["offset"], told["scale"]).original(inputs)
        samples[~real_steps(inputs)] = np.nan
    elif told["kind"] == "pictures":
        samples = inputs.swapaxes(1, 2) if told["steps"] == "columns" else inputs
    elif told["kind"] == "windows" and isinstance(split, Windows):
        samples, more = _windows(told, split.taken(chosen), series)
    else:
        samples = inputs
    read = Reader(description).inputs(samples, **more)
    exact = np.isclose(read, inputs, rtol=1e-6, atol=1e-6).reshape(len(inputs), -1).all(axis=1)
    return Raw(inputs, samples, more, exact)


def _texts(told: Description, inputs: np.ndarray) -> list[str]:
    words = {number: word for word, number in told["vocabulary"].items()}
    unknown = next(chr(point) for point in PRIVATE if chr(point) not in told["vocabulary"])
    between = "" if told["tokens"] == "characters" else " "
    started = told["start"] is not None
    first = START if told["skip_top"] <= START else UNKNOWN  # what a start mark is read as
    texts = []
    for row in inputs:
        ids = row[row != 0].tolist()
        if started and ids[:1] == [first]:  # it is put in front again
            ids = ids[1:]
        texts.append(between.join(words.get(number, unknown) for number in ids))
    return texts


def _windows(told: Description, windows: Windows, series: Sequence[str]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Return the rows of each window in original units, (samples, lookback, columns); rows between steps repeat."""
    columns, step = len(told["columns"]), told["step"]
    inputs = windows.inputs()[..., :columns]
    more: dict[str, np.ndarray] = {}
    units = None
    if told.get("series"):
        numbers = windows.sample_series
        names = [series[number] for number in ([] if numbers is None else numbers)]
        more["series"] = np.array(names)
        offset, scale = (np.array([told["series"][name][part] for name in names]) for part in ("offset", "scale"))
        units = Units(offset[:, None], scale[:, None])
    units = units or Units.of(told["offset"], told["scale"])
    samples = np.repeat(units.original(inputs), step, axis=1)
    if told["calendar"] and windows.times is not None:
        rows = windows.starts[:, None] + np.repeat(windows.input_rows, step)
        more["times"] = windows.times[rows]
    return samples, more
