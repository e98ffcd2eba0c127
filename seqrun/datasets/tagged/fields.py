"""What a config can say of the lines of CoNLL-style files."""

from __future__ import annotations

from typing import Literal

Separator = Literal["auto", "whitespace"]  # of columns
Comments = bool | Literal["auto"]  # which lines are comments
