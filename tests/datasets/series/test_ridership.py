"""Boardings in Chicago: the city's file, its features and the book's splits."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.ridership import FILE, Ridership
from seqrun.errors import DataError


def city_file(folder, first=dt.date(2015, 12, 1), last=dt.date(2020, 1, 31), **changes):
    """The city's file; the boardings of a day are its number, those of trains a million more."""
    days = pd.date_range(first, last)
    holidays = {dt.date(2019, 1, 1), dt.date(2019, 12, 25)}
    kinds = ["U" if d.date() in holidays else "WWWWWAU"[d.day_of_week] for d in days]
    bus = np.arange(len(days)) + 1
    rows = [f"{d:%m/%d/%Y},{k},{n},{n + 1_000_000},{2 * n}" for d, k, n in zip(days, kinds, bus, strict=True)]
    rows = changes.get("rows", lambda rows: rows)(rows)
    path = folder / FILE
    path.write_text("\n".join(["service_date,day_type,bus,rail_boardings,total_rides", *rows]) + "\n")
    return path


@pytest.fixture
def load(tmp_path, told):
    def load(**fields):
        return Ridership(**fields).load(Locations(tmp_path, lambda event: told.append(event.line())))

    return load


def test_the_books_splits_have_26_windows_to_validate_on(tmp_path, load):
    city_file(tmp_path)
    splits = load(forecast="sequence")
    day = lambda split, row: str(split.times[row])[:10]  # noqa: E731
    borders = {name: getattr(splits, name).segments[0] for name in ("train", "validation", "test")}
    assert {name: (day(splits.train, low), day(splits.train, past - 1)) for name, (low, past) in borders.items()} == {
        "train": ("2016-01-01", "2018-12-31"),
        "validation": ("2019-01-01", "2019-05-31"),
        "test": ("2019-06-01", "2019-12-31"),
    }
    assert [len(splits.train), len(splits.validation), len(splits.test)] == [1096 - 125, 26, 214 - 125]
    assert splits.spec.input_shape == (112, 5)
    assert splits.train.target_rows.shape == (112, 14)
    assert splits.spec.target_features == (1,)


def test_features_are_bus_and_rail_in_millions_and_tomorrows_type(tmp_path, load):
    city_file(tmp_path)
    windows = load().validation
    new_years_eve = int(np.searchsorted(windows.times, np.datetime64("2018-12-31")))
    number = new_years_eve + 1
    expected = [number / 1e6, number / 1e6 + 1, 0, 1, 0]  # the first of January is a holiday
    np.testing.assert_allclose(windows.features[new_years_eve], expected, rtol=1e-6)
    friday = int(np.searchsorted(windows.times, np.datetime64("2019-03-01")))
    assert windows.features[friday, 2:].tolist() == [1, 0, 0]
    assert windows.features[friday + 2, 2:].tolist() == [0, 0, 1]


def test_metrics_are_in_rides(tmp_path, load):
    city_file(tmp_path)
    target = load().spec.target
    assert (target.names, target.offset, target.scale) == (("rail",), (0.0,), (1e6,))


def test_days_that_stand_twice_count_once_and_order_does_not_matter(tmp_path, load, told):
    city_file(tmp_path)
    plain = load()
    city_file(tmp_path, rows=lambda rows: [*rows[50:], *rows[:60]])
    mixed = load()
    np.testing.assert_array_equal(plain.train.features, mixed.train.features)
    assert mixed.warnings == ()
    assert any(line.endswith("10 rows left out, said twice") for line in told)


def test_after_the_last_day_the_calendar_says_what_tomorrow_is(tmp_path, load):
    city_file(tmp_path, last=dt.date(2020, 1, 3))  # a Friday
    assert load().train.features[-1, 2:].tolist() == [1, 0, 0]


def test_an_unknown_type_of_day_is_named_with_its_line(tmp_path, load):
    city_file(tmp_path, rows=lambda rows: [rows[0].replace(",W,", ",X,"), *rows[1:]])
    with pytest.raises(DataError, match=r"day_type is none of A, U, W in:\n  line 2: 'X'"):
        load()


def test_a_forecast_goes_on_after_the_last_day_of_a_file(tmp_path, load):
    path = city_file(tmp_path)
    splits = load()
    last = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path)
    assert last.inputs.shape == (1, 112, 5)
    np.testing.assert_array_equal(last.inputs[0], splits.test.features[-112:])
    assert last.times.astype("datetime64[D]")[0, [0, -1]].tolist() == [dt.date(2020, 2, 1), dt.date(2020, 2, 14)]
    np.testing.assert_allclose(last.history[0, -1], [1_000_000 + len(splits.test.features)])
