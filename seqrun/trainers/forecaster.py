"""The trainer of forecasters: what comes next in a series, how sure that is, and whether a plain rule does better."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from seqrun.components import Outcome, Spec, Splits, Trainer, Windows
from seqrun.errors import Problem, UsageError
from seqrun.events import Message
from seqrun.trainers.backtest import rolling_origins
from seqrun.trainers.fitting import Evaluation, Fitted, Task, fit, train_again
from seqrun.trainers.forecast_baselines import find_period, forecast_baselines
from seqrun.trainers.forecast_metrics import FORECAST_METRICS, Units, forecast_metrics, naive_mae
from seqrun.trainers.forecast_options import Backtest, Conformal, Intervals, MCDropout
from seqrun.trainers.forecast_results import Interval, forecast_outcome
from seqrun.trainers.forecasting import Forecasts, horizon_targets, inputs_in_batches
from seqrun.trainers.intervals import conformal_half_widths, mc_interval
from seqrun.trainers.options import Switchable
from seqrun.trainers.samples import WindowSamples

if TYPE_CHECKING:
    import keras

    from seqrun.config.experiment import Experiment
    from seqrun.trainers.loop import Session
    from seqrun.trainers.program import Program


class Forecaster(Trainer):
    """Regression on what follows a window, measured in original units against four plain baselines."""

    tasks: ClassVar[frozenset[str]] = frozenset({"forecasting"})
    metrics: ClassVar[tuple[str, ...]] = FORECAST_METRICS

    name: Literal["forecaster"] = "forecaster"
    loss: Literal["mse", "mae", "huber", "log_cosh"] = Field("mse", description="what training minimises")
    period: int | Literal["auto"] | None = Field(
        "auto", description="rows of a season, for the seasonal baseline and mase; auto finds it, null: there is none"
    )
    intervals: Switchable[Intervals] = Field(
        default_factory=Conformal, description="prediction intervals: conformal or mc_dropout; false: none"
    )
    backtest: Switchable[Backtest] = Field(None, description="rolling-origin backtest, e.g. {folds: 4}; false: none")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """A season is at least two rows long."""
        yield from super().problems(experiment)
        if isinstance(self.period, int) and self.period < 2:
            yield Problem(("trainer", "period"), f"a season is at least 2 rows long, not {self.period}")

    def fit(self, model: keras.Model, splits: Splits, session: Session) -> Outcome:
        target = splits.spec.target
        check_outputs(model, target.output_shape)
        if self._draws:
            check_dropout(model, splits)
        period = find_period(splits.train) if self.period == "auto" else self.period
        units = Units(target.offset, target.scale, naive_mae(splits.train, period or 1, target.scale))
        task = self._task(splits, units)
        initial = [variable.numpy() for variable in model.variables]
        fitted = fit(self, model, splits, task, session)
        session.emit(Message(f"fitting the baselines{f' (a season is {period} rows)' if period else ''}"))
        forecasts = forecast_baselines(splits.train, splits.test, period)
        interval = self._interval(model, fitted, splits, units)
        folds = []
        if self.backtest:
            trained = model.get_weights()
            folds = list(self._backtest(model, initial, fitted, splits, task, period, session))
            model.set_weights(trained)
        return forecast_outcome(splits, fitted, units, period, forecasts, interval, folds)

    def _task(self, splits: Splits, units: Units) -> Task:
        import keras

        spec = splits.spec
        measure = partial(forecast_metrics, units=units)

        def samples(split: Windows) -> WindowSamples:
            return WindowSamples(split, spec.target)

        def evaluate(program: Program, split: Windows) -> Evaluation:
            """The loss of one pass of the network, and the metrics of its whole forecasts."""
            loss, _ = program.evaluate(samples(split))
            outputs = self._forecast(program.model, spec, split)
            return Evaluation(loss, outputs, {"loss": loss, **measure(horizon_targets(split), outputs)})

        return Task(
            loss=lambda: getattr(keras.losses, LOSSES[self.loss])(),
            samples=samples,
            measure=measure,
            keep=(lambda outputs: outputs) if spec.target.steps is None else (lambda outputs: outputs[:, -1]),
            evaluation=evaluate if spec.target.iterated or self._draws else None,
        )

    @property
    def _draws(self) -> int:
        """How many forecasts a forecast is the mean of; 0: it is one."""
        return self.intervals.samples if isinstance(self.intervals, MCDropout) else 0

    def _forecast(self, model: keras.Model, spec: Spec, split: Windows) -> np.ndarray:
        forecasts = Forecasts(model, spec)
        batches = inputs_in_batches(split)
        if self._draws:
            return np.concatenate([forecasts.draws(inputs, self._draws).mean(axis=0) for inputs in batches])
        return np.concatenate([forecasts(inputs) for inputs in batches])

    def _interval(self, model: keras.Model, fitted: Fitted, splits: Splits, units: Units) -> Interval | None:
        """The bounds of the test forecasts, in original units."""
        if not self.intervals:
            return None
        level, test = self.intervals.level, units.original(fitted.test.outputs)
        if self._draws:
            forecasts = Forecasts(model, splits.spec)
            bounds = [
                mc_interval(units.original(forecasts.draws(inputs, self._draws)), level)
                for inputs in inputs_in_batches(splits.test)
            ]
            lower, upper = (np.concatenate(parts) for parts in zip(*bounds, strict=True))
            return Interval(level, lower, upper)
        known = units.original(horizon_targets(splits.validation))
        half_widths = conformal_half_widths(known, units.original(fitted.validation.outputs), level)
        return Interval(level, test - half_widths, test + half_widths, half_widths)

    def _backtest(
        self,
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
        for number, (learn, judge) in enumerate(rolling_origins(windows, self.backtest.folds), start=1):
            session.emit(
                Message(f"backtest: fold {number}, {len(learn):,} windows to learn from, {len(judge):,} to judge on")
            )
            program = train_again(self, model, initial, task, learn, epochs, session, "backtest")
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
        raise UsageError("trainer.intervals: mc_dropout wants a network with dropout, and this one has none")
