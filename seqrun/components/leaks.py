"""What a test split shares with what was learned or chosen from, as far as a dataset finds it."""

from __future__ import annotations

from dataclasses import dataclass

EQUAL, NEAR, GROUPS = "equal samples", "near-equal samples", "groups in two splits"
FUTURE, GIVEN_AWAY = "features that know the future", "words that give the label away"
CERTAIN = (FUTURE, GIVEN_AWAY)  # of which one is enough to make results too good


@dataclass(frozen=True)
class Leak:
    """One finding: `count` of the `of` samples, or groups, of a split, or features."""

    kind: str
    what: str  # in words: which of the split are meant
    count: int
    of: int
    mend: str  # the setting that prevents it
    split: str = "test"  # the split whose metrics it flatters: test, or validation, by which the best epoch is chosen
