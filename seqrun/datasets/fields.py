"""Config fields that the text datasets share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

Side = Literal["pre", "post"]

MaxLen = Annotated[int, Field(ge=1, description="tokens of each text: longer ones are cut, shorter ones padded")]
Padding = Annotated[Side, Field(description="pad short texts before (pre) or after (post) their tokens")]
Truncating = Annotated[Side, Field(description="cut long texts at their beginning (pre) or end (post)")]
