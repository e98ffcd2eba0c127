"""Checks across the sections of an experiment, whose fields are each valid on their own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from pydantic import BaseModel

from seqrun.components.answers import Answers, asked_by
from seqrun.components.outline import Outline
from seqrun.config.settings import CannotTellError, Unreadable
from seqrun.errors import ConfigPath, Problem
from seqrun.spelling import suggest

if TYPE_CHECKING:
    from seqrun.components.base import Dataset, Experiment

Check = Callable[["Experiment"], Iterator[Problem]]


def combination_problems(experiment: Experiment) -> Iterator[Problem]:
    """Yield what cannot work together. A check that needs an invalid value, itself reported, yields nothing."""
    checks: tuple[Check, ...] = (_trainer_task, _architecture_task, _architecture_inputs, _schedule_and_plateau)
    for check in checks:
        yield from _as_far_as_known(check, experiment)
    for option in ("early_stopping", "reduce_lr"):
        yield from _as_far_as_known(partial(_monitor, option=option), experiment)
    for check in (_own("dataset"), _own("architecture"), _network, _own("trainer"), *_loggers(experiment)):
        yield from _as_far_as_known(check, experiment)


def _as_far_as_known(check: Check, experiment: Experiment) -> Iterator[Problem]:
    try:
        yield from check(experiment)
    except CannotTellError:
        return


def _own(section: str) -> Check:
    return lambda experiment: getattr(experiment, section).problems(experiment)


def _loggers(experiment: Experiment) -> Iterator[Check]:
    """Yield a check of each logger."""
    for number in range(len(experiment.loggers)):
        yield partial(_logger, number=number)


def _logger(experiment: Experiment, number: int) -> Iterator[Problem]:
    return experiment.loggers[number].problems(experiment)


def _trainer_task(experiment: Experiment) -> Iterator[Problem]:
    given, tasks = experiment.dataset.tasks, experiment.trainer.tasks
    if not given & tasks:
        yield Problem(("trainer", "name"), f"it is for {_either(tasks)}, but the dataset is for {_either(given)}")


def _architecture_task(experiment: Experiment) -> Iterator[Problem]:
    """Yield a problem if the network serves none of the tasks.

    The tasks are those that the dataset and the trainer share; if they share none, which `_trainer_task` reports, all
    of the dataset's.
    """
    offered, tasks = experiment.dataset.tasks, experiment.architecture.tasks
    given = offered & experiment.trainer.tasks or offered
    if not asked_by(given) & asked_by(tasks):
        by = "dataset" if given == offered else "trainer"
        yield Problem(("architecture", "name"), f"it is for {_either(tasks)}, but the {by} is for {_either(given)}")


def _network(experiment: Experiment) -> Iterator[Problem]:
    """Yield what the network cannot work with in the samples, as far as the config describes them."""
    problems = experiment.architecture.outline_problems
    yield from problems(_outline(experiment.dataset, _tasks(experiment)))


def _tasks(experiment: Experiment) -> frozenset[str]:
    """Return the trainer's tasks.

    If the trainer is not valid, return the tasks that dataset and network have in common. Raises CannotTellError if
    some of these want an answer at every step and others do not.
    """
    try:
        return experiment.trainer.tasks
    except CannotTellError:
        served = asked_by(experiment.architecture.tasks)
        common = frozenset(task for task in experiment.dataset.tasks if asked_by({task}) <= served)
        if len({answers in (Answers.FORECASTS, Answers.TAGS) for answers in asked_by(common)}) > 1:
            raise
        return common


def _outline(dataset: Dataset | Unreadable, tasks: frozenset[str]) -> Outline:
    """Return the dataset's outline.

    Of a dataset that is not valid, it holds what the class knows, if the task is tagging. For any other task it depends
    on the fields when the network answers: raises CannotTellError.
    """
    try:
        return dataset.outline(tasks)
    except CannotTellError:
        if Answers.TAGS not in asked_by(dataset.tasks & tasks):
            raise
        return Outline(inputs=dataset.inputs, answers=Answers.TAGS)


def _architecture_inputs(experiment: Experiment) -> Iterator[Problem]:
    inputs, readable = experiment.dataset.inputs, experiment.architecture.inputs
    if inputs not in readable:
        yield Problem(("architecture", "name"), f"it reads {_either(readable)}, but the dataset gives {inputs}")


def _monitor(experiment: Experiment, option: str) -> Iterator[Problem]:
    settings = getattr(experiment.trainer, option)
    columns = experiment.trainer.monitors()
    if settings is not None and settings.monitor not in columns:
        near = f"{suggest(settings.monitor, columns)}; there are {', '.join(columns)}"
        message = f"this trainer writes no {settings.monitor!r} to history.csv{near}"
        yield Problem(("trainer", option, "monitor"), message)
    elif settings is not None:
        try:
            experiment.trainer.directed(settings)
        except KeyError:
            name = settings.monitor.removeprefix("val_")
            yield Problem(
                ("trainer", option, "monitor"),
                f"it is not known whether a smaller or a larger {settings.monitor} is better: set "
                f'trainer.{option}.mode to min or max, or let the trainer declare it (metrics = {{"{name}": "max"}})',
            )


def _schedule_and_plateau(experiment: Experiment) -> Iterator[Problem]:
    trainer = experiment.trainer
    path: ConfigPath = ("trainer", "reduce_lr")
    if trainer.reduce_lr is not None and isinstance(trainer.optimizer.learning_rate, BaseModel):
        schedule = trainer.optimizer.learning_rate.name
        yield Problem(path, f"cannot work together with the learning-rate schedule {schedule}; keep one of them")


def _either(names: frozenset[str]) -> str:
    return " or ".join(sorted(names))
