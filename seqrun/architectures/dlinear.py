"""DLinear: trend and remainder, each forecast by one linear map."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, field_validator

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.sequences import whole_window_problems
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class DLinear(Architecture):
    """The window's moving average and the remainder, each mapped linearly to the horizon, and added.

    Each target is forecast from its own past alone, all with the same weights. Zeng et al., Are Transformers Effective
    for Time Series Forecasting?, 2022.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"forecasting"})

    name: Literal["dlinear"] = Field("dlinear", description="trend and remainder, each mapped linearly")
    kernel_size: int = Field(25, ge=1, description="steps of the moving average, an odd number; the ends are repeated")

    @field_validator("kernel_size")
    @classmethod
    def _centred(cls, kernel_size: int) -> int:
        if kernel_size % 2 == 0:
            raise ValueError(f"is {kernel_size}; an average around a step takes an odd number of steps")
        return kernel_size

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from whole_window_problems(self.name, outline)
        if outline.unseen_targets:
            names = ", ".join(map(str, outline.unseen_targets))
            yield Problem(
                ("dataset", "features"), f"dlinear forecasts a target from its own past, and {names} is no feature"
            )

    def least_weights(self, outline: Outline) -> int:
        return 2 * (outline.length or 0) * (outline.ahead or 1)

    def build(self, spec: Spec) -> keras.Model:
        import keras
        from keras import layers, ops

        window = model_input(spec)  # (batch, time, features)
        past = ops.take(window, spec.target_features, axis=-1)  # (batch, time, targets)
        trend = self._moving_average(past)
        remainder = layers.Subtract(name="remainder")([past, trend])
        x = layers.Add(name="sum")([_mapped(trend, "trend", spec), _mapped(remainder, "remainder", spec)])
        forecast = layers.Permute((2, 1), dtype="float32", name="forecast")(x)  # (batch, horizon, targets)
        return keras.Model(window, forecast, name=self.name)

    def _moving_average(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Return x (batch, time, targets) averaged around each step; its ends are repeated for the steps beyond."""
        from keras import layers, ops

        around = (self.kernel_size - 1) // 2
        if around:
            first, last = (ops.repeat(end, around, axis=1) for end in (x[:, :1], x[:, -1:]))
            x = ops.concatenate([first, x, last], axis=1)
        return layers.AveragePooling1D(self.kernel_size, strides=1, name="trend")(x)


def _mapped(x: keras.KerasTensor, name: str, spec: Spec) -> keras.KerasTensor:
    """Return each target's linear forecast (batch, targets, horizon) from its own past in x (batch, time, targets)."""
    from keras import layers

    by_target = layers.Permute((2, 1), name=f"{name}_by_target")(x)  # (batch, targets, time)
    return layers.Dense(spec.output_shape[0], dtype="float32", name=f"{name}_forecast")(by_target)
