"""What an exported network reads and gives, as `input.json` says it, and read_input.py and a SavedModel's graph do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from seqrun.components.padding import PADDING
from seqrun.components.reading import Reader
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import (
    ClassTarget,
    LabelsTarget,
    NumbersTarget,
    Reconstruction,
    SeriesTarget,
    TagTarget,
    Target,
)
from seqrun.components.vocabulary import GIVEN, START, UNKNOWN, Vocabulary, separators
from seqrun.datasets.samples.reader import SequencesReader, ValuesReader
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.reader import SeriesReader
from seqrun.datasets.tagged.reader import SentenceReader
from seqrun.datasets.text.reader import TextReader
from seqrun.errors import UsageError
from seqrun.inference.saved import SavedRun
from seqrun.rundir.shapes import anything
from seqrun.tasks.multilabel.thresholds import THRESHOLDS_FILE
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE
from seqrun.tasks.regression.intervals import INTERVALS_FILE

Description = dict[str, Any]


def described(saved: SavedRun) -> Description:
    """Return the content of `input.json`: how raw input is read, and what the network's output means.

    Raises UsageError for a target of a kind that seqrun does not know.
    """
    spec = saved.spec
    dtype = "float32" if spec.vocabulary is None else "int32"
    network = {"shape": [*spec.input_shape], "dtype": dtype}
    return {"input": {**network, **_input(saved.reader, spec)}, "output": _output(saved, spec.target)}


def raw_tensors(description: Description) -> dict[str, tuple[list[int], str]]:
    """Return the shape of one raw sample, and its type, by the names that a SavedModel and golden.json have for it."""
    told = description["input"]
    kind, shape = told["kind"], told["shape"]
    if kind == "texts":
        return {"texts": ([], "string")}
    if kind == "values":
        return {"samples": (shape, "float64")}
    if kind == "pictures":
        return {"samples": (shape if told["steps"] == "rows" else shape[::-1], "float32")}
    if kind != "windows":
        return {"samples": (shape, told["dtype"])}
    rows = told["lookback"]
    found: dict[str, tuple[list[int], str]] = {"samples": ([rows, len(told["columns"])], "float64")}
    if told["calendar"]:
        found["times"] = ([rows], "int64")  # local, seconds since 1970
    if description["output"].get("series"):
        found["series"] = ([], "string")  # names
    return found


# --- input ------------------------------------------------------------------------------------------------------------


def _input(reader: Reader, spec: Spec) -> Description:
    """Return how the reader reads; samples as the network reads them where it has a way that only it knows."""
    if isinstance(reader, TextReader):
        encoder = reader.encoder
        sides = {"padding": encoder.padding, "truncating": encoder.truncating, "skip_top": encoder.skip_top}
        return {**text_description(encoder.vocabulary, sides), "classes": [*encoder.classes]}
    if isinstance(reader, SentenceReader):
        return text_description(reader.vocabulary, {"padding": "post", "truncating": "post", "skip_top": 0})
    if isinstance(reader, (ValuesReader, SequencesReader)) and spec.values is not None:
        return _values(spec.values)
    if isinstance(reader, SeriesReader):
        return _windows(reader.encoder)
    return {"kind": "ids" if spec.vocabulary is not None else "network"}


def text_description(vocabulary: Vocabulary, sides: Mapping[str, Any]) -> Description:
    """Return how texts are read with this vocabulary; `sides` are where they are padded and cut, and skip_top."""
    return {
        "kind": "texts",
        "tokens": vocabulary.kind,
        "lowercase": vocabulary.lowercase,
        "separators": separators() if vocabulary.kind == "words" else "",
        "start": None if vocabulary.kind == GIVEN else START,
        "unknown": UNKNOWN,
        "size": vocabulary.size,
        **sides,
        "vocabulary": vocabulary.ids,
    }


def _values(values: Values) -> Description:
    if values.image:
        return {"kind": "pictures", "steps": values.image}
    scales = {"offset": [*values.offset], "scale": [*values.scale]}
    return {"kind": "values", "features": [*values.features], **scales, "padded": values.padded, "fill": PADDING}


def _windows(encoder: SeriesEncoder) -> Description:
    framing = encoder.framing
    return {
        "kind": "windows",
        "columns": [*encoder.features],
        "lookback": framing.lookback,
        "step": framing.step,
        "calendar": [*encoder.calendar],
        **_series_scales(encoder, encoder.features),
    }


def _series_scales(encoder: SeriesEncoder, columns: Sequence[str]) -> Description:
    """Return offset and scale of the columns; of each series, where each is scaled by itself."""

    def of(scales: Mapping[str, Sequence[float]]) -> dict[str, list[float]]:
        return {part: [scales[name][number] for name in columns] for number, part in enumerate(("offset", "scale"))}

    if encoder.own:
        return {"series": {name: of(scales) for name, scales in encoder.own.items()}}
    return of(encoder.scales)


# --- output -----------------------------------------------------------------------------------------------------------


def _output(saved: SavedRun, target: Target) -> Description:
    if isinstance(target, ClassTarget):
        return {"kind": "classes", "classes": [*target.classes]}
    if isinstance(target, LabelsTarget):
        return {"kind": "labels", "labels": [*target.names], "thresholds": saved.kept(THRESHOLDS_FILE, anything)}
    if isinstance(target, TagTarget):
        return {"kind": "tags", "tags": [*target.tags]}
    if isinstance(target, NumbersTarget):
        scales = {"offset": [*target.offset], "scale": [*target.scale]}
        return {"kind": "numbers", "names": [*target.names], **scales, "interval": _interval(saved)}
    if isinstance(target, SeriesTarget):
        return _forecast(saved, target)
    if isinstance(target, Reconstruction):
        return _reconstruction(saved)
    raise UsageError(f"{saved.run.path}: what the network gives for {type(target).__name__} is not known")


def _interval(saved: SavedRun) -> Description | None:
    """Return the prediction intervals that the run kept; None if it has none that are as wide for every sample.

    Those of dropout are drawn anew for each sample, and unbounded ones tell nothing.
    """
    kept: Description | None = saved.kept(INTERVALS_FILE, anything)
    if kept is None or kept["half_widths"] is None or not np.isfinite(kept["half_widths"]).all():
        return None
    return kept


def _forecast(saved: SavedRun, target: SeriesTarget) -> Description:
    scales: Description = {"offset": [*target.offset], "scale": [*target.scale]}
    if target.series:
        pairs = zip(target.series, target.offset, target.scale, strict=True)
        scales = {"series": {name: {"offset": offset, "scale": scale} for name, offset, scale in pairs}}
    return {
        "kind": "series",
        "names": [*target.names],
        "horizon": target.horizon,
        "every_step": target.steps is not None,
        "iterated": target.iterated,
        "target_features": [*saved.spec.target_features],
        **scales,
        "interval": _interval(saved),
    }


def _reconstruction(saved: SavedRun) -> Description:
    values = saved.spec.values
    found: Description = {"kind": "reconstruction", "fill": PADDING, "columns": False, "offset": [0.0], "scale": [1.0]}
    anomaly = saved.kept(ANOMALY_FILE, anything)
    found["threshold"] = None if anomaly is None else anomaly["threshold"]
    if values is None:
        return found
    scales = {"offset": [*values.offset], "scale": [*values.scale]}
    return {**found, **scales, "columns": values.image == "columns"}
