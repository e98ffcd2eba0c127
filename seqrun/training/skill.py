"""Whether a network is worth more than a plain rule: its error against that of the best baseline."""

from __future__ import annotations

import math
from collections.abc import Mapping

from seqrun import readable
from seqrun.metrics import direction

Baselines = Mapping[str, Mapping[str, float]]  # baseline -> metric -> value, on the test split


def skill(metrics: Mapping[str, float], baselines: Baselines, error: str) -> float:
    """Return 1 - the model's error / the error of the best baseline, on the test split.

    1 is a model without error, 0 a model no better than the best baseline. `error` names the metric: one that is better
    when smaller (`mae`) is the error itself; for one that is better when larger (`accuracy`) the error is 1 - metric.
    If the best baseline has no error, skill is 0 for a model without error, else nan; without baselines it is nan.
    """
    best = best_baseline(baselines, error)
    if best is None:
        return math.nan
    ours, least = _error(metrics, error), _error(baselines[best], error)
    if least == 0:
        return 0.0 if ours == 0 else math.nan
    return 1 - ours / least


def best_baseline(baselines: Baselines, error: str) -> str | None:
    """Return the name of the baseline with the least error, the first of equal ones; None if no error is defined."""
    errors = {name: _error(metrics, error) for name, metrics in baselines.items()}
    defined = {name: value for name, value in errors.items() if not math.isnan(value)}
    return min(defined, key=defined.__getitem__, default=None)


def losing_warning(metrics: Mapping[str, float], baselines: Baselines, error: str) -> str | None:
    """Return a warning if a baseline has a smaller error on the test split than the network, else None."""
    best = best_baseline(baselines, error)
    if best is None or not _error(metrics, error) > _error(baselines[best], error):
        return None
    ours, theirs = (readable.figure(values[error]) for values in (metrics, baselines[best]))
    return f"the network loses to the baseline {best}: test {error} {ours} against {theirs}"


def _error(metrics: Mapping[str, float], name: str) -> float:
    return metrics[name] if direction(name) == "min" else 1 - metrics[name]
