"""A Keras optimizer from a trainer's settings, and its learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

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
    return float(getattr(optimizer, "inner_optimizer", optimizer).learning_rate)


def set_learning_rate(optimizer: keras.optimizers.Optimizer, rate: float) -> None:
    """Sets a constant rate."""
    getattr(optimizer, "inner_optimizer", optimizer).learning_rate = rate
