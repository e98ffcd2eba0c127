"""Positions, by which attention layers know the order of the steps.

They are counted from the first real step, so that padding in front changes none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from seqrun.architectures.layers.padding import real_steps

if TYPE_CHECKING:
    import keras
    import numpy as np

    from seqrun.components.splits import Spec

Positions = Literal["learned", "sinusoidal"]


def count_positions(sequence: keras.KerasTensor, spec: Spec) -> keras.KerasTensor:
    """Return 1, 2, 3, ... at real steps and 0 at padding: (batch, time), from the model's input."""
    from keras import ops

    real = real_steps(sequence, spec)
    present = ops.ones_like(sequence[:, :, 0], dtype="int32") if real is None else ops.cast(real, "int32")
    return ops.cumsum(present, axis=1) * present


def add_positions(x: keras.KerasTensor, where: keras.KerasTensor, kind: Positions) -> keras.KerasTensor:
    """Return x (batch, time, width) plus a vector for each step's position in `where` (batch, time)."""
    from keras import layers

    _, length, width = x.shape
    table = layers.Embedding(length + 1, width, trainable=kind == "learned", name="positions")
    vectors = table(where)  # (batch, time, width)
    if kind == "sinusoidal":
        table.set_weights([sinusoids(length + 1, width)])
        # Sines have amplitude 1, fresh embeddings 0.05: scaled as in the paper (3.4), the tokens are not drowned.
        x = layers.Rescaling(width**0.5, name="scale")(x)
    return layers.Add(name="add_positions")([x, vectors])


def sinusoids(length: int, width: int) -> np.ndarray:
    """Return sines, then cosines, of falling frequency: (length, width) (Vaswani et al., 2017, 3.5)."""
    import numpy as np

    pairs = (width + 1) // 2
    rates = 10_000 ** (-2 * np.arange(pairs) / width)
    angles = np.arange(length)[:, None] * rates  # (length, pairs)
    return np.concatenate([np.sin(angles), np.cos(angles)], axis=1)[:, :width].astype("float32")
