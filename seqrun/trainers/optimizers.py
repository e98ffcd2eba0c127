"""A Keras optimizer from a trainer's settings, and its learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

    from seqrun.components import Trainer


def build_optimizer(settings: Trainer) -> keras.optimizers.Optimizer:
    """The configured optimizer; under mixed_float16 behind a dynamic loss scale, so that small gradients survive."""
    import keras

    optimizer = settings.optimizer.build()
    return keras.optimizers.LossScaleOptimizer(optimizer) if settings.precision == "mixed_float16" else optimizer


def learning_rate(optimizer: keras.optimizers.Optimizer) -> float:
    """The rate of the next step, of a constant or a schedule, also behind a loss scale."""
    rate = np.float32(getattr(optimizer, "inner_optimizer", optimizer).learning_rate)
    return float(str(rate))  # 0.001, not the 0.0010000000474974513 that is as near as 32 bits come


def set_learning_rate(optimizer: keras.optimizers.Optimizer, rate: float) -> None:
    """Sets a constant rate."""
    getattr(optimizer, "inner_optimizer", optimizer).learning_rate = rate
