"""Groups of settings inside a section; among them early stopping and learning-rate reduction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

if TYPE_CHECKING:
    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

T = TypeVar("T")


class _FalseIsOff:
    """Marks a field in which `false` stands for None: it switches the setting off."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(lambda v: None if v is False else v, handler(source))

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"anyOf": [handler(schema), {"const": False}]}


Switchable = Annotated[T | None, _FalseIsOff]


class Options(BaseModel):
    """A group of settings inside a section."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)


# --- when to stop, when to slow down ----------------------------------------------------------------------------------


Mode = Literal["auto", "min", "max"]
_MONITOR_HELP = "a column of history.csv; an undefined value (nan) is no improvement, also as the first one"
_MODE_HELP = "is smaller better (min) or larger (max); auto knows by the metric's name"


class EarlyStopping(Options):
    """Stop when the monitored metric has not improved for `patience` epochs; the best epoch's weights are kept.

    The best epoch is the one with the best value of all, the first of equal ones. (With `restore_best_weights`, Keras
    keeps the last that improved by more than `min_delta`, none before `start_from_epoch`.)
    """

    monitor: str = Field("val_loss", description=_MONITOR_HELP)
    patience: int = Field(7, ge=0, description="epochs without improvement before the end")
    min_delta: float = Field(
        0.0,
        ge=0,
        description="a smaller change is no improvement: waiting goes on, but the best epoch is the best of all",
    )
    mode: Mode = Field("auto", description=_MODE_HELP)
    start_from_epoch: int = Field(
        0, ge=0, description="epochs to let pass before waiting begins; one of them can be the best"
    )


class ReduceLR(Options):
    """Multiply the learning rate by `factor` when the monitored metric has not improved for `patience` epochs."""

    monitor: str = Field("val_loss", description=_MONITOR_HELP)
    factor: float = Field(0.5, gt=0, lt=1, description="what the learning rate is multiplied by")
    patience: int = Field(3, ge=0, description="epochs without improvement before a reduction")
    min_delta: float = Field(1e-4, ge=0, description="a smaller change is no improvement")
    cooldown: int = Field(0, ge=0, description="epochs to let pass after a reduction")
    min_lr: float = Field(0.0, ge=0, description="never go below this")
    mode: Mode = Field("auto", description=_MODE_HELP)


# --- what is kept -----------------------------------------------------------------------------------------------------


class Checkpoints(Options):
    """How often the whole state of training is saved, and what a finished run keeps of it.

    It is saved after each epoch anyway. A run that runs or was interrupted has the newest two checkpoints.
    """

    keep: Literal["none", "last", "all"] = Field(
        "last",
        description="of a finished run: no checkpoint, the last (from which seqrun resume can train more epochs), or "
        "those of all epochs",
    )
    minutes: float = Field(5.0, gt=0, description="within an epoch, save when so many minutes have passed")
