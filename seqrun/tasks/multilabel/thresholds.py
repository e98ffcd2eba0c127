"""From which probability on each label is predicted: chosen on the validation split, kept for predictions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from seqrun.readable import counted, listed_names
from seqrun.rundir.shapes import mapping, number

THRESHOLDS_FILE = "thresholds.json"
KEPT = mapping(number)
UNKNOWN = 0.5  # where validation has nothing to choose by


def best_thresholds(targets: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return the probability from which on to predict each label, (labels,): it maximises the label's F1.

    Takes targets and probabilities (samples, labels). Always one of a label's given probabilities, the highest of
    equally good ones; 0.5 for a label that no sample has, of which F1 says nothing.
    """
    columns = zip(np.asarray(targets).T > 0, np.asarray(probabilities, dtype=np.float64).T, strict=True)
    return np.array([_best_threshold(hits, scores) for hits, scores in columns])


def _best_threshold(hits: np.ndarray, scores: np.ndarray) -> float:
    if not hits.any():
        return UNKNOWN
    order = np.argsort(-scores, kind="stable")
    falling = scores[order]
    last = np.append(np.flatnonzero(np.diff(falling)), len(falling) - 1)  # of each stretch of equal scores
    found = np.cumsum(hits[order])[last]
    f1 = 2 * found / (last + 1 + found[-1])
    return float(falling[last[np.argmax(f1)]])


def undecided_warning(targets: np.ndarray, names: Sequence[str]) -> str | None:
    """Return a warning of labels that none of validation's targets (samples, labels) has; None if each is there."""
    lacking = [name for name, column in zip(names, np.asarray(targets).T, strict=True) if not column.any()]
    if not lacking:
        return None
    without = f"no validation sample has {counted(len(lacking), 'label')} ({listed_names(lacking)})"
    return f"{without}, so that no threshold could be chosen there: it is {UNKNOWN}"


def thresholds_json(names: Sequence[str], thresholds: np.ndarray) -> bytes:
    """Return the content of `artifacts/thresholds.json`: the thresholds (labels,) by the names of the labels."""
    return json.dumps(dict(zip(names, thresholds.tolist(), strict=True)), indent=2, ensure_ascii=False).encode()


def kept_thresholds(kept: Mapping[str, float] | None, names: Sequence[str]) -> np.ndarray | None:
    """Return the thresholds (labels,) that a run has kept; None if it has not those of all these labels."""
    if kept is None or not kept.keys() >= {*names}:
        return None
    return np.array([kept[name] for name in names], np.float64)
