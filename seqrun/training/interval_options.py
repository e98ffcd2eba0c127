"""Prediction intervals as a config writes them, where they come from errors on the validation split."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from seqrun.components.options import Options

LEVEL = "share of the values that the interval is to cover"


class Conformal(Options):
    """Split-conformal: as wide as the validation residuals of each number say (Lei et al., 2018)."""

    name: Literal["conformal"] = "conformal"
    level: float = Field(0.9, gt=0, lt=1, description=LEVEL)


def named(value: Any) -> Any:
    """Return options as a mapping with a name: a bare string is one; those without are conformal."""
    if isinstance(value, str):
        return {"name": value}
    return {"name": "conformal", **value} if isinstance(value, dict) else value


ConformalIntervals = Annotated[
    Conformal, BeforeValidator(named, json_schema_input_type=Conformal | Literal["conformal"])
]
