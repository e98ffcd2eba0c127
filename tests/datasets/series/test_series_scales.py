"""Values at any level keep their last digit, and series of unequal levels can be scaled each by itself."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from seqrun.datasets.series.encoding import SeriesEncoder
from seqrun.datasets.series.reader import SeriesReader
from seqrun.datasets.series.series import Series
from seqrun.datasets.shared.scaling import fit_scale, lost_in_float32
from seqrun.errors import DataError
from seqrun.tasks.forecasting.baselines import forecast_baselines
from seqrun.tasks.forecasting.metrics import Scores, forecast_metrics, naive_mae
from seqrun.tasks.forecasting.seasonality import find_period

OWN = {"name": "standard", "per": "series"}


def walk(rows, level, step, seed=0):
    return np.round(level + np.random.default_rng(seed).normal(size=rows).cumsum() * step, 3)


@pytest.fixture
def near_a_billion():
    return walk(200, 1.6e9, 2.0)


@pytest.fixture
def two_levels():
    """A series near 2e9 and one near 50, 100 rows each."""
    big, small = walk(100, 2e9, 1e7), walk(100, 50, 0.3, seed=1)
    names = ["big"] * 100 + ["small"] * 100
    return pd.DataFrame({"id": names, "x": [*big, *small], "y": np.arange(200.0)})


@pytest.fixture
def load(tmp_path, locations):
    def load(frame, **fields):
        path = tmp_path / "series.csv"
        frame.to_csv(path, index=False)
        defaults = {"path": path, "targets": ["x"], "lookback": 4, "horizon": 3}
        return path, Series(**{**defaults, **fields}).load(locations)

    return load


# --- large values -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scaler", ["none", "standard", "minmax"])
def test_the_error_of_the_last_value_is_right_at_any_level(load, near_a_billion, scaler):
    _, splits = load(pd.DataFrame({"x": near_a_billion}), scaler=scaler)
    target, test = splits.spec.target, splits.test
    scores = Scores(target.units_of(None), naive_mae(splits.train))
    found = {
        name: forecast_metrics(test.actual(), forecast, scores)
        for name, forecast in forecast_baselines(splits.train, test, 7, target).items()
    }
    last = near_a_billion[160:]
    errors = [abs(last[row + step] - last[row]) for row in range(3, 37) for step in (1, 2, 3)]
    assert found["last_value"]["mae"] == pytest.approx(np.mean(errors), abs=1e-9)
    by_mean = [abs(last[row + step] - near_a_billion[:120].mean()) for row in range(3, 37) for step in (1, 2, 3)]
    assert found["mean"]["mae"] == pytest.approx(np.mean(by_mean), abs=1e-6)
    naive = np.abs(np.diff(near_a_billion[:120])).mean()
    assert found["last_value"]["mase"] == pytest.approx(np.mean(errors) / naive, rel=1e-9)
    assert 0 < found["ridge"]["mae"] < found["mean"]["mae"]
    np.testing.assert_array_equal(test.actual()[0, :, 0], last[4:7])


@pytest.mark.parametrize("scaler", ["standard", "minmax"])
@pytest.mark.parametrize("exponent", [-1000, 1000])
def test_values_near_the_ends_of_float64_are_scaled_as_all_others(load, scaler, exponent):
    x = walk(200, 0, 1.0) + np.arange(200) % 7
    unit = np.ldexp(1.0, exponent)  # by which no digit changes
    usual, found = (load(pd.DataFrame({"x": x * each}), scaler=scaler)[1] for each in (1.0, unit))
    np.testing.assert_array_equal(found.train.features, usual.train.features)
    assert find_period(found.train, found.spec.target) == find_period(usual.train, usual.spec.target) == 7
    rules = [forecast_baselines(each.train, each.test, 7, each.spec.target) for each in (found, usual)]
    for name in rules[0]:
        np.testing.assert_allclose(rules[0][name] / unit, rules[1][name], rtol=1e-9)


def test_values_that_float32_or_float64_cannot_hold_are_refused_with_the_setting(load):
    x = walk(200, 0, 1.0)
    with pytest.raises(DataError, match=r"x is up to .*e\+301 in the network's units.*dataset\.scaler: standard"):
        load(pd.DataFrame({"x": x * 1e300}), scaler="none")
    with pytest.raises(DataError, match="training values of x are too far apart"):
        load(pd.DataFrame({"x": [1.7e308, -1.7e308, 1e308, 0] * 50}))
    _, splits = load(pd.DataFrame({"x": x * 1e-300}), scaler="none")
    assert "dataset.scaler: standard" in splits.warnings[0]
    assert find_period(splits.train, splits.spec.target) is None
    assert np.isfinite(forecast_baselines(splits.train, splits.test, None, splits.spec.target)["ridge"]).all()


def test_a_linear_rule_is_found_near_a_billion_without_a_scaler(load):
    x = np.arange(300) % 7 + 1.6e9  # what comes next is what was a season ago
    _, splits = load(pd.DataFrame({"x": x}), scaler="none", lookback=14)
    forecast = forecast_baselines(splits.train, splits.test, None, splits.spec.target)["ridge"]
    np.testing.assert_allclose(forecast, splits.test.actual(), atol=1e-3, rtol=0)


def test_what_the_network_cannot_see_is_said(load, near_a_billion):
    _, splits = load(pd.DataFrame({"x": near_a_billion}), scaler="none")
    (warning,) = splits.warnings
    assert "cannot see how x (in steps of 128.000) varies" in warning
    assert "dataset.scaler: standard" in warning
    assert load(pd.DataFrame({"x": near_a_billion}), scaler="standard")[1].warnings == ()
    assert load(pd.DataFrame({"x": near_a_billion - 1.6e9}), scaler="none")[1].warnings == ()


# --- scales -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["standard", "minmax"])
@pytest.mark.parametrize("rows", [10, 100_000])
def test_a_column_is_constant_only_if_its_values_are(kind, rows):
    wave = np.tile([0.0, 0.25], rows // 2)
    for level in (0.0, 1e9, 4e9):
        scale = fit_scale(kind, level + wave)  # exact in float64
        assert scale.scale == pytest.approx(0.125 if kind == "standard" else 0.25)
        assert scale.offset - level == pytest.approx(0.125 if kind == "standard" else 0, abs=1e-6)
        assert fit_scale(kind, np.full(rows, level + 0.1)).scale == 1.0


def test_scales_of_usual_columns_are_numpys_own():
    x = np.random.default_rng(0).normal(50, 10, size=1000)
    assert fit_scale("standard", x) == (x.mean(), x.std())
    assert fit_scale("minmax", x) == (x.min(), x.max() - x.min())


def test_what_float32_hides_is_what_it_rounds_away():
    x = np.random.default_rng(0).normal(size=1000)
    assert lost_in_float32(x) is None
    assert lost_in_float32(x + 1e4) is None
    assert lost_in_float32(x + 2**30) == np.spacing(np.float32(2**30)) == 128
    assert lost_in_float32(np.full(10, 1e9 + 1)) is None  # there is nothing to see


# --- series of unequal levels -----------------------------------------------------------------------------------------


def test_targets_are_what_stands_in_the_file_however_small_beside_others(load, two_levels):
    _, splits = load(two_levels, series_id="id")
    small = splits.test.actual()[splits.test.index >= 100][:, :, 0]
    given = two_levels["x"].to_numpy()[180:]
    np.testing.assert_array_equal(small, [given[4 + n : 7 + n] for n in range(14)])


def test_levels_a_thousand_times_apart_are_told(load, two_levels):
    (warning,) = load(two_levels, series_id="id")[1].warnings
    assert "in series big and" in warning
    assert "{name: standard, per: series}" in warning
    assert load(two_levels, series_id="id", scaler=OWN)[1].warnings == ()
    alike = two_levels.assign(x=np.where(two_levels["id"] == "big", two_levels["x"] / 1e6, two_levels["x"]))
    assert load(alike, series_id="id")[1].warnings == ()


@pytest.mark.parametrize("scaler", [OWN, {"per": "series"}, {"name": "minmax", "per": "series"}])
def test_each_series_is_scaled_by_its_own_training_rows(load, two_levels, scaler):
    _, splits = load(two_levels, series_id="id", scaler=scaler, features=["y", "x"])
    target = splits.spec.target
    assert target.series == ("big", "small")
    for number, first in enumerate((0, 100)):
        for column, name in enumerate(["y", "x"]):
            x = two_levels[name].to_numpy()[first : first + 100]
            training = x[:60]
            minmax = scaler.get("name") == "minmax"
            offset = training.min() if minmax else training.mean()
            scale = np.ptp(training) if minmax else training.std()
            expected = (x - offset) / scale
            np.testing.assert_allclose(
                splits.train.features[first : first + 100, column], expected, rtol=1e-5, atol=1e-6
            )
        assert target.offset[number] == pytest.approx((offset,))
        assert target.scale[number] == pytest.approx((scale,))


def test_the_mean_of_each_series_is_its_own_where_it_is_scaled_so(load, two_levels):
    _, splits = load(two_levels, series_id="id", scaler=OWN)
    forecast = forecast_baselines(splits.train, splits.test, None, splits.spec.target)["mean"]
    means = [two_levels["x"][first : first + 60].mean() for first in (0, 100)]
    np.testing.assert_allclose(forecast[:, 0, 0], np.repeat(means, 14), rtol=1e-9)


def test_a_series_without_training_rows_cannot_be_scaled_by_itself(load, two_levels):
    days = pd.date_range("2024-01-01", periods=100).repeat(1)
    frame = two_levels.assign(time=[*days, *(days + pd.Timedelta("80D"))])
    splits = {
        "train": ["2024-01-01", "2024-03-05"],
        "validation": ["2024-03-06", "2024-03-20"],
        "test": ["2024-03-21", None],
    }
    with pytest.raises(DataError, match="small: no training rows by which they could be scaled"):
        load(frame, series_id="id", time="time", scaler=OWN, splits=splits)


def test_per_series_wants_the_column_that_tells_them_apart(tmp_path, told_of):
    config = tmp_path / "config.yaml"
    config.write_text("dataset: {name: series, path: x.csv, targets: [x], scaler: {per: series}}\n"
                      "architecture: linear\ntrainer: forecaster\n")  # fmt: skip
    (tmp_path / "x.csv").write_text("x\n1\n")
    assert "needs dataset.series_id" in told_of(config)["dataset.scaler"]
    with pytest.raises(ValidationError, match="per"):
        Series(path="x.csv", targets=["x"], scaler={"per": "file"})


# --- new series -------------------------------------------------------------------------------------------------------


def test_a_known_series_is_read_with_the_scale_of_the_run(load, two_levels, tmp_path):
    _, splits = load(two_levels, series_id="id", scaler=OWN)
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    two_levels[["id", "x"]][190:].to_csv(tmp_path / "new.csv", index=False)
    last = encoder.last_windows(tmp_path / "new.csv")
    np.testing.assert_array_equal(last.inputs[0], splits.test.features[196:])
    assert last.warnings == ()
    training = two_levels["x"][100:160]
    assert last.units.offset.ravel() == pytest.approx([training.mean()])
    assert last.units.scale.ravel() == pytest.approx([training.std(ddof=0)])


def test_a_new_series_is_scaled_by_its_own_rows_and_told(load, two_levels, tmp_path):
    _, splits = load(two_levels, series_id="id", scaler=OWN)
    encoder = SeriesEncoder.from_artifacts(splits.artifacts)
    new = pd.DataFrame({"id": "new", "x": walk(30, 7000, 1)})
    pd.concat([two_levels[["id", "x"]][100:], new]).to_csv(tmp_path / "new.csv", index=False)
    last = encoder.last_windows(tmp_path / "new.csv")
    assert last.units.offset.ravel()[1] == pytest.approx(new["x"].mean())
    np.testing.assert_allclose(
        last.inputs[1, :, 0], ((new["x"] - new["x"].mean()) / new["x"].std(ddof=0))[-4:], rtol=1e-4
    )
    (warning,) = last.warnings
    assert "did not learn from new: scaled by what the file holds" in warning


def test_a_new_series_without_its_target_cannot_be_scaled(load, two_levels, tmp_path):
    _, splits = load(two_levels, series_id="id", scaler=OWN, features=["y"])
    pd.DataFrame({"id": "new", "y": np.arange(30.0)}).to_csv(tmp_path / "new.csv", index=False)
    with pytest.raises(DataError, match=r"did not learn from new, .* but x is not read"):
        SeriesEncoder.from_artifacts(splits.artifacts).last_windows(tmp_path / "new.csv")


def test_an_array_has_no_names_so_each_of_its_series_is_scaled_by_itself(load, two_levels, tmp_path):
    _, splits = load(two_levels, series_id="id", scaler=OWN)
    new = np.stack([walk(30, 7000, 1), walk(30, 7, 1)])[..., None]
    np.save(tmp_path / "new.npy", new)
    samples = SeriesReader.from_artifacts(splits.artifacts).read(tmp_path / "new.npy")
    np.testing.assert_allclose(samples.units.offset[:, 0, 0], new.mean(axis=(1, 2)))
    scaled = (new - new.mean(axis=1, keepdims=True)) / new.std(axis=1, keepdims=True)
    np.testing.assert_allclose(samples.inputs, scaled[:, -4:], rtol=1e-4, atol=1e-6)
    assert "scaled by what the file holds" in samples.warnings[0]
