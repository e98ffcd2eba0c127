"""Field types that several families share, and how a class reports a mistake at one of its keys."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, WithJsonSchema
from pydantic_core import PydanticCustomError

from seqrun.architectures.layers.written.signatures import activations
from seqrun.spelling import suggest

Place = tuple[str | int, ...]  # keys, as seen from the field that reports: (1, "units")


def invalid(*mistakes: tuple[Place, str]) -> ValidationError:
    """Return the error by which a field's validator reports mistakes, each at its place inside the field's value."""
    return ValidationError.from_exception_data(
        "config",
        [
            {"type": PydanticCustomError("value_error", "{text}", {"text": text}), "loc": place, "input": None}
            for place, text in mistakes
        ],
    )


def _is_activation(name: str) -> str:
    if name not in activations():
        raise ValueError(f"unknown activation {name!r}{suggest(name, activations())}")
    return name


Activation = Annotated[str, AfterValidator(_is_activation), WithJsonSchema({"type": "string", "enum": activations()})]
Size = Annotated[int, Field(ge=1)]
MOST_LAYERS = 1000
Sizes = Size | Annotated[list[Size], Field(min_length=1, max_length=MOST_LAYERS)]
Rate = Annotated[float, Field(ge=0, lt=1)]

EmbeddingDim = Annotated[
    int | None,
    Field(ge=1, description="numbers that a token becomes; by default as many as the vectors have, else 64"),
]
EmbeddingDropout = Annotated[Rate, Field(description="share of the embedding's outputs dropped in training")]
OutputDropout = Annotated[Rate, Field(description="share of the output layer's inputs dropped in training")]


def as_list(sizes: int | list[int]) -> list[int]:
    """Return the sizes as a list; a number becomes a list of one."""
    return [sizes] if isinstance(sizes, int) else list(sizes)
