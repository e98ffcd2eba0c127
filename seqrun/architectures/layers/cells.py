"""A stack of recurrent layers, and the fields of the architectures that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from seqrun.architectures.layers.fields import Rate, Sizes

if TYPE_CHECKING:
    import keras

Cell = Literal["simple_rnn", "lstm", "gru"]
Units = Annotated[Sizes, Field(description="size of the state; a list has one layer for each of its numbers")]
Bidirectional = Annotated[bool, Field(description="read each sequence in both directions and join the two states")]
InputsDropout = Annotated[Rate, Field(description="share of the cell's inputs dropped in training")]
RecurrentDropout = Annotated[
    Rate, Field(description="share of the cell's previous state dropped in training; not with cuDNN")
]


def recurrent(
    x: keras.KerasTensor,
    cell: Cell,
    units: list[int],
    *,
    bidirectional: bool = False,
    sequence: bool = False,
    mask: keras.KerasTensor | None = None,
    activation: str = "tanh",
    dropout: float = 0.0,
    recurrent_dropout: float = 0.0,
) -> keras.KerasTensor:
    """Return the last layer's last state on x, (batch, units), or with `sequence` its states, (batch, time, units).

    x is (batch, time, features). States are twice as wide if bidirectional. `mask` (batch, time) tells every layer
    which steps to read, None: all.
    """
    from seqrun.architectures.layers.fast import fused as layers

    make = {"simple_rnn": layers.SimpleRNN, "lstm": layers.LSTM, "gru": layers.GRU}[cell]
    options: dict[str, object] = {"activation": activation, "dropout": dropout, "recurrent_dropout": recurrent_dropout}
    for number, size in enumerate(units, start=1):
        name = f"{cell}_{number}"
        layer = make(size, return_sequences=sequence or number < len(units), name=name, **options)
        x = (layers.Bidirectional(layer, name=f"bidirectional_{name}") if bidirectional else layer)(x, mask=mask)
    return x
