"""Runs that have kept predictions, made without a network."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from seqrun.components.spec_json import spec_artifacts
from seqrun.components.splits import Spec
from seqrun.components.targets import ClassTarget, SeriesTarget, TagTarget, Target
from seqrun.rundir.npz import compressed_npz
from seqrun.rundir.reading import RunRecord, read_run


def keep(run: Path, target: Target, framing: dict | None = None, **arrays: np.ndarray) -> RunRecord:
    """Return the run with these arrays in predictions.npz; `index` counts from 0 if it is not given."""
    (run / "artifacts").mkdir(exist_ok=True)
    for name, content in spec_artifacts(Spec((4,), target)).items():
        (run / "artifacts" / name).write_bytes(content)
    if framing is not None:
        (run / "artifacts" / "series.json").write_text(json.dumps({"framing": framing}))
    arrays = {"index": np.arange(len(arrays["targets"])), **arrays}
    (run / "predictions.npz").write_bytes(compressed_npz(arrays))
    return read_run(run)


def classifier(run: Path, targets: np.ndarray, scores: np.ndarray, **arrays: np.ndarray) -> RunRecord:
    """Return a classifier's run, of two classes or as many as `scores` has columns."""
    classes = 2 if scores.ndim == 1 else scores.shape[1]
    return keep(run, ClassTarget(tuple("abcdefgh"[:classes])), targets=targets, predictions=scores, **arrays)


def forecaster(run: Path, targets: np.ndarray, forecasts: np.ndarray, **arrays: np.ndarray) -> RunRecord:
    """Return the run of a forecaster of one series, of arrays (samples, horizon, targets)."""
    names = tuple("xyz"[: targets.shape[2]])
    target = SeriesTarget(names, targets.shape[1], offset=(0.0,) * len(names), scale=(2.0,) * len(names))
    return keep(run, target, {"delay": 0, "stride": 1}, targets=targets, predictions=forecasts, **arrays)


def tagger(run: Path, tags: tuple[str, ...], targets: np.ndarray, outputs: np.ndarray) -> RunRecord:
    """Return a tagger's run, of tag numbers (samples, time) and probabilities (samples, time, tags)."""
    return keep(run, TagTarget(tags), targets=targets, predictions=outputs)
