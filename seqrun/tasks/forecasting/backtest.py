"""Rolling-origin backtest: the network is trained anew up to each of several points in time and judged on what follows.

Source: Tashman, Out-of-sample tests of forecasting accuracy (2000). The test split stays untouched.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.components.base import Trainer
from seqrun.components.session import Session
from seqrun.components.splits import Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.errors import UsageError
from seqrun.events.events import Message, Warned
from seqrun.tasks.forecasting.baselines import forecast_baselines
from seqrun.tasks.forecasting.fit import FittedForecaster, forecasting_task, season
from seqrun.tasks.forecasting.metrics import Scores, forecast_metrics, naive_mae
from seqrun.tasks.forecasting.options import Forecasting
from seqrun.tasks.forecasting.statistical.baseline import statistical_baselines
from seqrun.tasks.forecasting.statistical.history import gap_rows
from seqrun.training.fitting import train_again
from seqrun.training.random_states import random_states, set_random_states

if TYPE_CHECKING:
    import keras

# What the folds have from the whole run: the scaler is fitted on the training split, and epochs and rates are chosen on
# the validation split, so all three know something of what follows a fold's origin.
SHARED = ("scaler", "epochs", "learning rates")

STAGE = "backtest"  # whose checkpoints hold the folds done; each fold's training has a stage of its own beside it


def rolling_origins(windows: Windows, folds: int) -> Iterator[tuple[Windows, Windows]]:
    """Yield, for each fold, the windows to learn from and the windows to judge on, both taken from `windows`.

    The rows of each series (training and validation together) are halved, and the second half is cut into `folds`
    equal blocks. Fold k learns from the windows whose forecasts end before block k, and is judged on the windows whose
    forecasts lie within it. The segments of those to learn from end there too. Raises UsageError if a fold has no
    windows to learn from, or none to judge on.
    """
    bounds = _series_bounds(windows)
    if len(windows) <= len(bounds):
        raise UsageError("trainer.backtest: these series are one window each; a backtest wants longer ones")
    first, last = (windows.starts + windows.horizon_rows[end] for end in (0, -1))  # (n,) rows of its forecast
    for fold in range(folds):
        learn, judge = np.zeros(len(windows), bool), np.zeros(len(windows), bool)
        segments: list[tuple[int, int]] = []
        for begin, end in bounds:
            inside = (windows.starts >= begin) & (last < end)
            origin, border = (begin + (end - begin) * (folds + step) // (2 * folds) for step in (fold, fold + 1))
            learn |= inside & (last < origin)
            judge |= inside & (first >= origin) & (last < border)
            segments += [(low, min(high, origin)) for low, high in windows.segments if begin <= low < origin]
        if not learn.any() or not judge.any():
            raise UsageError(
                f"trainer.backtest: {folds} folds leave no windows to {'judge on' if learn.any() else 'learn from'} "
                f"in fold {fold + 1}: the series are too short for so many"
            )
        yield replace(windows.taken(learn), segments=tuple(segments)), windows.taken(judge)


def _series_bounds(windows: Windows) -> list[tuple[int, int]]:
    """Return each series' first row and the one past its last; segments of one series that adjoin are one."""
    bounds: list[tuple[int, int]] = []
    for begin, end in sorted(windows.segments):
        alike = windows.series is None or windows.series[begin] == windows.series[begin - 1]
        if bounds and bounds[-1][1] == begin and alike:
            bounds[-1] = (bounds[-1][0], end)
        else:
            bounds.append((begin, end))
    return bounds


def backtested(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    session: Session,
    settings: Forecasting,
    folds: int,
) -> Iterator[dict[str, Any]]:
    """Train and measure each fold, and yield its number, its counts of windows, its metrics and the baselines'.

    A fold's season, baselines and the denominator of mase come from the rows before its origin; see `SHARED` for what
    does not. After the last fold the model has its trained weights again. Folds that the session has saved are not
    done again.
    """
    variables = [variable.numpy() for variable in model.variables]
    windows = splits.train.joined(splits.validation)
    saved = session.progress.saved(STAGE)
    done: list[dict[str, Any]] = []
    if saved is not None:
        done += saved.scalars["folds"]
        set_random_states(saved.scalars["random"])
    session.emit(
        Message(f"backtest: {', '.join(SHARED)} are those of the whole run, all else is of each fold's own rows")
    )
    for number, (learn, judge) in enumerate(rolling_origins(windows, folds), start=1):
        if number > len(done):
            told = f"{len(learn):,} windows to learn from, {len(judge):,} to judge on"
            session.emit(Message(f"backtest: fold {number}, {told}"))
            stage = f"{STAGE}-{number}"
            judged = _judged(trainer, model, splits, trained, session, settings, (learn, judge), stage)
            done.append({"fold": number, "windows": {"train": len(learn), "test": len(judge)}, **judged})
            session.progress.save(STAGE, number, {}, {"folds": done, "random": random_states()})
            session.progress.forget(stage)
        yield done[number - 1]
    for variable, value in zip(model.variables, variables, strict=True):
        variable.assign(value)


def _judged(
    trainer: Trainer,
    model: keras.Model,
    splits: Splits[Windows, SeriesTarget],
    trained: FittedForecaster,
    session: Session,
    settings: Forecasting,
    fold: tuple[Windows, Windows],
    stage: str,
) -> dict[str, Any]:
    """Train anew on the fold's windows to learn from; return the metrics, also the baselines', of those to judge on."""
    learn, judge = fold
    fitted, target = trained.fitted, splits.spec.target
    period = season(settings, learn, target)
    naive = naive_mae(learn, period or 1)
    task = forecasting_task(settings, splits.spec, naive)
    epochs = fitted.history[: fitted.best_epoch]
    program = train_again(trainer, model, fitted.initial, task, learn, epochs, session, "backtest", stage)
    targets, scores = judge.actual(), Scores.of(target, naive, judge)
    own, doubts = statistical_baselines(settings.baselines, learn, judge, gap_rows(splits), period, session)
    for doubt in doubts:
        session.emit(Warned(f"backtest: {doubt}"))
    rules = {**forecast_baselines(learn, judge, period, target), **own}
    return {
        "metrics": dict(task.evaluate(program, judge).metrics),
        "baselines": {name: forecast_metrics(targets, forecast, scores) for name, forecast in rules.items()},
    }
