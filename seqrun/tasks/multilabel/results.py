"""What is kept of a trained multi-label network: metrics, thresholds, baselines, plots, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.base import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import LabelsTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.multilabel.baselines import multilabel_baselines
from seqrun.tasks.multilabel.columns import METRICS
from seqrun.tasks.multilabel.examples import labelled_examples
from seqrun.tasks.multilabel.metrics import label_details, metrics_at, multilabel_metrics
from seqrun.tasks.multilabel.plots import multilabel_figures
from seqrun.tasks.multilabel.thresholds import THRESHOLDS_FILE, best_thresholds, thresholds_json, undecided_warning
from seqrun.training.fitting import Fitted
from seqrun.training.results import assembled

if TYPE_CHECKING:
    from seqrun.components.session import Session


def measure_multilabel(splits: Splits[Split, LabelsTarget], fitted: Fitted, session: Session) -> Outcome:
    """Return the results on the test split, at 0.5 and at thresholds from validation, beside the baselines'."""
    spec, test, names = splits.spec, splits.test, splits.spec.target.names
    evaluated = fitted.evaluate(test)
    thresholds = best_thresholds(splits.validation.targets, fitted.validation.outputs)
    metrics = fitted.metrics(METRICS, evaluated)
    metrics["test"] |= metrics_at(test.targets, evaluated.outputs, thresholds)
    if (unseen := splits.unseen) is not None:
        pair = test.targets[unseen], evaluated.outputs[unseen]
        metrics[WITHOUT_SEEN] = {**multilabel_metrics(*pair), **metrics_at(*pair, thresholds)}
    details = label_details(test.targets, evaluated.outputs, thresholds, names)
    session.emit(Message("fitting the baselines"))
    artifacts = {THRESHOLDS_FILE: thresholds_json(names, thresholds)}
    if spec.vocabulary is not None:
        artifacts["examples.json"] = labelled_examples(spec, test, evaluated.outputs, thresholds)
    undecided = undecided_warning(splits.validation.targets, names)
    return assembled(
        fitted,
        metrics,
        multilabel_baselines(splits),
        error="average_precision",
        predictions={"targets": test.targets, "predictions": evaluated.outputs, "index": test.index},
        figures=multilabel_figures(test.targets, evaluated.outputs, details),
        artifacts=artifacts,
        details={"labels": details},
        warnings=[] if undecided is None else [undecided],
    )
