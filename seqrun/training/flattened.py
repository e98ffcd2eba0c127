"""Samples of numbers as rows of a table, for baselines that know nothing of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqrun.components.padding import real_steps

CHUNK = 1024  # samples that are looked at together, so that no copy of all is made


@dataclass(frozen=True)
class Flattened:
    """The table's columns: each step's and feature's mean over the training samples that have the step."""

    mean: np.ndarray  # (time, features) float64

    @classmethod
    def fit(cls, inputs: np.ndarray) -> Flattened:
        """Of inputs (samples, time, features); a step that no sample has takes the mean of all steps."""
        total = np.zeros(inputs.shape[1:])
        counts = np.zeros((inputs.shape[1], 1))
        for first in range(0, len(inputs), CHUNK):
            part = inputs[first : first + CHUNK]
            real = real_steps(part)
            total += part.sum(axis=0, dtype=np.float64, where=real[..., None])
            counts[:, 0] += real.sum(axis=0)
        everywhere = total.sum(axis=0) / counts.sum()
        return cls(np.where(counts > 0, total / np.maximum(counts, 1), everywhere))

    def rows(self, inputs: np.ndarray) -> np.ndarray:
        """(samples, time * features) float32, less the mean; 0 past a sample's end: there the mean stands."""
        rows = inputs - self.mean.astype(np.float32)
        rows[~real_steps(inputs)] = 0
        return rows.reshape(len(rows), -1)
