"""Whether a network is large enough for a GPU to pay: a rule made of what was measured, not a promise."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from seqrun.events.events import Message
from seqrun.machine.device import on_gpu

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.events.events import Emit

# Milliseconds a step on an H100 and on two CPU cores (2026-11-27; before steps on a GPU were programs), by million
# products: WaveNet 55: 3.8 and 2.2; BiLSTM autoencoder 138: 14.2 and 7.3; LSTM 161: 10.6 and 10.1; GRU 317: 7.1 and
# 11.3; Conv1D 2,300: 10.3 and 41.2. This is between those for which it did not pay and those for which it did.
LEAST_PRODUCTS = 200_000_000


def products(model: keras.Model, batch_size: int) -> int:
    """Return about how many products of a weight and a number a step takes on its way forward.

    Each weight that is not an embedding's meets each step of each sample once; what stands behind the last step meets
    fewer, so that it is at most so many.
    """
    import keras

    layers = [layer for layer in model._flatten_layers() if isinstance(layer, keras.layers.Embedding)]
    looked_up = {id(weight) for layer in layers for weight in layer.weights}
    weights = sum(math.prod(weight.shape) for weight in model.weights if id(weight) not in looked_up)
    return weights * (model.input_shape[1] or 1) * batch_size


def tell(emit: Emit, device: str, experiment: Experiment, model: keras.Model) -> None:
    """Say of a run on a GPU why it is there, and whether that pays."""
    if on_gpu():
        emit(Message(f"computes on {device}, which --device auto takes where there is one; {told(experiment, model)}"))


def told(experiment: Experiment, model: keras.Model) -> str:
    """Return in words whether the experiment is to be expected faster on a GPU, and by which figure."""
    count = products(model, experiment.trainer.batch_size)
    size = f"about {max(1, round(count / 1e6)):,} million products a step"
    least = f"{LEAST_PRODUCTS // 10**6} million"
    if count < LEAST_PRODUCTS:
        return f"{size}: faster on the CPU, or as fast, by what was measured (a GPU paid from {least} on)"
    return f"{size}: faster on a GPU, by what was measured (it paid from {least} on)"
