"""Which rows make which split: fractions, days and row numbers, and ranges that cannot be."""

import math
from datetime import date
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from seqrun.datasets.series.splits import Ranges, split_rows
from seqrun.errors import DataError


@given(st.integers(1, 98), st.integers(1, 98), st.integers(3, 10_000), st.integers(0, 50))
def test_borders_of_fractions_are_the_floor_of_the_cumulative_share(train, validation, rows, first):
    if train + validation > 99:
        train, validation = 60, 20
    shares = [train / 100, validation / 100, 1 - (train + validation) / 100]
    parts = split_rows(shares, [(first, first + rows)])
    borders = [0, *(math.floor(Fraction(each, 100) * rows) for each in (train, train + validation)), rows]
    expected = {
        name: ((first + low, first + high),) if low < high else ()
        for name, low, high in zip(("train", "validation", "test"), borders[:-1], borders[1:], strict=True)
    }
    assert parts == expected


def test_every_series_is_split_for_itself():
    parts = split_rows([0.5, 0.25, 0.25], [(0, 8), (8, 108)])
    assert parts == {
        "train": ((0, 4), (8, 58)),
        "validation": ((4, 6), (58, 83)),
        "test": ((6, 8), (83, 108)),
    }


def test_days_are_inclusive_to_their_last_hour():
    times = np.arange("2020-01-01", "2020-01-11", dtype="datetime64[h]")
    ranges = Ranges(
        train=[None, date(2020, 1, 3)],
        validation=[date(2020, 1, 5), date(2020, 1, 5)],
        test=[date(2020, 1, 6), None],
    )
    assert split_rows(ranges, [(0, 240)], times) == {
        "train": ((0, 72),),
        "validation": ((96, 120),),
        "test": ((120, 240),),
    }


def test_row_numbers_are_inclusive():
    ranges = Ranges(train=[0, 9], validation=[10, 14], test=[15, None])
    assert split_rows(ranges, [(0, 20)]) == {"train": ((0, 10),), "validation": ((10, 15),), "test": ((15, 20),)}


def test_a_row_number_past_the_end_is_an_error_that_says_how_many_there_are():
    with pytest.raises(DataError, match=r"splits.validation goes to row 20, but there are 20 rows \(0 to 19\)"):
        split_rows(Ranges(train=[0, 9], validation=[10, 20], test=[21, None]), [(0, 20)])


def test_days_need_dates():
    days = [[date(2020, 1, n), date(2020, 1, n)] for n in (1, 2, 3)]
    ranges = Ranges(train=days[0], validation=days[1], test=days[2])
    for times in (None, np.arange(5)):
        with pytest.raises(DataError, match="no dates"):
            split_rows(ranges, [(0, 5)], times)


@pytest.mark.parametrize(
    ("train", "validation", "test", "message"),
    [
        ([5, 2], [6, 7], [8, 9], r"train ends \(2\) before it begins \(5\)"),
        ([0, 5], [5, 7], [8, 9], r"validation must begin after train has ended \(5\), not at 5"),
        ([0, 5], [6, 7], [3, 4], r"test must begin after validation has ended \(7\), not at 3"),
        ([0, None], [6, 7], [8, 9], "only the first bound of train and the last of test"),
        ([0, 5], [date(2020, 1, 1), 7], [8, 9], "mixed"),
        ([0], [6, 7], [8, 9], "at least 2 items"),
    ],
)
def test_ranges_that_overlap_or_run_backwards_are_refused(train, validation, test, message):
    with pytest.raises(ValidationError, match=message):
        Ranges(train=train, validation=validation, test=test)
