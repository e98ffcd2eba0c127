"""The Keras optimizer of a trainer's settings, and its learning rate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Trainer
    from seqrun.components.optimizers import Optimizer, Schedule


def build_optimizer(settings: Trainer) -> keras.optimizers.Optimizer:
    """Return the configured optimizer.

    Under mixed_float16 it is wrapped in a dynamic loss scale, so that small gradients do not become 0.
    """
    import keras

    optimizer = keras_optimizer(settings.optimizer)
    return keras.optimizers.LossScaleOptimizer(optimizer) if settings.precision == "mixed_float16" else optimizer


def keras_optimizer(options: Optimizer) -> keras.optimizers.Optimizer:
    """Return the Keras optimizer of this name and arguments, or a faster one with the same arithmetic."""
    import keras

    from seqrun.training.fast_optimizers import FAST

    arguments = options.model_dump(exclude={"name", "learning_rate"}, exclude_none=True)
    rate = options.learning_rate
    arguments["learning_rate"] = rate if isinstance(rate, float) else _schedule(rate)
    if options.name in FAST:
        return FAST[options.name](**arguments)
    return keras.optimizers.get({"class_name": options.name, "config": arguments})


def _schedule(options: Schedule) -> keras.optimizers.schedules.LearningRateSchedule:
    import keras

    class_name = "".join(part.capitalize() for part in options.name.split("_"))
    return getattr(keras.optimizers.schedules, class_name)(**options.model_dump(exclude={"name"}))


def learning_rate(optimizer: keras.optimizers.Optimizer) -> float:
    """Return the learning rate of the next step, be it constant or of a schedule, also behind a loss scale."""
    rate = np.float32(getattr(optimizer, "inner_optimizer", optimizer).learning_rate)
    return float(str(rate))  # 0.001, not the 0.0010000000474974513 that is as near as 32 bits come


def set_learning_rate(optimizer: keras.optimizers.Optimizer, rate: float) -> None:
    """Set a constant learning rate, also behind a loss scale."""
    getattr(optimizer, "inner_optimizer", optimizer).learning_rate = rate
