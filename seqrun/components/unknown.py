"""How many tokens of each split the vocabulary does not know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqrun.components.splits import Split, Splits

SPLITS = ("train", "validation", "test")


def unknown_shares(splits: Splits) -> dict[str, float]:
    """Return for each split which share of its tokens is unknown, of those that the network reads; {} for values."""
    from seqrun.components.splits import Split  # here: to show a run needs none of it

    parts = {name: getattr(splits, name) for name in SPLITS}
    if splits.spec.vocabulary is None or splits.spec.vocabulary.words is None:
        return {}
    return {name: _share(part) for name, part in parts.items() if isinstance(part, Split)}


def _share(part: Split) -> float:
    from seqrun.components.vocabulary import UNKNOWN

    return int((part.inputs == UNKNOWN).sum()) / max(count_tokens(part), 1)


def count_tokens(part: Split) -> int:
    """Return how many tokens the network reads of a split."""
    from seqrun.components.vocabulary import PAD, START

    return int(((part.inputs != PAD) & (part.inputs != START)).sum())


def told(shares: Mapping[str, float]) -> str:
    """Return the shares as text."""
    return ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
