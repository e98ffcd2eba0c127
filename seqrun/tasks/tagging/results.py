"""What is kept of a trained tagger: metrics of steps and spans, baselines, plots, examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Confusion, Kept, Measured
from seqrun.components.outcome import Outcome
from seqrun.components.splits import Split, Splits
from seqrun.components.targets import TagTarget
from seqrun.events.events import Message
from seqrun.metrics import WITHOUT_SEEN
from seqrun.tasks.tagging.baselines import tag_baselines
from seqrun.tasks.tagging.columns import METRICS
from seqrun.tasks.tagging.examples import tagged_examples
from seqrun.tasks.tagging.fit import tagging_task
from seqrun.tasks.tagging.metrics import Guesses, tag_counts, tag_details, with_spans
from seqrun.tasks.tagging.plots import tag_figures
from seqrun.training.fitting import Evaluation, Fitted, evaluated
from seqrun.training.results import assembled

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session


def measure_tagger(splits: Splits[Split, TagTarget], fitted: Fitted[Split], session: Session) -> Outcome:
    """Return the results on the test split, beside those of the baselines."""
    spec, validation, test, tags = splits.spec, splits.validation, splits.test, splits.spec.target.tags
    evaluated = fitted.evaluate(test)
    session.emit(Message("fitting the baselines"))
    baselines = {name: with_spans(test.targets, guessed, tags) for name, guessed in tag_baselines(splits).items()}
    measured = measured_tags(tags, test, evaluated)
    metrics = fitted.metrics(METRICS, measured.metrics)
    metrics["validation"] |= with_spans(
        validation.targets, Guesses.of(validation.targets, fitted.validation.outputs), tags
    )
    if (unseen := splits.unseen) is not None:
        targets = test.targets[unseen]
        metrics[WITHOUT_SEEN] = with_spans(targets, Guesses.of(targets, evaluated.outputs[unseen]), tags)
    artifacts = {}
    if spec.vocabulary is not None:
        guesses = Guesses.of(test.targets, evaluated.outputs)
        artifacts["examples.json"] = tagged_examples(spec.vocabulary, tags, test, guesses)
    return assembled(fitted, metrics, baselines, measured, error="accuracy", artifacts=artifacts)


def measured_tags(tags: tuple[str, ...], split: Split, evaluated: Evaluation) -> Measured:
    """Return what the probabilities of all tags, (samples, time, tags), are worth on a split."""
    guesses = Guesses.of(split.targets, evaluated.outputs)
    details, matrix = tag_details(split.targets, guesses, tags), tag_counts(split.targets, guesses, tags)
    return Measured(
        {**evaluated.metrics, **with_spans(split.targets, guesses, tags)},
        {
            "targets": split.targets,
            "predictions": evaluated.outputs,  # (samples, time, tags)
            "index": split.index,
        },
        tag_figures(matrix, details, tags),
        details,
        Confusion(tags, matrix),
    )


def evaluate_tagger(trainer: Trainer, model: keras.Model, split: Split, kept: Kept[Split, TagTarget]) -> Measured:
    """Return what a trained network is worth on any samples."""
    tags = kept.spec.target.tags
    return measured_tags(tags, split, evaluated(trainer, model, tagging_task(tags), split, kept.splits))
