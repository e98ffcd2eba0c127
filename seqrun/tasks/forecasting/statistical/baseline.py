"""Statistical baselines: fitted once to each series, then taken through the rows before each forecast as they are."""

from __future__ import annotations

import hashlib
import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqrun.components.splits import Windows
from seqrun.datasets.files.remembered import remembered
from seqrun.events.events import Message
from seqrun.readable import counted, listed_names
from seqrun.tasks.forecasting.baselines import last_value
from seqrun.tasks.forecasting.own_baselines import INSTALL, PACKAGE
from seqrun.tasks.forecasting.statistical.allowance import Allowance, OverTime
from seqrun.tasks.forecasting.statistical.arima import ARIMA
from seqrun.tasks.forecasting.statistical.ets import ETS
from seqrun.tasks.forecasting.statistical.fitted import Fitted, Unfit
from seqrun.tasks.forecasting.statistical.history import History, histories
from seqrun.tasks.forecasting.statistical.season import Adjusted
from seqrun.tasks.forecasting.statistical.theta import Theta

if TYPE_CHECKING:
    from seqrun.components.session import Session

Fit = Callable[[np.ndarray, int], Fitted]

MODELS: Mapping[str, Fit] = {"auto_ets": ETS.fit, "auto_theta": Theta.fit, "auto_arima": ARIMA.fit}
STATES_OF_SEASONS = ("auto_ets", "auto_arima")  # a state for each row of a season: long ones take long

MOST_ROWS = 2000  # that a model is fitted to: the latest; more of them change little, and take long
MOST_SEASONS = 4  # or as many rows as so many seasons have, if these are more
LONGEST_SEASON = 24  # rows of a season that ETS and ARIMA can have states for, as R's ets; a longer one is taken out
FEWEST_SEASONS = 2  # in the rows of the fit, for a model with a season
LIBRARIES = ("numpy", "scipy", "statsforecast", "statsmodels")


def statistical_baselines(
    names: Sequence[str], learn: Windows, windows: Windows, gaps: Set[int], period: int | None, session: Session
) -> tuple[dict[str, np.ndarray], list[str]]:
    """Return the forecasts of each named model, (n, horizon, targets) float64 in original units, and warnings.

    A model of each series and target is fitted to the latest rows of the segments of `learn`, with a season of `period`
    rows; `gaps` are the rows before which others are missing. Then it is taken through all rows up to each window's
    last input: its states follow them, its parameters stay. What an earlier run on the same rows has computed is taken
    from the session's cache. A model that cannot be had is left out, with a warning.
    """
    forecasts, told = {}, []
    for name in names:
        try:
            forecasts[name], notes = _forecasts(name, learn, windows, gaps, period or 1, session)
            told += notes
        except Unfit as error:
            told.append(f"{name} is left out of the baselines: {error}")
    return forecasts, told


def _forecasts(
    name: str, learn: Windows, windows: Windows, gaps: Set[int], season: int, session: Session
) -> tuple[np.ndarray, list[str]]:
    """Return a model's forecasts, and what is to be told of them; raise Unfit if there are none."""
    if find_spec(PACKAGE) is None:
        raise Unfit(f"it needs the package {PACKAGE}: {INSTALL}")
    session.emit(Message(f"{name}: fitted to each series, then taken through the rows before each forecast"))
    facts = {"baseline": name, "season": season, "step": learn.step, "rows": _hash(learn, windows, gaps)}
    code = sorted(Path(__file__).parent.glob("*.py"))

    def compute() -> dict[str, np.ndarray]:
        found, told = _computed(name, learn, windows, gaps, season, session)
        return {"forecasts": found, "told": np.frombuffer(json.dumps(told).encode(), np.uint8)}

    kept = remembered(session.cache, facts, code, LIBRARIES, compute, session.emit)
    return kept["forecasts"], json.loads(kept["told"].tobytes())


def _hash(learn: Windows, windows: Windows, gaps: Set[int]) -> str:
    """Return the SHA-256 of all rows that the forecasts depend on, and of which they are made."""
    digest = hashlib.sha256()
    segments, missing = (np.array(sorted(rows), np.int64) for rows in (learn.segments, gaps))
    ahead = windows.horizon_rows - windows.input_rows[-1]
    for array in (segments, missing, windows.values, windows.index, ahead, windows.times, windows.series):
        digest.update(b"none|" if array is None else array.tobytes() + str((array.shape, array.dtype)).encode())
    return digest.hexdigest()


def _computed(
    name: str, learn: Windows, windows: Windows, gaps: Set[int], season: int, session: Session
) -> tuple[np.ndarray, list[str]]:
    """Return the forecasts and what is to be told of them; raise Unfit if no series can be fitted or it takes long."""
    most = max(MOST_ROWS, MOST_SEASONS * season)
    known = histories(learn, gaps, most)
    forecasts, reasons = last_value(windows), Counter[str]()
    series = _samples_by_series(windows)
    columns = [(number, target) for number in series for target in range(windows.values.shape[1])]
    allowance = Allowance(len(columns), session.signals)
    for number, target in columns:
        allowance.check()
        samples = series[number]
        one = _One(name, known.get(number), windows.taken(samples), target, season)
        try:
            forecasts[samples, :, target] = one.forecasts(allowance)
        except OverTime:
            raise
        except Unfit as reason:
            reasons[str(reason)] += 1
        allowance.done += 1
    session.signals.check()  # a library may have swallowed what came
    if reasons.total() == len(columns):
        raise Unfit(f"it cannot be fitted: {_listed(reasons)}")
    return forecasts, [*_notes(name, known, most, season), *_stood_in(name, reasons, len(columns))]


def _samples_by_series(windows: Windows) -> dict[int, np.ndarray]:
    """Return the numbers of the samples of each series."""
    numbers = windows.sample_series
    if numbers is None:
        return {0: np.arange(len(windows))}
    order = np.argsort(numbers, kind="stable")
    there, firsts = np.unique(numbers[order], return_index=True)
    return dict(zip(there.tolist(), np.split(order, firsts[1:]), strict=True))


class _One(NamedTuple):
    """A model for one series and target."""

    name: str
    history: History | None
    windows: Windows  # of the series
    target: int
    season: int

    def forecasts(self, allowance: Allowance) -> np.ndarray:
        """Return the forecasts of the windows, (n, horizon); raise Unfit if there are none."""
        windows, history = self.windows, self.history
        if history is None:
            raise Unfit("no rows to learn from")
        column = windows.values[:, self.target].astype(np.float64, copy=False)
        origins, back = np.unique(windows.index, return_inverse=True)
        leads = windows.horizon_rows - windows.input_rows[-1]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")  # of optimizers that stop early, whose best is taken all the same
            model = self._fitted(column[history.first : history.past])
            found = history.forecasts(model, column, origins, leads, self.season, allowance.check)[back]
        if not np.isfinite(found).all():
            raise Unfit("forecasts that are not finite")
        return found

    def _fitted(self, values: np.ndarray) -> Fitted:
        """Return the model of values (rows,), with the season if they hold enough of them; raise Unfit without one."""
        if (values == values[0]).all():
            raise Unfit("constant rows")
        season = self.season if len(values) >= FEWEST_SEASONS * self.season else 1
        fit = MODELS[self.name]
        try:
            if season > LONGEST_SEASON and self.name in STATES_OF_SEASONS:
                return Adjusted.fit(fit, values, season)
            return fit(values, season)
        except Exception as error:  # statsforecast raises what it likes, plain Exceptions among them
            raise Unfit(f"{counted(len(values), 'row')}: {error or type(error).__name__}") from error


def _notes(name: str, known: Mapping[int, History], most: int, season: int) -> Iterator[str]:
    """Yield what the models leave out of the series' rows, or of their seasons."""
    cut = [history for history in known.values() if history.past - history.first < history.learned]
    if cut:
        longest = max(history.learned for history in cut)
        yield (
            f"{name} is fitted to the latest rows of a series without a gap, {most:,} at most; there are up to "
            f"{longest:,} to learn from"
        )
    if season > LONGEST_SEASON and name in STATES_OF_SEASONS:
        yield (
            f"{name} has no states for a season of more than {LONGEST_SEASON} rows: this one, of {season:,}, is taken "
            "out of each series (means of each row of a season around a moving average) and added to the forecasts"
        )


def _stood_in(name: str, reasons: Counter[str], columns: int) -> Iterator[str]:
    if reasons:
        yield (
            f"{name}: of {reasons.total():,} of {columns:,} series the forecasts are the last value, for it cannot be "
            f"fitted: {_listed(reasons)}"
        )


def _listed(reasons: Counter[str]) -> str:
    """Return reasons with how often each was one, the most frequent first."""
    return listed_names([reason if count == 1 else f"{reason} ({count:,})" for reason, count in reasons.most_common()])
