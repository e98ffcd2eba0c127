"""Time zones: instants and what the local calendar and clocks say of them, also where clocks are changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np

from seqrun.datasets.series.zone_names import zone, zone_names

# Of all zones with the same rules, people are told one of these if it fits.
WELL_KNOWN = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Athens",
    "America/New_York",
    "America/Chicago",
    "America/Denver",
    "America/Los_Angeles",
    "Australia/Sydney",
    "Pacific/Auckland",
)
MOST_TRIED = 20  # times that are looked up in every zone


def wall_times(instants: np.ndarray, name: str) -> np.ndarray:
    """Return what the calendar and clocks of a zone say at UTC `instants`; datetime64 of the same shape."""
    import pandas as pd

    index = pd.DatetimeIndex(instants.ravel()).tz_localize("UTC").tz_convert(zone(name)).tz_localize(None)
    return index.to_numpy().astype(instants.dtype).reshape(instants.shape)


def instants_of(wall: np.ndarray, name: str, second: np.ndarray | None = None) -> np.ndarray:
    """Return the UTC instants at which a zone's clocks show `wall`; datetime64 of the same shape.

    Of an hour that they show twice it is the first, or the `second` where that mask says so; of one that they leave
    out, the moment at which they do.
    """
    import pandas as pd

    first = np.ones(wall.size, bool) if second is None else ~second.ravel()
    index = pd.DatetimeIndex(wall.ravel()).tz_localize(zone(name), ambiguous=first, nonexistent="shift_forward")
    return index.tz_convert("UTC").tz_localize(None).to_numpy().astype(wall.dtype).reshape(wall.shape)


def shown_twice(wall: np.ndarray, name: str) -> np.ndarray:
    """Return which times (rows,) a zone's clocks show twice, as a mask."""
    import pandas as pd

    known = pd.DatetimeIndex(wall).tz_localize(zone(name), ambiguous="NaT", nonexistent="shift_forward")
    return np.asarray(known.isna(), bool)


def left_out(wall: np.ndarray, name: str) -> np.ndarray:
    """Return which times (rows,) a zone's clocks never show, as a mask."""
    import pandas as pd

    known = pd.DatetimeIndex(wall).tz_localize(zone(name), ambiguous=np.ones(len(wall), bool), nonexistent="NaT")
    return np.asarray(known.isna(), bool)


def second_time(wall: np.ndarray, series: np.ndarray, name: str) -> np.ndarray:
    """Return which rows (rows,) are of an hour's second time, by the order of the rows of each series.

    Within an hour that is shown twice, the clocks go back once. Of a row that is alone in such an hour, the time since
    the row before it tells. `series` (rows,) says which series a row is of; a series whose rows stand newest first is
    read from its end.
    """
    twice = shown_twice(wall, name)
    if not twice.any():
        return twice
    order = _oldest_first(wall, series)
    times, groups, doubtful = wall[order], series[order], twice[order]
    near = np.abs(np.diff(times)) < np.timedelta64(1, "D")
    together = np.append(False, (groups[1:] == groups[:-1]) & doubtful[1:] & doubtful[:-1] & near)
    back = np.append(False, times[1:] <= times[:-1]) & together
    backs = np.cumsum(back)
    first = np.maximum.accumulate(np.where(together, 0, np.arange(len(order))))  # of the hour that a row is in
    second = np.zeros(len(wall), bool)
    second[order] = backs > backs[first]
    alone = doubtful & ~together & ~np.append(together[1:], False)
    second[order] |= alone & _by_step(times, groups, name, second[order])
    return second


def _by_step(times: np.ndarray, groups: np.ndarray, name: str, second: np.ndarray) -> np.ndarray:
    """Return which times (rows,) follow the row before them by the usual step if they are of an hour's second time, and
    do not if they are of its first.
    """
    early, late = instants_of(times, name, second), instants_of(times, name, np.ones(len(times), bool))
    same = groups[1:] == groups[:-1]
    if not same.any():
        return np.zeros(len(times), bool)
    steps, counts = np.unique(np.diff(early)[same], return_counts=True)
    usual = steps[np.argmax(counts)]
    return np.append(False, same & (late[1:] - early[:-1] == usual) & (early[1:] - early[:-1] != usual))


def midnights(wall: np.ndarray, instants: np.ndarray, name: str) -> np.ndarray:
    """Return local times (rows,) with midnight in place of the first moment of a day whose midnight clocks leave out.

    Only if most times are midnights: such rows are of days, one of which begins at one o'clock.
    """
    at_midnight = wall == wall.astype("M8[D]")
    if at_midnight.all() or at_midnight.mean() <= 0.5:
        return wall
    moment = np.timedelta64(1, "us")
    before = wall.copy()  # what clocks would show had they not been changed at that moment
    before[~at_midnight] = wall_times(instants[~at_midnight] - moment, name) + moment
    return np.where(before == wall.astype("M8[D]"), before, wall)


def _oldest_first(wall: np.ndarray, series: np.ndarray) -> np.ndarray:
    """Return the rows by series and then as they stand, or from the end where a series goes back more often than on."""
    rows = np.argsort(series, kind="stable")
    same = series[rows][1:] == series[rows][:-1]
    signs = np.sign(np.diff(wall[rows]).astype(np.int64)) * same
    onward = np.bincount(series[rows][1:], weights=signs, minlength=int(series.max()) + 1)
    places = np.arange(len(wall))
    return np.lexsort((np.where(onward[series] < 0, -places, places), series))


def with_offsets(wall: np.ndarray, instants: np.ndarray) -> np.ndarray:
    """Return local times as text with their offsets from UTC, of the same shape: 2021-03-28T03:00:00+02:00."""
    import pandas as pd

    texts = [
        time.replace(tzinfo=timezone(offset)).isoformat()
        for time, offset in zip(pd.DatetimeIndex(wall.ravel()).to_pydatetime(), _offsets(wall, instants), strict=True)
    ]
    return np.array(texts).reshape(wall.shape)


def _offsets(wall: np.ndarray, instants: np.ndarray) -> list[timedelta]:
    """Return how far local times are ahead of UTC, of each of the times."""
    import pandas as pd

    return pd.TimedeltaIndex((wall - instants).ravel()).to_pytimedelta().tolist()


# --- times without the name of a zone that tell of one ----------------------------------------------------------------


def daylight_saving_zone(twice: np.ndarray, missing: np.ndarray) -> str | None:
    """Return a zone whose clocks show each of the times `twice` and never show those that are `missing`.

    None if there is no such zone, or no time is given.
    """
    times = [(time, 1) for time in _some(twice)] + [(time, -1) for time in _some(missing)]
    if not times:
        return None
    fitting = (name for name in _names() if all(_change(time, ZoneInfo(name)) == sign for time, sign in times))
    return next(fitting, None)


def zone_of_offsets(wall: np.ndarray, instants: np.ndarray) -> str | None:
    """Return a zone in which clocks show the times `wall` (rows,) at the `instants`; None if there is none."""
    import pandas as pd

    changes = np.flatnonzero(np.diff(wall - instants))[:MOST_TRIED]
    rows = np.unique([0, *changes, *(changes + 1)])
    offsets = _offsets(wall[rows], instants[rows])
    times = pd.DatetimeIndex(instants[rows]).tz_localize("UTC").to_pydatetime()
    pairs = list(zip(times, offsets, strict=True))
    fitting = (name for name in _names() if all(time.astimezone(ZoneInfo(name)).utcoffset() == o for time, o in pairs))
    return next(fitting, None)


def _names() -> Iterator[str]:
    yield from WELL_KNOWN
    yield from zone_names()


def _some(times: np.ndarray) -> Iterator[datetime]:
    import pandas as pd

    yield from pd.DatetimeIndex(np.unique(times)[:MOST_TRIED]).to_pydatetime()


def _change(time: datetime, name: ZoneInfo) -> int:
    """Return 1 for a time that a zone's clocks show twice, -1 for one that they leave out, 0 for any other."""
    early, late = (time.replace(tzinfo=name, fold=fold).utcoffset() for fold in (0, 1))
    if early is None or late is None:
        return 0
    return (early > late) - (early < late)
