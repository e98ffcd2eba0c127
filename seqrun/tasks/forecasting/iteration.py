"""Forecasts of many steps from a network that forecasts one: it is fed its own output."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np


def iterate(
    predict_one_step: Callable[[np.ndarray], np.ndarray],
    inputs: np.ndarray,
    horizon: int,
    target_features: Sequence[int],
) -> np.ndarray:
    """Return forecasts (samples, horizon, targets), each of which is appended to the input of the next.

    `inputs` are (samples, time, features); `predict_one_step` maps such inputs to (samples, 1, targets). Target j is
    the feature `target_features[j]`, and every feature must be a target. Source: Géron, Hands-On Machine Learning,
    chapter 15.
    """
    window, forecasts = inputs, []
    for _ in range(horizon):
        step = predict_one_step(window)  # (samples, 1, targets)
        forecasts.append(step)
        following = np.empty((len(window), 1, window.shape[2]), window.dtype)
        following[:, :, list(target_features)] = step
        window = np.concatenate([window[:, 1:], following], axis=1)
    return np.concatenate(forecasts, axis=1)
