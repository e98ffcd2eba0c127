"""Whole texts, of which a network sees no more than `max_len` tokens of a bounded vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np


class Tokens(Protocol):
    """Texts as token numbers, one text after another in one array."""

    @property
    def values(self) -> np.ndarray:
        """The number of each token, (sum of lengths,) int32, not negative; equal tokens have equal numbers."""

    @property
    def lengths(self) -> np.ndarray:
        """The count of each text's tokens, (texts,) int32."""


@dataclass(frozen=True)
class WholeTexts:
    """The texts of the samples of each split, in the order of its samples, with every word of them."""

    train: Tokens
    validation: Tokens
    test: Tokens
