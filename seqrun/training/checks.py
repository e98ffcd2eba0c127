"""What a network must answer before it is trained: outputs of the target's shape, and probabilities where those are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from seqrun.errors import UsageError

if TYPE_CHECKING:
    import keras

TRIED = 32  # samples that a network is tried on


def check_output_shape(model: keras.Model, wanted: tuple[int, ...], who_wants: str) -> None:
    """Raise UsageError if a sample's output is not of the shape `wanted`; "3 classes want" says whose it is."""
    shape = tuple(model.output_shape)
    if shape[1:] != wanted:
        raise UsageError(f"the network's output has the shape {shape}; {who_wants} {(None, *wanted)}")


def tried_outputs(model: keras.Model, inputs: np.ndarray) -> np.ndarray:
    """Return the untrained network's outputs (samples, ...) float32 for the first of these inputs (samples, ...)."""
    return np.asarray(model(inputs[:TRIED], training=False), np.float32)


def check_probabilities(model: keras.Model, inputs: np.ndarray, activation: str) -> None:
    """Raise UsageError if outputs are not from 0 to 1 or, with `softmax` as their activation, do not sum to 1."""
    outputs = tried_outputs(model, inputs)
    outside = (outputs < 0) | (outputs > 1)
    if outside.any() or (activation == "softmax" and not np.allclose(outputs.sum(axis=-1), 1, atol=1e-2)):
        raise UsageError(f"the network's outputs are no probabilities: its last layer wants activation={activation!r}")
