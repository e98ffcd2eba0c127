"""What else is kept of the samples that were measured, so that metrics can be told apart by it later."""

from __future__ import annotations

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.splits import Spec, Split, Splits, Windows
from seqrun.components.vocabulary import START, UNKNOWN

LENGTHS = "lengths"  # of predictions.npz: how many tokens or steps of each sample the network reads, (samples,)
UNKNOWN_SHARE = "unknown"  # which share of these tokens the vocabulary does not know, (samples,)
SERIES = "series"  # the number of each window's series, (samples,)
TIMES = "times"  # the times that are forecast, (samples, horizon)
FACTS = (LENGTHS, UNKNOWN_SHARE, SERIES, TIMES)  # which runs of earlier versions do not have


def facts_of_test(splits: Splits) -> dict[str, np.ndarray]:
    """Return the arrays for predictions.npz that say what kind of samples those of the test split are."""
    test = splits.test
    return window_facts(test) if isinstance(test, Windows) else sample_facts(splits.spec, test)


def sample_facts(spec: Spec, split: Split) -> dict[str, np.ndarray]:
    """Return the arrays for predictions.npz that say of each sample how long it is, and how much of it is unknown.

    Samples of one length, such as pictures, have none.
    """
    if spec.vocabulary is None:
        padded = spec.values is not None and spec.values.padded
        return {LENGTHS: real_steps(split.inputs).sum(axis=1, dtype=np.int32)} if padded else {}
    tokens = (real_steps(split.inputs) & (split.inputs != START)).sum(axis=1, dtype=np.int32)
    if spec.vocabulary.words is None:
        return {LENGTHS: tokens}
    unknown = (split.inputs == UNKNOWN).sum(axis=1)
    return {LENGTHS: tokens, UNKNOWN_SHARE: (unknown / np.maximum(tokens, 1)).astype(np.float32)}


def window_facts(windows: Windows) -> dict[str, np.ndarray]:
    """Return the arrays for predictions.npz that say of each window of which series it is, and what it forecasts.

    A file with one series, or without times, has none.
    """
    facts = {}
    if windows.sample_series is not None:
        facts[SERIES] = windows.sample_series
    if windows.times is not None and np.issubdtype(windows.times.dtype, np.datetime64):
        facts[TIMES] = windows.times[windows.starts[:, None] + windows.horizon_rows]
    return facts
