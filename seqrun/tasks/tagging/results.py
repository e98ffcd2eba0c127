"""What is kept of a trained tagger: metrics of steps and spans, baselines, plots, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.base import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import TagTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.tagging.baselines import tag_baselines
from seqrun.tasks.tagging.columns import METRICS
from seqrun.tasks.tagging.examples import tagged_examples
from seqrun.tasks.tagging.metrics import Guesses, tag_counts, tag_details, with_spans
from seqrun.tasks.tagging.plots import tag_figures
from seqrun.training.fitting import Fitted
from seqrun.training.results import assembled

if TYPE_CHECKING:
    from seqrun.components.session import Session


def measure_tagger(splits: Splits[Split, TagTarget], fitted: Fitted[Split], session: Session) -> Outcome:
    """Return the results on the test split, beside those of the baselines."""
    spec, validation, test, tags = splits.spec, splits.validation, splits.test, splits.spec.target.tags
    evaluated = fitted.evaluate(test)
    session.emit(Message("fitting the baselines"))
    baselines = {name: with_spans(test.targets, guessed, tags) for name, guessed in tag_baselines(splits).items()}
    guesses = Guesses.of(test.targets, evaluated.outputs)
    metrics = fitted.metrics(METRICS, evaluated)
    metrics["validation"] |= with_spans(
        validation.targets, Guesses.of(validation.targets, fitted.validation.outputs), tags
    )
    metrics["test"] |= with_spans(test.targets, guesses, tags)
    if (unseen := splits.unseen) is not None:
        targets = test.targets[unseen]
        metrics[WITHOUT_SEEN] = with_spans(targets, Guesses.of(targets, evaluated.outputs[unseen]), tags)
    details = tag_details(test.targets, guesses, tags)
    artifacts = {}
    if spec.vocabulary is not None:
        artifacts["examples.json"] = tagged_examples(spec.vocabulary, tags, test, guesses)
    return assembled(
        fitted,
        metrics,
        baselines,
        error="accuracy",
        predictions={
            "targets": test.targets,
            "predictions": evaluated.outputs,  # (samples, time, tags)
            "index": test.index,
        },
        figures=tag_figures(tag_counts(test.targets, guesses, tags), details, tags),
        artifacts=artifacts,
        details=details,
    )
