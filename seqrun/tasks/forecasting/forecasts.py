"""Whole forecasts from a network: its last output, or its output fed back; one each, or many with dropout left on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.splits import Spec, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.components.units import Units
from seqrun.tasks.forecasting.intervals import mc_interval
from seqrun.tasks.forecasting.iteration import iterate
from seqrun.tasks.forecasting.options import MCDropout

if TYPE_CHECKING:
    import keras

BATCH = 512  # windows forecast at once


class Forecasts:
    """A network's whole forecasts, (samples, horizon, targets) in its units, of inputs (samples, time, features)."""

    def __init__(self, model: keras.Model, spec: Spec[SeriesTarget]):
        import tensorflow as tf

        self.model = model
        self.target = spec.target
        self.target_features = spec.target_features
        self._calls = {
            dropout: tf.function(partial(model, training=dropout), autograph=False) for dropout in (False, True)
        }

    def __call__(self, inputs: np.ndarray, *, dropout: bool = False) -> np.ndarray:
        """Return one forecast of each sample; `dropout` leaves dropout on."""
        call = self._calls[dropout]

        def predict(window: np.ndarray) -> np.ndarray:
            return call(window).numpy()

        if self.target.iterated:
            return iterate(predict, inputs, self.target.horizon, self.target_features)
        outputs = predict(inputs)
        return outputs if self.target.steps is None else outputs[:, -1]

    def draws(self, inputs: np.ndarray, count: int) -> np.ndarray:
        """Return `count` forecasts of each sample with dropout left on, (count, samples, horizon, targets).

        Source: Gal and Ghahramani, 2016, "Dropout as a Bayesian Approximation".
        """
        with _frozen_batch_norm(self.model):
            return np.stack([self(inputs, dropout=True) for _ in range(count)])


def mc_forecasts(
    forecasts: Forecasts, batches: Iterator[np.ndarray], options: MCDropout, units: Units
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the mean of forecasts with dropout left on, and the lower and upper bounds that hold `level` of them.

    Each is (samples, horizon, targets) in original units, `units` being those of the samples; `batches` are inputs
    (batch, time, features) of all samples in their order.
    """
    parts, done = [], 0
    with same_draws(forecasts.model):
        for inputs in batches:
            own = units.at(slice(done, done + len(inputs)))
            draws = own.original(forecasts.draws(inputs, options.samples))  # (draws, batch, horizon, targets)
            parts.append((draws.mean(axis=0), *mc_interval(draws, options.level)))
            done += len(inputs)
    mean, lower, upper = (np.concatenate(part) for part in zip(*parts, strict=True))
    return mean, lower, upper


def inputs_in_batches(windows: Windows) -> Iterator[np.ndarray]:
    """Yield the inputs of all windows in batches (up to BATCH, time, features) float32."""
    for first in range(0, len(windows), BATCH):
        yield windows.taken(slice(first, first + BATCH)).inputs().astype(np.float32, copy=False)


@contextmanager
def same_draws(model: keras.Model) -> Iterator[None]:
    """Draw the same in a `with` block whenever it is entered: forecasts of the same inputs are the same ones.

    Each layer that draws begins with a seed of its own; behind the block all go on as if nothing had been drawn.
    """
    states = [variable for variable in model.variables if variable.name == "seed_generator_state"]
    before = [state.numpy() for state in states]
    for number, state in enumerate(states, start=1):
        state.assign([number, 0])
    try:
        yield
    finally:
        for state, value in zip(states, before, strict=True):
            state.assign(value)


@contextmanager
def _frozen_batch_norm(model: keras.Model) -> Iterator[None]:
    """Freeze batch normalisation in a `with` block: it uses its moving statistics there, even while dropout is on."""
    import keras

    kind = keras.layers.BatchNormalization
    layers = [layer for layer in model._flatten_layers() if isinstance(layer, kind) and layer.trainable]
    for layer in layers:
        layer.trainable = False
    try:
        yield
    finally:
        for layer in layers:
            layer.trainable = True
