"""A network's outputs for any number of samples, a batch at a time."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from seqrun.training.program import EVALUATION_BATCH

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


def forward_pass(model: keras.Model) -> Callable[[np.ndarray], np.ndarray]:
    """Return a function from inputs (samples, ...) to the model's outputs (samples, ...) float32, without dropout."""
    import tensorflow as tf

    @partial(tf.function, autograph=False)
    def forward(batch: tf.Tensor) -> tf.Tensor:
        return tf.cast(model(batch, training=False), tf.float32)

    def outputs(inputs: np.ndarray) -> np.ndarray:
        parts = (inputs[first : first + EVALUATION_BATCH] for first in range(0, len(inputs), EVALUATION_BATCH))
        return np.concatenate([forward(tf.convert_to_tensor(part)).numpy() for part in parts])

    return outputs
