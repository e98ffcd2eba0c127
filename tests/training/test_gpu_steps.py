"""Steps as a GPU takes them, computed on a CPU: the same numbers as TensorFlow's own operations give."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
from smoke_configs import SMOKE, experiment_and_splits

from seqrun.architectures.layers.fast.compiled import Arrangement, arrangement_of
from seqrun.components.session import Session
from seqrun.events.events import Batch
from seqrun.machine import device
from seqrun.running.phases import build_model, fit
from seqrun.training import loop

STEPS = 3


class Enough(Exception):
    """So many steps have been taken."""


@pytest.fixture
def on_a_gpu(monkeypatch):
    """on_a_gpu(): steps are from now on arranged as on a GPU; with `operations`, as TensorFlow's own there."""

    def on_a_gpu(operations: bool = False) -> None:
        monkeypatch.setattr(device, "on_gpu", lambda: True)
        monkeypatch.setattr(device, "deterministic", lambda: operations)

    monkeypatch.setattr(loop, "REPORT_SECONDS", 1e-9)  # each step is a call
    monkeypatch.setattr(keras.random, "normal", lambda shape, **options: keras.ops.zeros(shape))
    return on_a_gpu


def without_chance(model: keras.Model) -> keras.Model:
    """The model without dropout: a program draws other random bits than operations do."""
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


@pytest.mark.parametrize("config", SMOKE, ids=lambda config: config.stem)
def test_programs_compute_what_operations_do(config, on_a_gpu):
    on_a_gpu(operations=True)
    _, *expected = trained(config)
    on_a_gpu()
    arrangement, *found = trained(config)
    assert arrangement is not Arrangement.OPERATIONS
    for ours, theirs in zip(keras.tree.flatten(found), keras.tree.flatten(expected), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)
