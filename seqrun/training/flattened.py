"""Samples of numbers as rows of a table, for baselines that ignore the order of steps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from seqrun.components.padding import real_steps

CHUNK = 1024  # samples at a time, so that no copy of all is made


@dataclass(frozen=True)
class Flattened:
    """A column for each feature of each step, less its mean over the training samples that have the step."""

    mean: np.ndarray  # (time, features) float64

    @classmethod
    def fit(cls, inputs: np.ndarray) -> Flattened:
        """Return the columns of inputs (samples, time, features); a step that no sample has gets the overall mean."""
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
        """Return the rows (samples, time * features), less the mean, of the inputs' type; 0 past a sample's end."""
        rows = inputs - self.mean.astype(inputs.dtype)
        rows[~real_steps(inputs)] = 0
        return rows.reshape(len(rows), -1)
