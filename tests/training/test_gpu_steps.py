"""Steps as a GPU takes them, computed on a CPU: the same numbers as the steps of a CPU."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from smoke_configs import SMOKE, experiment_and_splits
from tensorflow.python.framework import config as settings  # TensorFlow has no public door to switch it off

from seqrun.architectures.layers.fast.compiled import Arrangement, arrangement_of
from seqrun.components.session import Session
from seqrun.events.events import Batch
from seqrun.machine import device
from seqrun.running.phases import build_model, fit
from seqrun.training import loop

STEPS = 3
# One of each kind: cuDNN's layers with masks and without, in both directions, in models inside a model; loops that are
# compiled; a loss that a layer adds; layers that normalise; convolutions of both kinds. The other smoke configs repeat
# them.
KINDS = (
    "bilstm",
    "conv1d",
    "lstm",
    "mnist_lstm_autoencoder",
    "mnist_vae",
    "transformer",
    "waves_ln_rnn",
    "waves_rnn",
    "waves_wavenet",
)


class Enough(Exception):
    """So many steps have been taken."""


@pytest.fixture(autouse=True)
def any_order():
    """As a GPU computes: a test before this one may have chosen the CPU, which makes operations deterministic."""
    was = settings.is_op_determinism_enabled()
    settings.disable_op_determinism()
    yield
    if was:
        settings.enable_op_determinism()


@pytest.fixture
def on_a_gpu(monkeypatch):
    """on_a_gpu(): steps are from now on arranged as on a GPU."""

    def on_a_gpu() -> None:
        monkeypatch.setattr(device, "on_gpu", lambda: True)
        monkeypatch.setattr(device, "deterministic", lambda: False)

    monkeypatch.setattr(loop, "REPORT_SECONDS", 1e-9)  # each step is a call
    monkeypatch.setattr(keras.random, "normal", lambda shape, **options: keras.ops.zeros(shape))
    return on_a_gpu


def without_chance(model: keras.Model) -> keras.Model:
    """The model without dropout, which draws other random bits on a CPU than on a GPU."""
    for layer in model._flatten_layers():
        for name in ("rate", "dropout", "recurrent_dropout"):
            if name in vars(layer):
                setattr(layer, name, 0.0)
    return model


def trained(config: Path) -> tuple[Arrangement, list[float], list[np.ndarray]]:
    """The arrangement of a config's network, the losses of its first steps and its variables after them."""
    experiment, splits = experiment_and_splits(config)
    model, losses = without_chance(build_model(experiment, splits.spec)), []

    def emit(event) -> None:
        if isinstance(event, Batch):
            losses.append(event.loss)
            if len(losses) == STEPS:
                raise Enough

    with pytest.raises(Enough):
        fit(experiment, model, splits, Session(1, emit))
    return arrangement_of(model), losses, [variable.numpy() for variable in model.variables]


@pytest.mark.parametrize("config", [each for each in SMOKE if each.stem in KINDS], ids=lambda config: config.stem)
def test_a_gpus_steps_are_those_of_a_cpu(config, on_a_gpu):
    _, *expected = trained(config)
    on_a_gpu()
    arrangement, *found = trained(config)
    assert arrangement in (Arrangement.WHOLE, Arrangement.BETWEEN)
    for ours, theirs in zip(keras.tree.flatten(found), keras.tree.flatten(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
