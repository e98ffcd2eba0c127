"""The phases of a run before it is recorded: prepare the data, build the network, fit it, measure it.

Each can be had by itself: a dry run prepares and builds, a prediction builds, an evaluation measures what was fitted.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from seqrun.components.answers import TASKS
from seqrun.components.outcome import Outcome
from seqrun.components.splits import Spec, Splits
from seqrun.components.targets import Target
from seqrun.errors import UsageError
from seqrun.events.events import Emit, Warned
from seqrun.running.network_size import check_size

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.provenance import Source
    from seqrun.components.session import Session
    from seqrun.rundir.reading import RunRecord
    from seqrun.running.timer import Timer
    from seqrun.running.workshop import Workshop


@dataclass(frozen=True)
class Ready:
    """All that training takes."""

    experiment: Experiment
    splits: Splits
    model: keras.Model
    timer: Timer  # of the run since it began
    original: RunRecord | None = None  # a run that is trained again


def prepare(experiment: Experiment, workshop: Workshop, emit: Emit, known: tuple[Source, ...] = ()) -> Splits:
    """Return the experiment's data, read, split and encoded; its warnings are emitted.

    `known` are the files that a run which is gone on with was trained on (see `Locations`).
    """
    splits = workshop.load(experiment, emit, known)
    for warning in splits.warnings:
        emit(Warned(warning))
    return splits


def build(experiment: Experiment, splits: Splits) -> tuple[keras.Model, Splits]:
    """Return the experiment's new network, and the splits with the spec as this network meets it.

    Raises UsageError where the data turned out to hold something else than what the trainer learns.
    """
    splits = replace(splits, spec=experiment.architecture.accept(splits.spec))
    _check_target(experiment, splits.spec.target)
    check_size(experiment, splits.spec)
    return build_model(experiment, splits.spec), splits


def _check_target(experiment: Experiment, target: Target) -> None:
    """UsageError for a target that is not of the trainer's task; a plugin's task may have any."""
    tasks = experiment.trainer.tasks
    if tasks <= TASKS.keys() and target.task not in tasks:
        raise UsageError(
            f"the data of dataset {experiment.dataset.name} are for {target.task}, and trainer "
            f"{experiment.trainer.name} is for {' or '.join(sorted(tasks))}: change trainer.name, or the fields of "
            "dataset that say how samples are labelled"
        )


def build_model(experiment: Experiment, spec: Spec) -> keras.Model:
    """Return the network with its first weights, which the seed decides, whatever this process did before."""
    import keras

    keras.backend.clear_session()
    keras.utils.set_random_seed(experiment.seed)
    keras.config.set_dtype_policy(experiment.trainer.precision)
    try:
        return experiment.architecture.build(spec)
    finally:
        keras.config.set_dtype_policy("float32")


def fit(experiment: Experiment, model: keras.Model, splits: Splits, session: Session) -> Any:
    """Train the network, leave the best weights in it, and return what `measure` must know of the training.

    A user's own trainer may train and measure in one method; then this is the outcome itself.
    """
    trainer = experiment.trainer
    as_a_whole, _ = trainer.steps_defined()
    return (trainer.fit if as_a_whole else trainer.train)(model, splits, session)


def measure(experiment: Experiment, model: keras.Model, splits: Splits, fitted: Any, session: Session) -> Outcome:
    """Return what the trained network is worth on the test split."""
    return fitted if isinstance(fitted, Outcome) else experiment.trainer.measure(model, splits, fitted, session)
