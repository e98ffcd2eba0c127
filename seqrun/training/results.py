"""The outcome of a run, put together in one way for every task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from seqrun.components.evaluating import Measured
from seqrun.components.outcome import Outcome
from seqrun.metrics import WITHOUT_SEEN
from seqrun.readable import figure
from seqrun.training.fitting import Fitted, S
from seqrun.training.history_plots import history_figures
from seqrun.training.skill import Baselines, losing_warning, skill

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def assembled(
    fitted: Fitted[S],
    metrics: Mapping[str, Mapping[str, float]],
    baselines: Baselines,
    measured: Measured,
    error: str,
    *,
    figures: Mapping[str, Figure] | None = None,
    artifacts: Mapping[str, bytes] | None = None,
    details: Mapping[str, Any] | None = None,
    warnings: Sequence[str] = (),
) -> Outcome:
    """Return the outcome: what is given, the skill, the plots of the history and, if a baseline is better, a warning.

    `metrics` are by split, `measured` is what came out on test; `error` names the metric by which network and
    baselines are compared (see `skill`). `figures` and `details` are added to those that were measured.
    """
    return Outcome(
        best_epoch=fitted.best_epoch,
        metrics=metrics,
        baselines=baselines,
        skill=skill(metrics["test"], baselines, error),
        predictions=measured.predictions,
        figures={**history_figures(fitted.history, fitted.best_epoch), **measured.figures, **(figures or {})},
        artifacts=artifacts or {},
        details={**measured.details, **(details or {})},
        warnings=(*warnings, *_doubts(metrics, baselines, error)),
    )


def _doubts(metrics: Mapping[str, Mapping[str, float]], baselines: Baselines, error: str) -> list[str]:
    """Return what is to be known before the metrics are believed."""
    return [told for told in (_without_seen(metrics, error), losing_warning(metrics["test"], baselines, error)) if told]


def _without_seen(metrics: Mapping[str, Mapping[str, float]], error: str) -> str | None:
    """Return a warning that says what the test metric is without samples that stand in other splits too, if any do."""
    if WITHOUT_SEEN not in metrics:
        return None
    alone, whole = (figure(metrics[split][error]) for split in (WITHOUT_SEEN, "test"))
    return (
        f"without the samples that stand in training or validation too, test {error} is {alone}, with them {whole} "
        f"({WITHOUT_SEEN})"
    )
