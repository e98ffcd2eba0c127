"""How a forecaster is trained and measured: whole forecasts, their intervals, a backtest."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Outcome, Trainer
from seqrun.components.splits import Spec, Splits, Windows
from seqrun.errors import UsageError
from seqrun.events.events import Message
from seqrun.tasks.forecasting.backtest import rolling_origins
from seqrun.tasks.forecasting.baselines import forecast_baselines
from seqrun.tasks.forecasting.forecasts import Forecasts, horizon_targets, inputs_in_batches
from seqrun.tasks.forecasting.intervals import conformal_half_widths, mc_interval
from seqrun.tasks.forecasting.metrics import Units, forecast_metrics, naive_mae
from seqrun.tasks.forecasting.options import Forecasting
from seqrun.tasks.forecasting.results import Interval, forecast_outcome
from seqrun.tasks.forecasting.seasonality import find_period
from seqrun.training.fitting import Evaluation, Fitted, Task, fit, train_again
from seqrun.training.program import outputs_alone
from seqrun.training.samples import WindowSamples

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session
    from seqrun.training.program import Program


def fit_forecaster(
    trainer: Trainer, model: keras.Model, splits: Splits, session: Session, settings: Forecasting
) -> Outcome:
    target = splits.spec.target
    check_outputs(model, target.output_shape)
    if settings.draws:
        check_dropout(model, splits)
    period = find_period(splits.train) if settings.period == "auto" else settings.period
    units = Units(target.offset, target.scale, naive_mae(splits.train, period or 1, target.scale))
    task = _task(settings, splits, units)
    initial = [variable.numpy() for variable in model.variables]
    fitted = fit(trainer, model, splits, task, session)
    session.emit(Message(f"fitting the baselines{f' (a season is {period} rows)' if period else ''}"))
    forecasts = forecast_baselines(splits.train, splits.test, period)
    interval = _interval(settings, model, fitted, splits, units)
    folds = []
    if settings.backtest:
        trained = model.get_weights()
        folds = list(_backtest(trainer, settings, model, initial, fitted, splits, task, period, session))
        model.set_weights(trained)
    return forecast_outcome(splits, fitted, units, period, forecasts, interval, folds)


def _task(settings: Forecasting, splits: Splits, units: Units) -> Task:
    import keras

    spec = splits.spec
    measure = partial(forecast_metrics, units=units)

    def samples(split: Windows) -> WindowSamples:
        return WindowSamples(split, spec.target)

    def evaluate(program: Program, split: Windows) -> Evaluation:
        """The loss of one pass of the network, and the metrics of its whole forecasts."""
        loss, _ = program.evaluate(samples(split))
        outputs = _forecast(settings, program.model, spec, split)
        return Evaluation(loss, outputs, {"loss": loss, **measure(horizon_targets(split), outputs)})

    return Task(
        loss=lambda: getattr(keras.losses, LOSSES[settings.loss])(),
        samples=samples,
        measure=measure,
        keep=outputs_alone if spec.target.steps is None else lambda targets, outputs, weights: outputs[:, -1],
        evaluation=evaluate if spec.target.iterated or settings.draws else None,
    )


def _forecast(settings: Forecasting, model: keras.Model, spec: Spec, split: Windows) -> np.ndarray:
    forecasts = Forecasts(model, spec)
    batches = inputs_in_batches(split)
    if settings.draws:
        return np.concatenate([forecasts.draws(inputs, settings.draws).mean(axis=0) for inputs in batches])
    return np.concatenate([forecasts(inputs) for inputs in batches])


def _interval(
    settings: Forecasting, model: keras.Model, fitted: Fitted, splits: Splits, units: Units
) -> Interval | None:
    """The bounds of the test forecasts, in original units."""
    if not settings.intervals:
        return None
    level, test = settings.intervals.level, units.original(fitted.test.outputs)
    if settings.draws:
        forecasts = Forecasts(model, splits.spec)
        bounds = [
            mc_interval(units.original(forecasts.draws(inputs, settings.draws)), level)
            for inputs in inputs_in_batches(splits.test)
        ]
        lower, upper = (np.concatenate(parts) for parts in zip(*bounds, strict=True))
        return Interval(level, lower, upper)
    known = units.original(horizon_targets(splits.validation))
    half_widths = conformal_half_widths(known, units.original(fitted.validation.outputs), level)
    return Interval(level, test - half_widths, test + half_widths, half_widths)


def _backtest(
    trainer: Trainer,
    settings: Forecasting,
    model: keras.Model,
    initial: list[np.ndarray],
    fitted: Fitted,
    splits: Splits,
    task: Task,
    period: int | None,
    session: Session,
) -> Iterator[dict[str, Any]]:
    """One row a fold: its metrics, and the mae of the baselines."""
    windows = splits.train.joined(splits.validation)
    epochs = fitted.history[: fitted.best_epoch]
    for number, (learn, judge) in enumerate(rolling_origins(windows, settings.backtest.folds), start=1):
        session.emit(
            Message(f"backtest: fold {number}, {len(learn):,} windows to learn from, {len(judge):,} to judge on")
        )
        program = train_again(trainer, model, initial, task, learn, epochs, session, "backtest")
        targets = horizon_targets(judge)
        rules = forecast_baselines(learn, judge, period)
        yield {
            "fold": number,
            "windows": {"train": len(learn), "test": len(judge)},
            "metrics": dict(task.evaluate(program, judge).metrics),
            "baselines": {name: task.measure(targets, forecast) for name, forecast in rules.items()},
        }


LOSSES = {"mse": "MeanSquaredError", "mae": "MeanAbsoluteError", "huber": "Huber", "log_cosh": "LogCosh"}


def check_outputs(model: keras.Model, expected: tuple[int, ...]) -> None:
    """Raises UsageError if the network's outputs do not have the shape of the target."""
    if tuple(model.output_shape[1:]) != expected:
        given = tuple(model.output_shape)
        raise UsageError(f"the network's output has the shape {given}; the forecast wants {(None, *expected)}")


def check_dropout(model: keras.Model, splits: Splits) -> None:
    """Raises UsageError if dropout, left on, changes nothing: then its spread is no interval."""
    few = next(inputs_in_batches(splits.train))[:32]
    first, second = Forecasts(model, splits.spec).draws(few, 2)
    if np.array_equal(first, second):
        raise UsageError("settings.intervals: mc_dropout wants a network with dropout, and this one has none")
