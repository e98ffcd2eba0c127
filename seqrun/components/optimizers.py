"""Optimizers and learning-rate schedules as a config writes them.

Each class's fields are the arguments of the Keras class of that name.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, field_validator, model_validator

from seqrun.components.options import Options

Precision = Literal["float32", "mixed_bfloat16", "mixed_float16"]


# --- learning-rate schedules ------------------------------------------------------------------------------------------


class ExponentialDecay(Options):
    """initial_learning_rate * decay_rate ^ (step / decay_steps)."""

    name: Literal["exponential_decay"]
    initial_learning_rate: float = Field(gt=0, description="the rate at step 0")
    decay_steps: int = Field(ge=1, description="steps after which the rate has decayed once")
    decay_rate: float = Field(gt=0, le=1, description="what one decay multiplies the rate by")
    staircase: bool = Field(False, description="decay in steps rather than smoothly")


class InverseTimeDecay(Options):
    """initial_learning_rate / (1 + decay_rate * step / decay_steps)."""

    name: Literal["inverse_time_decay"]
    initial_learning_rate: float = Field(gt=0, description="the rate at step 0")
    decay_steps: int = Field(ge=1, description="steps in one unit of decay")
    decay_rate: float = Field(gt=0, description="how much one unit of decay weighs")
    staircase: bool = Field(False, description="decay in steps rather than smoothly")


class PolynomialDecay(Options):
    """From the initial to the end rate along a polynomial."""

    name: Literal["polynomial_decay"]
    initial_learning_rate: float = Field(gt=0, description="the rate at step 0")
    decay_steps: int = Field(ge=1, description="steps until the end rate")
    end_learning_rate: float = Field(1e-4, ge=0, description="the last rate")
    power: float = Field(1.0, gt=0, description="the polynomial's power; 1 is a straight line")
    cycle: bool = Field(False, description="start again when the end is reached")


class CosineDecay(Options):
    """Along a half cosine, with an optional linear warm-up (Loshchilov and Hutter, 2016)."""

    name: Literal["cosine_decay"]
    initial_learning_rate: float = Field(ge=0, description="the rate at step 0")
    decay_steps: int = Field(ge=1, description="steps until the end rate")
    alpha: float = Field(0.0, ge=0, le=1, description="the last rate as a fraction of the highest")
    warmup_target: float | None = Field(None, gt=0, description="the rate at the end of the warm-up")
    warmup_steps: int = Field(0, ge=0, description="steps of warm-up before the decay")


class PiecewiseConstantDecay(Options):
    """One constant rate up to each boundary."""

    name: Literal["piecewise_constant_decay"]
    boundaries: list[int] = Field(min_length=1, description="steps at which the rate changes, increasing")
    values: list[float] = Field(min_length=2, description="the rates: one more than there are boundaries")

    @field_validator("boundaries")
    @classmethod
    def _increase(cls, boundaries: list[int]) -> list[int]:
        if any(later <= earlier for earlier, later in pairwise(boundaries)):
            raise ValueError(f"must increase, not {boundaries}")
        return boundaries

    @model_validator(mode="after")
    def _one_value_more(self) -> PiecewiseConstantDecay:
        if len(self.values) != len(self.boundaries) + 1:
            raise ValueError(
                f"{len(self.boundaries)} boundaries want {len(self.boundaries) + 1} values, not {len(self.values)}"
            )
        return self


Schedule = Annotated[
    ExponentialDecay | InverseTimeDecay | PolynomialDecay | CosineDecay | PiecewiseConstantDecay,
    Field(discriminator="name"),
]


def _rate_kind(value: Any) -> str:
    return "schedule" if isinstance(value, (dict, Options)) else "number"


LearningRate = Annotated[
    Annotated[Annotated[float, Field(gt=0)], Tag("number")] | Annotated[Schedule, Tag("schedule")],
    Discriminator(_rate_kind),
]


# --- optimizers -------------------------------------------------------------------------------------------------------


FirstDecay = Annotated[float, Field(ge=0, lt=1, description="decay of the first moment")]
SecondDecay = Annotated[float, Field(ge=0, lt=1, description="decay of the second moment")]
Epsilon = Annotated[float, Field(gt=0, description="added to the denominator")]
Momentum = Annotated[float, Field(ge=0, lt=1, description="momentum")]


class _Optimizer(Options):
    learning_rate: LearningRate = Field(1e-3, description="a number, or a schedule: {name: cosine_decay, ...}")
    weight_decay: float | None = Field(None, ge=0, description="decoupled weight decay")
    clipnorm: float | None = Field(None, gt=0, description="clip each gradient to this norm")
    global_clipnorm: float | None = Field(None, gt=0, description="clip all gradients together to this norm")
    clipvalue: float | None = Field(None, gt=0, description="clip each gradient value to this size")

    @model_validator(mode="after")
    def _one_clipping(self) -> _Optimizer:
        given = [name for name in ("clipnorm", "global_clipnorm", "clipvalue") if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"gradients can be clipped in one way only, not by {' and '.join(given)}")
        return self


class _Moments(_Optimizer):
    name: str
    beta_1: FirstDecay = 0.9
    beta_2: SecondDecay = 0.999
    epsilon: Epsilon = 1e-7


class Adam(_Moments):
    """Adam (Kingma and Ba, 2014)."""

    name: Literal["adam"] = "adam"
    amsgrad: bool = Field(False, description="use the AMSGrad variant")


class AdamW(_Moments):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2017)."""

    name: Literal["adamw"] = "adamw"
    weight_decay: float = Field(4e-3, ge=0, description="decoupled weight decay")
    amsgrad: bool = Field(False, description="use the AMSGrad variant")


class Nadam(_Moments):
    """Adam with Nesterov momentum (Dozat, 2016)."""

    name: Literal["nadam"] = "nadam"


class Adamax(_Moments):
    """Adam with the infinity norm (Kingma and Ba, 2014)."""

    name: Literal["adamax"] = "adamax"


class RMSprop(_Optimizer):
    """RMSprop (Hinton, 2012)."""

    name: Literal["rmsprop"] = "rmsprop"
    rho: float = Field(0.9, ge=0, lt=1, description="decay of the squared gradients")
    momentum: Momentum = 0.0
    epsilon: Epsilon = 1e-7
    centered: bool = Field(False, description="divide by the variance instead of the second moment")


class SGD(_Optimizer):
    """Stochastic gradient descent."""

    name: Literal["sgd"] = "sgd"
    learning_rate: LearningRate = Field(1e-2, description="a number, or a schedule: {name: cosine_decay, ...}")
    momentum: Momentum = 0.0
    nesterov: bool = Field(False, description="use Nesterov momentum")


class Adagrad(_Optimizer):
    """Adagrad (Duchi et al., 2011)."""

    name: Literal["adagrad"] = "adagrad"
    initial_accumulator_value: float = Field(0.1, ge=0, description="where the sums of squares start")
    epsilon: Epsilon = 1e-7


class Lion(_Optimizer):
    """Lion (Chen et al., 2023)."""

    name: Literal["lion"] = "lion"
    beta_1: float = Field(0.9, gt=0, le=1, description="share of the momentum in the update")
    beta_2: float = Field(0.99, gt=0, le=1, description="decay of the momentum")


def _named(value: Any) -> Any:
    """Return a bare string as a mapping with that name; settings without a name get that of the default, Adam."""
    if isinstance(value, str):
        return {"name": value}
    return {"name": "adam", **value} if isinstance(value, dict) else value


_AnyOptimizer = Annotated[Adam | AdamW | Nadam | Adamax | RMSprop | SGD | Adagrad | Lion, Field(discriminator="name")]


_OptimizerName = Literal["adam", "adamw", "nadam", "adamax", "rmsprop", "sgd", "adagrad", "lion"]


Optimizer = Annotated[_AnyOptimizer, BeforeValidator(_named, json_schema_input_type=_AnyOptimizer | _OptimizerName)]
