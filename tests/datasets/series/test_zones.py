"""Times with an offset or in a zone: days, calendar features, gaps forecasts follow the local calendar and clocks."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqrun.datasets.series.encoding import SERIES_FILE, SeriesEncoder
from seqrun.datasets.series.reader import SeriesReader
from seqrun.datasets.series.series import Series
from seqrun.errors import DataError

BERLIN = "Europe/Berlin"


@pytest.fixture
def load(tmp_path, locations):
    """Writes times, as they are given, with 0, 1, 2 ... as values; returns the file and its splits."""

    def load(times, values=None, **fields):
        path = tmp_path / "zoned.csv"
        pd.DataFrame({"t": times, "x": range(len(times)) if values is None else values}).to_csv(path, index=False)
        defaults = {"targets": ["x"], "time": "t", "lookback": 3, "horizon": 3}
        return path, Series(path=path, **{**defaults, **fields}).load(locations)

    return load


def written(times, form="%Y-%m-%dT%H:%M:%S%z"):
    """Times with their offsets: 2021-03-28T03:00:00+0200."""
    return times.strftime(form)


def forecasts(path, splits):
    return SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path).times[0].tolist()


def iso(times):
    return [time.isoformat() for time in times]


@pytest.mark.parametrize("zone", [None, BERLIN])
@pytest.mark.parametrize("form", ["%Y-%m-%dT%H:%M:%S%z", "%d.%m.%Y %H:%M%z"])
def test_a_daily_series_across_a_change_of_clocks_has_no_gap(load, zone, form):
    times = pd.date_range("2021-03-01", periods=63, freq="D", tz=BERLIN)
    path, splits = load(written(times[:60], form), time_zone=zone)
    assert not any("apart" in warning for warning in splits.warnings)
    np.testing.assert_array_equal(splits.train.times, times[:60].tz_localize(None).to_numpy())
    assert forecasts(path, splits) == iso(times[60:])


def test_several_offsets_are_told_with_a_zone_that_has_them(load):
    _, splits = load(written(pd.date_range("2021-03-01", periods=60, freq="D", tz="America/New_York")))
    assert "several UTC offsets" in splits.warnings[0]
    assert "such as America/New_York, says how it changes" in splits.warnings[0]
    _, named = load(written(pd.date_range("2021-03-01", periods=60, freq="D", tz=BERLIN)), time_zone=BERLIN)
    assert named.warnings == ()


def test_days_of_splits_are_local_ones(load):
    times = pd.date_range("2021-03-01", periods=24 * 30, freq="h", tz=BERLIN)
    days = {"train": [None, "2021-03-20"], "validation": ["2021-03-21", "2021-03-27"], "test": ["2021-03-28", None]}
    for zone in (None, BERLIN):
        _, splits = load(written(times), splits=days, time_zone=zone)
        assert splits.validation.segments == ((24 * 20, 24 * 27),)
    _, splits = load(written(times), splits=days, time_zone="UTC")
    assert splits.validation.segments == ((24 * 20 + 1, 24 * 27 + 1),)


def test_the_calendar_is_the_local_one(load):
    times = pd.date_range("2021-03-01", periods=24 * 30, freq="h", tz=BERLIN)
    _, splits = load(written(times.tz_convert("UTC")), calendar=["hour"], time_zone=BERLIN)
    angle = 2 * np.pi * times.hour / 24
    np.testing.assert_allclose(splits.train.features[:, 1:], np.stack([np.sin(angle), np.cos(angle)], 1), atol=1e-6)


def test_the_calendar_is_the_local_one_where_cells_are_empty_too(load):
    times = pd.date_range("2021-03-01", periods=24 * 30, freq="h", tz=BERLIN)
    values = [np.nan if n == 40 else float(n) for n in range(len(times))]
    fields = {"values": values, "calendar": ["hour"], "time_zone": BERLIN, "missing": "interpolate"}
    _, splits = load(written(times.tz_convert("UTC")), **fields)
    angle = 2 * np.pi * times[39:42].hour / 24
    window = splits.train.taken(splits.train.index == 41)
    np.testing.assert_allclose(window.inputs()[0, :, 1:], np.stack([np.sin(angle), np.cos(angle)], 1), atol=1e-6)


def test_hours_go_on_while_clocks_are_changed(load):
    times = pd.date_range("2021-10-25", periods=163, freq="h", tz=BERLIN)  # up to 02:00 in summer time
    assert str(times[146].utcoffset()) == "2:00:00"
    path, splits = load(written(times[:147]), time_zone=BERLIN)
    assert forecasts(path, splits)[:3] == iso(times[147:150])
    assert iso(times[147:148]) == ["2021-10-31T02:00:00+01:00"]


def test_a_fixed_offset_is_kept(load):
    times = pd.date_range("2021-03-20", periods=40, freq="D", tz="Asia/Kolkata")
    path, splits = load(written(times[:37], "%Y-%m-%d %H:%M:%S+05:30"))
    assert splits.warnings == ()
    assert forecasts(path, splits) == iso(times[37:])


def test_clocks_that_show_an_hour_twice_are_told_apart_by_the_order_of_rows(load):
    times = pd.date_range("2021-10-28", periods=103, freq="h", tz=BERLIN)
    path, splits = load(times[:100].strftime("%Y-%m-%d %H:%M"), time_zone=BERLIN)
    assert splits.warnings == ()
    assert splits.train.features.shape == (100, 1)
    assert forecasts(path, splits) == iso(times[100:])


@pytest.mark.parametrize("minutes", [15, 30])
def test_the_second_time_of_an_hour_can_lack_rows_and_stand_newest_first(load, minutes):
    times = pd.date_range("2021-10-28", periods=103 * 60 // minutes, freq=f"{minutes}min", tz=BERLIN)
    lacking = times.get_loc(pd.Timestamp("2021-10-31 00:00:00+00:00"))  # the first row in summer time
    _, splits = load(times.delete(lacking).strftime("%Y-%m-%d %H:%M")[::-1], time_zone=BERLIN)
    gaps = [warning for warning in splits.warnings if "apart" in warning]
    assert len(gaps) == 1
    assert f"2021-10-31T02:{minutes}:00+02:00 comes after 2021-10-31T01:{60 - minutes}:00+02:00" in gaps[0]


def test_an_hour_that_clocks_leave_out_is_no_gap(load):
    times = pd.date_range("2021-03-26", periods=103, freq="h", tz=BERLIN)
    path, splits = load(times[:100].strftime("%Y-%m-%d %H:%M"), time_zone=BERLIN)
    assert splits.warnings == ()
    assert forecasts(path, splits) == iso(times[100:])


def test_hours_that_stand_twice_for_a_change_of_clocks_name_the_setting(load):
    times = pd.date_range("2021-10-28", periods=100, freq="h", tz=BERLIN).strftime("%Y-%m-%d %H:%M")
    with pytest.raises(DataError, match=r"end of daylight saving time: dataset\.time_zone .* such as Europe/Berlin"):
        load(times)
    _, splits = load(times, values=[1.0] * 100)  # rows that say the same
    assert "dataset.time_zone names their zone, such as Europe/Berlin" in splits.warnings[0]


def test_other_rows_of_one_time_name_no_zone(load):
    with pytest.raises(DataError, match=r"dataset\.duplicates: first \(or last, mean\)") as caught:
        load(["2021-10-31 05:00", *pd.date_range("2021-10-31 00:00", periods=40, freq="h").astype(str)])
    assert "daylight" not in str(caught.value)


def test_an_hour_that_lacks_for_a_change_of_clocks_names_the_setting(load):
    times = pd.date_range("2021-03-10", periods=200, freq="h", tz="America/New_York")
    _, splits = load(times.strftime("%Y-%m-%d %H:%M"))
    assert "2021-03-14 03:00:00 comes after 2021-03-14 01:00:00" in splits.warnings[0]
    assert (
        "beginning of daylight saving time: dataset.time_zone names their zone, such as America/New_York"
        in (splits.warnings[0])
    )


def test_times_that_clocks_never_show_are_named(load):
    times = pd.date_range("2021-03-26", periods=100, freq="h").strftime("%Y-%m-%d %H:%M")  # of no zone with summer time
    with pytest.raises(
        DataError, match=r"1 time in t that clocks in Europe/Berlin leave out .*\n  line 52: 2021-03-28 02"
    ):
        load(times, time_zone=BERLIN)
    path, splits = load(times, time_zone="+01:00")
    assert forecasts(path, splits)[0] == "2021-03-30T04:00:00+01:00"


def test_days_that_begin_at_one_are_days_all_the_same(load):
    times = pd.date_range("2018-10-20", periods=33, freq="D")  # in São Paulo, the 4th of November had no 00:00
    path, splits = load(times[:30].astype(str), time_zone="America/Sao_Paulo")
    assert splits.warnings == ()
    assert forecasts(path, splits)[0] == "2018-11-19T00:00:00-02:00"


def test_times_of_which_some_have_an_offset_are_refused(load):
    times = written(pd.date_range("2021-03-01", periods=40, freq="h", tz="UTC")).tolist()
    times[6] = "2021-03-01T06:00:00"
    with pytest.raises(DataError, match=r"have a UTC offset, these have none:\n  line 8: '2021-03-01T06:00:00'"):
        load(times)


def test_series_of_several_zones_keep_each_its_own(tmp_path, locations):
    path = tmp_path / "shops.csv"
    zones = {"a": BERLIN, "b": "America/New_York"}
    tables = [
        pd.DataFrame(
            {"t": iso(pd.date_range("2021-03-01", periods=40, freq="D", tz=zone)), "shop": shop, "x": range(40)}
        )
        for shop, zone in zones.items()
    ]
    pd.concat(tables).to_csv(path, index=False)
    splits = Series(path=path, targets=["x"], time="t", series_id="shop", lookback=3, horizon=1).load(locations)
    assert not any("apart" in warning for warning in splits.warnings)
    ahead = SeriesEncoder.from_artifacts(splits.artifacts).last_windows(path).times
    assert ahead.tolist() == [["2021-04-10T00:00:00+02:00"], ["2021-04-10T00:00:00-04:00"]]


def test_what_predict_writes_carries_the_offset(load):
    times = pd.date_range("2021-03-26 02:00", periods=51, freq="h", tz=BERLIN)
    path, splits = load(written(times[:48]), time_zone=BERLIN)
    ahead = SeriesReader.from_artifacts(splits.artifacts).read(path).ahead
    assert (ahead.name, ahead.cells[0][:1]) == ("t", ["2021-03-28T03:00:00+02:00"])


def test_a_run_takes_new_times_in_its_own_zone(load, tmp_path):
    _, splits = load(pd.date_range("2021-03-01", periods=100, freq="h").astype(str), time_zone=BERLIN)
    later = pd.date_range("2021-06-01", periods=13, freq="h", tz="UTC")
    pd.DataFrame({"t": written(later[:10]), "x": range(10)}).to_csv(tmp_path / "later.csv", index=False)
    assert forecasts(tmp_path / "later.csv", splits) == iso(later[10:].tz_convert(BERLIN))


@pytest.mark.parametrize("zone", [None, BERLIN])
def test_runs_from_before_zones_were_kept_forecast_as_they_did(load, zone):
    times = pd.date_range("2021-03-01", periods=103, freq="h", tz=zone)
    path, splits = load(iso(times[:100]), calendar=["hour"])
    content = json.loads(splits.artifacts[SERIES_FILE])
    for key in ("time_zone", "gaps", "duplicates", "in_utc"):
        content["reading"].pop(key)
    content.pop("ranges")
    last = SeriesEncoder.from_artifacts({SERIES_FILE: json.dumps(content).encode()}).last_windows(path)
    in_utc = times if zone is None else times.tz_convert(None)
    np.testing.assert_array_equal(last.times[0], in_utc[100:].to_numpy())
    np.testing.assert_allclose(last.inputs[0, :, 1], np.sin(2 * np.pi * in_utc[97:100].hour / 24), atol=1e-6)


zoned = st.tuples(
    st.sampled_from([BERLIN, "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "UTC"]),
    st.sampled_from(["D", "h", "30min", "15min", "MS", "ME", "W-SUN", "B", "QS-FEB", "SMS-15", "3D"]),
    st.integers(0, 5000),
    st.booleans(),
)


@given(zoned)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_forecasts_in_any_zone_are_the_date_range_of_pandas(load, case):
    zone, frequency, day, offsets = case
    begin = pd.Timestamp("2008-01-01 12:00") + pd.Timedelta(days=day)
    times = pd.date_range(begin, periods=123, freq=frequency, tz=zone)
    shown = written(times[:120]) if offsets else times[:120].strftime("%Y-%m-%d %H:%M")
    path, splits = load(shown, time_zone=zone)
    assert splits.warnings == ()
    assert forecasts(path, splits) == iso(times[120:])


def test_a_zone_that_is_none_is_a_problem_of_the_config(tmp_path):
    series = Series(path=tmp_path / "x.csv", targets=["x"], time="t", time_zone="Europe/Berln")
    problems = [problem for problem in series.problems(None) if problem.path == ("dataset", "time_zone")]
    assert "did you mean Europe/Berlin?" in problems[0].message


@pytest.mark.parametrize(
    ("freq", "begin", "missing"), [("D", "2021-03-01", [26, 27, 28]), ("h", "2021-10-30", [24, 25])]
)
@pytest.mark.parametrize("zone", [None, BERLIN])
def test_filled_times_are_local_ones(load, zone, freq, begin, missing):
    times = pd.date_range(begin, periods=60, freq=freq, tz=BERLIN)
    shown = written(times.delete(missing)) if zone is None else times.delete(missing).strftime("%Y-%m-%d %H:%M")
    _, splits = load(shown, gaps="fill", missing="ffill", time_zone=zone)
    np.testing.assert_array_equal(splits.train.times, times.tz_localize(None).to_numpy())
    assert any(
        f"{len(missing)} missing times, " in warning and f"({freq}) apart" in warning for warning in splits.warnings
    )


@pytest.mark.parametrize(
    ("start", "freq", "zone"),
    [
        ("2021-10-25 02:00", "3h", BERLIN),
        ("2021-10-25 01:00", "2h", BERLIN),
        ("2021-10-25 02:00", "6h", BERLIN),
        ("2018-03-30 00:00", "h", "Australia/Lord_Howe"),  # whose clocks are put back by half an hour
    ],
)
def test_a_row_alone_in_an_hour_shown_twice_is_told_by_the_step(load, start, freq, zone):
    times = pd.date_range(start, periods=103, freq=freq, tz=zone)
    path, splits = load(times[:100].strftime("%Y-%m-%d %H:%M"), time_zone=zone)
    assert splits.warnings == ()
    assert forecasts(path, splits) == iso(times[100:])


@pytest.mark.parametrize("zone", ["America/Sao_Paulo", "America/Havana"])
@pytest.mark.parametrize("form", ["%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"])
def test_days_follow_one_another_where_clocks_leave_out_a_midnight(load, zone, form):
    days = pd.date_range("2017-01-01", periods=403, freq="D")
    times = days.tz_localize(zone, nonexistent="shift_forward", ambiguous=np.ones(403, bool))
    assert (times.hour == 1).any()  # such a day begins at one o'clock
    path, splits = load(times[:400].strftime(form), time_zone=zone, calendar=["hour"])
    assert splits.warnings == ()
    np.testing.assert_array_equal(splits.train.times, days[:400].to_numpy())
    assert forecasts(path, splits) == iso(times[400:])
