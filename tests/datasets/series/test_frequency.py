"""The steps of calendars: found, whatever pandas calls them, also where rows are missing, and continued as it does."""

import calendar as months_of
from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqrun.datasets.series.frequency import find_frequency, gap_rows
from seqrun.datasets.series.step_words import in_words
from seqrun.datasets.series.steps import after, steps_to
from seqrun.datasets.series.time_axis import Times

MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN")
CALENDARS = 60  # others each time

clocks = st.builds("{}{}".format, st.integers(1, 50), st.sampled_from(["s", "min", "h", "D"]))
weeks = st.builds("{}W-{}".format, st.integers(1, 3), st.sampled_from(WEEKDAYS))
months = st.builds("{}{}".format, st.integers(1, 11), st.sampled_from(["MS", "ME", "BMS", "BME"]))
quarters = st.builds("{}-{}".format, st.sampled_from(["QS", "QE", "BQS", "BQE"]), st.sampled_from(MONTHS))
years = st.builds(
    "{}{}-{}".format, st.integers(1, 2), st.sampled_from(["YS", "YE", "BYS", "BYE"]), st.sampled_from(MONTHS)
)
third_fridays = st.builds("WOM-{}{}".format, st.integers(1, 4), st.sampled_from(WEEKDAYS))
halves = st.builds("{}-{}".format, st.sampled_from(["SMS", "SME"]), st.integers(5, 25))
named = st.one_of(clocks, weeks, months, quarters, years, third_fridays, halves, st.sampled_from(["B", "bh"]))
last_fridays = st.just(pd.offsets.LastWeekOfMonth(weekday=4))  # LWOM-FRI, a name that pandas 2 does not read
same_days = st.builds(
    lambda months, day: pd.DateOffset(months=months, day=day), st.sampled_from([1, 2, 3, 6, 12]), st.integers(1, 31)
)
mondays_to_saturdays = st.just(pd.offsets.CustomBusinessDay(weekmask="Mon Tue Wed Thu Fri Sat"))
week_years = st.builds(
    lambda day, month, variation: pd.offsets.FY5253(weekday=day, startingMonth=month, variation=variation),
    *(st.integers(0, 6), st.integers(1, 12), st.sampled_from(["nearest", "last"])),
)
week_quarters = st.builds(
    lambda year, longer: pd.offsets.FY5253Quarter(
        weekday=year.weekday, startingMonth=year.startingMonth, variation=year.variation, qtr_with_extra_week=longer
    ),
    *(week_years, st.integers(1, 4)),
)


def in_a_row(days):
    """Whether the days follow each other, also over the end of a month: then it may be every day, with gaps."""
    breaks = sum(np.diff(days) > 1)
    return breaks == 0 or (breaks == 1 and days[0] == 1 and days[-1] == 31)


days_of_months = st.builds(
    lambda days, last: sorted(days | {last} if last else days),
    *(st.sets(st.integers(1, 27), min_size=2, max_size=6), st.sampled_from([None, 28, 29, 30, 31])),
).filter(lambda days: not in_a_row(days))


def on_days(days, first, count):
    """So many times from `first` on, on these days of each month, or on its last day where it is shorter."""
    found, year, month = [], first.year, first.month
    while len(found) < count:
        last = months_of.monthrange(year, month)[1]
        times = (datetime(year, month, min(day, last), first.hour) for day in days)
        found += [time for time in times if time >= first]
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return np.array(found[:count], "M8[us]")


@st.composite
def calendars(draw, rows=120, ahead=10):
    """The times of rows, and those that come after them."""
    first = draw(st.datetimes(pd.Timestamp("1905-01-01"), pd.Timestamp("1999-12-31"), allow_imaginary=False))
    offset = draw(
        st.one_of(named, last_fridays, same_days, mondays_to_saturdays, week_years, week_quarters, days_of_months)
    )
    if isinstance(offset, list):
        times = on_days(offset, first.replace(minute=0, second=0, microsecond=0), rows + ahead)
        return times[:rows], times[rows:]
    begin = pd.Timestamp(first).floor("D" if offset == "bh" else "h")  # business hours do not begin when they end
    if not isinstance(offset, str):  # the first row must stand on the calendar too
        begin += offset
    times = pd.date_range(begin, periods=rows + ahead, freq=offset).to_numpy().astype("M8[us]")
    return times[:rows], times[rows:]


def one_series(times):
    return np.arange(len(times)) > 0


@given(calendars())
@settings(max_examples=CALENDARS)
def test_forecasts_continue_every_calendar_as_pandas_does(calendar):
    times, ahead = calendar
    step, gaps = find_frequency(times, one_series(times))
    assert len(gaps) == 0
    np.testing.assert_array_equal(after(Times(times[-1:]), step, 0, len(ahead)).instants[0], ahead)


@given(calendars(), st.sets(st.integers(1, 118), min_size=1, max_size=12))
@settings(max_examples=CALENDARS // 2)
def test_rows_that_are_missing_hide_no_calendar(calendar, missing):
    times, ahead = calendar
    there = np.setdiff1d(np.arange(len(times)), list(missing))
    step, gaps = find_frequency(times[there], one_series(there))
    np.testing.assert_array_equal(gaps, np.flatnonzero(np.diff(there) > 1) + 1)
    np.testing.assert_array_equal(steps_to(times[there][gaps - 1], times[there][gaps], step), np.diff(there)[gaps - 1])
    np.testing.assert_array_equal(after(Times(times[-1:]), step, 0, len(ahead)).instants[0], ahead)


@pytest.mark.parametrize(
    ("times", "step"),
    [
        (["2020-01-31", "2020-02-29", "2020-03-31", "2020-04-30"], "ME"),
        (["2020-01-30", "2020-02-29", "2020-03-30", "2020-04-30"], "DateOffset(months=1, day=30)"),
        (["2021-01-28", "2021-02-28", "2021-03-28"], "DateOffset(months=1, day=28)"),
        (["2020-11-30", "2020-12-31"], "ME"),
        (["2020-02-01", "2020-05-01"], "QS-FEB"),
        (["2020-02-04", "2020-03-03", "2020-03-31", "2020-04-28"], "4W-TUE"),
        (["2020-01-01 09:00", "2020-01-15 09:00", "2020-02-01 09:00", "2020-02-15 09:00"], "SMS-15"),
        (["2020-01-05", "2020-01-20", "2020-02-05", "2020-02-20"], "MonthDays(5, 20)"),
        (["2010-01-30", "2011-01-29", "2012-01-28", "2013-02-02", "2014-02-01"], "RE-N-JAN-SAT"),
    ],
)
def test_short_calendars_are_told_apart(times, step):
    rows = np.array(times, "M8[us]")
    assert find_frequency(rows, one_series(rows)) == (step, pytest.approx([]))


def test_days_that_seldom_come_again_are_no_calendar():
    times = np.array(["2020-01-03", "2020-01-07", "2020-01-08", "2020-01-12", "2020-01-20", "2020-02-02"], "M8[us]")
    assert find_frequency(times, one_series(times))[0] == "4D"
    days = np.sort(np.random.default_rng(0).choice(2000, 600, replace=False))
    times = np.datetime64("2020-01-01", "us") + days * np.timedelta64(1, "D")
    assert find_frequency(times, one_series(times))[0] == "D"


def test_numbers_that_rounding_separates_have_one_step():
    for times in (np.arange(100) * 0.1, 1.6e9 + np.arange(100) * 0.1):
        step, gaps = find_frequency(times, one_series(times))
        assert step == pytest.approx(0.1)
        assert len(gaps) == 0


def test_gaps_are_those_of_a_given_step():
    times = pd.date_range("2024-01-01", periods=10, freq="D").delete([3, 4]).to_numpy()
    assert gap_rows(times, one_series(times), "D").tolist() == [3]
    assert gap_rows(times, one_series(times), "h").tolist() == list(range(1, 8))
    assert gap_rows(times[:1], one_series(times[:1]), None).tolist() == []


@pytest.mark.parametrize(
    ("freq", "words"),
    [
        ("h", "an hour (h)"),
        ("15min", "15 minutes (15min)"),
        ("D", "a day (D)"),
        ("W-WED", "a week (W-WED)"),
        ("QS-FEB", "a quarter (QS-FEB)"),
        ("2ME", "2 months (2ME)"),
        ("SMS-15", "a half month (SMS-15)"),
        ("B", "a business day (B)"),
        ("BYE-MAR", "a year (BYE-MAR)"),
        ("REQ-L-JAN-SAT-4", "a quarter of 13 or 14 weeks (REQ-L-JAN-SAT-4)"),
        ("RE-N-DEC-MON", "a year of 52 or 53 weeks (RE-N-DEC-MON)"),
    ],
)
def test_steps_are_told_in_words_with_their_name(freq, words):
    times = pd.date_range("2001-01-03", periods=60, freq=freq).to_numpy()
    assert in_words(find_frequency(times, np.arange(60) > 0)[0]) == words


def test_steps_without_a_name_are_told_with_the_call_that_makes_them():
    assert in_words("DateOffset(months=1, day=15)") == "a month (DateOffset(months=1, day=15))"
    assert in_words("MonthDays(5, 20)") == "a part of a month (MonthDays(5, 20))"
    assert in_words("CustomBusinessDay(weekmask='Mon Tue')") == "a working day (CustomBusinessDay(weekmask='Mon Tue'))"
    assert in_words(0.5) == "0.5"
