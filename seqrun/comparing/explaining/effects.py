"""What each change does to a metric: made alone, and made last; what is left is how they work together."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from seqrun.comparing.deciding import Rule
from seqrun.comparing.differences import MISSING
from seqrun.comparing.explaining.changes import Change
from seqrun.comparing.holm import adjusted
from seqrun.comparing.seeds import Scores, difference_over_seeds, mean_of
from seqrun.comparing.verdict import Verdict

FEWEST = 2  # seeds for a test
TOO_FEW = f"a test takes {FEWEST} seeds; --repeats 3 trains three"


@dataclass(frozen=True)
class Effect:
    """A change, and what it does to the metric; None where a config with it alone, or without it, cannot be."""

    change: Change
    alone: Verdict | None  # the first config with this change, against the first
    last: Verdict | None  # the second config, against the second without this change
    reasons: tuple[str, ...] = ()  # why one is missing

    def record(self, total: float | None) -> dict[str, Any]:
        """Return the effect as plain data; of settings that are changed together, the values by their names."""
        return {
            "setting": self.change.name,
            "from": _plain({each.name: each.before for each in self.change.settings}),
            "to": _plain({each.name: each.after for each in self.change.settings}),
            "alone": self.alone and self.alone.record(),
            "last": self.last and self.last.record(),
            "share": share(self.alone, total),
            "reasons": [*self.reasons],
        }


def _plain(values: Mapping[str, Any]) -> Any:
    """Return the values, None for one that there is not; one alone without its name."""
    found = {name: None if value is MISSING else value for name, value in values.items()}
    return found if len(found) > 1 else next(iter(found.values()))


@dataclass(frozen=True)
class Explanation:
    """The effects of all changes, and that of all together."""

    metric: str
    effects: tuple[Effect, ...]
    together: Verdict
    seeds: tuple[Hashable, ...]
    notes: tuple[str, ...] = ()  # what is missing

    @property
    def rest(self) -> float | None:
        """What all changes together do beside the sum of what each does alone; None if one could not be made alone."""
        alone = [effect.alone.difference for effect in self.effects if effect.alone is not None]
        known = [each for each in alone if each is not None]
        if self.together.difference is None or len(known) < len(self.effects):
            return None
        return self.together.difference - sum(known)

    def record(self) -> dict[str, Any]:
        """Return the explanation as plain data."""
        return {
            "metric": self.metric,
            "seeds": [*self.seeds],
            "effects": [effect.record(self.together.difference) for effect in self.effects],
            "together": self.together.record(),
            "rest": self.rest,
            "notes": [*self.notes],
        }


def share(alone: Verdict | None, total: float | None) -> float | None:
    """Return which part of the total an effect is; None without a total, or of a total that is 0."""
    if alone is None or alone.difference is None or not total:
        return None
    return alone.difference / total


def effects_of(pairs: Sequence[tuple[Scores, Scores]], metric: str, sign: int) -> list[Verdict]:
    """Return the verdict of each pair of scores by seed, with the change and without; Holm's correction is over all.

    Only seeds that both have count. `sign` is 1 if more of the metric is better, else -1.
    """
    shared = [_shared(with_it, without) for with_it, without in pairs]
    tested = [difference_over_seeds(*both) if len(both[0]) >= FEWEST else None for both in shared]
    p = [each.p for each in tested if each is not None]
    corrected, rule = iter(adjusted(p, len(p))), Rule(sign, max(1, len(p)))
    verdicts = []
    for found, (with_it, without) in zip(tested, shared, strict=True):
        begun = Verdict("too few runs", metric, "without the change")
        if found is not None:
            verdicts.append(rule.tested(replace(begun, p_adjusted=next(corrected)), found, None))
            continue
        differences = [with_it[seed] - without[seed] for seed in with_it]
        difference = mean_of(differences) if differences else None
        verdicts.append(replace(begun, difference=difference, reason=TOO_FEW))
    return verdicts


def _shared(one: Scores, other: Scores) -> tuple[Mapping[Hashable, float], Mapping[Hashable, float]]:
    seeds = [seed for seed in one if seed in other]
    return {seed: one[seed] for seed in seeds}, {seed: other[seed] for seed in seeds}
