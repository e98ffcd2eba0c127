"""How a forecaster is trained and measured: whole forecasts, their intervals, a backtest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.splits import Spec, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.errors import UsageError
from seqrun.tasks.forecasting.forecasts import Forecasts, inputs_in_batches, same_draws
from seqrun.tasks.forecasting.metrics import Scores, naive_mae, output_metrics
from seqrun.tasks.forecasting.options import Forecasting
from seqrun.tasks.forecasting.seasonality import find_period
from seqrun.training.checks import check_output_shape
from seqrun.training.fitting import Evaluation, Fitted, Task, fit
from seqrun.training.losses import each_number_loss
from seqrun.training.program import outputs_alone
from seqrun.training.samples import WindowSamples

if TYPE_CHECKING:
    import keras

    from seqrun.components.session import Session
    from seqrun.training.program import Program


@dataclass(frozen=True)
class FittedForecaster:
    """A trained network, and what its metrics depend on."""

    fitted: Fitted[Windows]
    target: SeriesTarget
    period: int | None  # rows of a season
    naive_mae: np.ndarray  # mase's denominator, as the function of that name returns it

    def scores(self, windows: Windows) -> Scores:
        """Return what the errors of these windows' forecasts are divided by."""
        return Scores.of(self.target, self.naive_mae, windows)


def train_forecaster(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    session: Session,
    settings: Forecasting,
) -> FittedForecaster:
    """Train the model to forecast what follows each window; return it with the weights of its best epoch.

    Raises UsageError if the network's output has another shape than the target, or if intervals are to come from
    dropout and the network has none.
    """
    target = splits.spec.target
    check_output_shape(model, target.output_shape, "the forecast wants")
    if settings.draws:
        check_dropout(model, splits)
    period = season(settings, splits.train, target)
    naive = naive_mae(splits.train, period or 1)
    fitted = fit(trainer, model, splits, forecasting_task(settings, splits.spec, naive), session)
    return FittedForecaster(fitted, target, period, naive)


def season(settings: Forecasting, train: Windows, target: SeriesTarget) -> int | None:
    """Return the rows of a season: what the settings say, or what the training rows show; None: there is none."""
    return find_period(train, target) if settings.period == "auto" else settings.period


def forecasting_task(settings: Forecasting, spec: Spec[SeriesTarget], naive: np.ndarray) -> Task[Windows]:
    """Return what the training loop needs; `naive` is mase's denominator (see `naive_mae`)."""

    def samples(split: Windows) -> WindowSamples:
        return WindowSamples(split, spec.target)

    def measure(windows: Windows, outputs: np.ndarray) -> dict[str, float]:
        return output_metrics(windows, outputs, Scores.of(spec.target, naive, windows))

    def evaluate(program: Program, split: Windows) -> Evaluation:
        """Return the loss of one pass of the network, and whole forecasts with their metrics."""
        loss, _ = program.evaluate(samples(split))
        outputs = _forecast(settings, program.model, spec, split)
        return Evaluation(loss, outputs, {"loss": loss, **measure(split, outputs)})

    return Task(
        loss=lambda: each_number_loss(settings.loss),
        samples=samples,
        measure=measure,
        keep=outputs_alone if spec.target.steps is None else lambda targets, outputs, weights: outputs[:, -1],
        evaluation=evaluate if spec.target.iterated or settings.draws else None,
    )


def _forecast(settings: Forecasting, model: keras.Model, spec: Spec[SeriesTarget], split: Windows) -> np.ndarray:
    """Return whole forecasts (samples, horizon, targets), averaged over draws if dropout stays on."""
    forecasts = Forecasts(model, spec)
    batches = inputs_in_batches(split)
    if settings.draws:
        with same_draws(model):
            return np.concatenate([forecasts.draws(inputs, settings.draws).mean(axis=0) for inputs in batches])
    return np.concatenate([forecasts(inputs) for inputs in batches])


def check_dropout(model: keras.Model, splits: Splits[Windows, SeriesTarget]) -> None:
    """Raise UsageError if two forecasts with dropout left on are equal: their spread would be no interval."""
    few = next(inputs_in_batches(splits.train))[:32]
    first, second = Forecasts(model, splits.spec).draws(few, 2)
    if np.array_equal(first, second):
        raise UsageError("settings.intervals: mc_dropout wants a network with dropout, and this one has none")
