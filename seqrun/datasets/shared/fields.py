"""Config fields that several datasets share."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

Side = Literal["pre", "post"]

MaxLen = Annotated[int, Field(ge=1, description="tokens of each text: longer ones are cut, shorter ones padded")]
Padding = Annotated[Side, Field(description="pad short texts before (pre) or after (post) their tokens")]
Truncating = Annotated[Side, Field(description="cut long texts at their beginning (pre) or end (post)")]


def _three_parts(splits: list[float]) -> list[float]:
    if len(splits) != 3 or min(splits) <= 0 or not math.isclose(sum(splits), 1, abs_tol=1e-6):
        raise ValueError("three positive fractions that sum to 1: train, validation, test")
    return splits


Fractions = Annotated[list[float], AfterValidator(_three_parts)]
Scaler = Annotated[
    Literal["standard", "minmax", "none"],
    Field(
        description="standard: mean 0, deviation 1; minmax: 0 to 1; none: as they are; "
        "each column's, on the training rows alone"
    ),
]
CalendarFeature = Literal["minute", "hour", "dayofweek", "dayofmonth", "dayofyear", "month"]
Missing = Annotated[
    Literal["error", "interpolate", "ffill", "drop"],
    Field(
        description="empty cells: stop; fill them on a line to the next value if the window has that, else with the "
        "value before; with the value before; or leave their rows out; filled cells are not measured"
    ),
]
Gaps = Annotated[
    Literal["break", "keep", "fill"],
    Field(
        description="missing times: no window reaches over them; the rows beside them are taken for neighbours; "
        "or rows of empty cells fill them, which `missing` says how to treat"
    ),
]
Duplicates = Annotated[
    Literal["error", "first", "last", "mean"],
    Field(description="rows of one time: stop, unless they say the same; take the first or the last; or their mean"),
]
