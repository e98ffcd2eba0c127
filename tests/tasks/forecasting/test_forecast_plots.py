"""Forecast plots show the numbers that they should, in original units, for any horizon, targets and times."""

import io
import math
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.dates import num2date

from seqrun.components.splits import Windows
from seqrun.tasks.forecasting.plots import forecast_figures

pytestmark = pytest.mark.filterwarnings("error")
HOURS = np.datetime64("2019-06-01T00") + np.arange(2000) * np.timedelta64(1, "h")


def drawn(
    *, horizon=5, targets=1, times=None, segments=((0, 200),), bounds=True, half=0.5, lookback=40, baselines=True
):
    """What `forecast_figures` takes, of a random walk and forecasts that miss by small numbers."""
    random = np.random.default_rng(0)
    values = random.normal(size=(2000, targets)).cumsum(axis=0) * (10 + np.arange(targets)) + 1000 * np.arange(targets)
    starts = [np.arange(first, end - lookback - horizon + 1) for first, end in segments]
    rows, ahead = np.arange(lookback), lookback + np.arange(horizon)
    windows = Windows(values, values, np.concatenate(starts), rows, ahead, tuple(segments), times)
    actual = windows.actual()
    predictions = actual + random.normal(size=actual.shape)
    rules = {"last_value": actual + 3, "ridge": actual - 2, "mean": actual * 0} if baselines else {}
    interval = (predictions - half, predictions + half) if bounds else None
    names = [f"target {number}" for number in range(targets)]
    return windows, names, predictions, rules, interval, 0.9 if bounds else None


def png(figure):
    """The figure as a file: draws everything, so that what cannot be drawn raises."""
    target = io.BytesIO()
    figure.savefig(target)
    assert target.getvalue().startswith(b"\x89PNG")


def panels(figure):
    return [axes for axes in figure.axes if axes.get_visible()]


def legend_texts(of):
    return [text.get_text() for text in of.get_texts()]


def line(axes, *, near):
    """The drawn line whose heights are these."""
    found = [one for one in axes.lines if len(one.get_ydata()) == len(near) and np.allclose(one.get_ydata(), near)]
    assert found, "no such line"
    return found[0]


@pytest.mark.parametrize(
    ("horizon", "targets", "times"),
    [(1, 1, HOURS), (1, 3, None), (10, 3, HOURS), (96, 6, np.arange(2000) + 7)],
)
def test_everything_can_be_drawn_with_no_label_cut(horizon, targets, times):
    figures = forecast_figures(*drawn(horizon=horizon, targets=targets, times=times, segments=((0, 500),)))
    assert list(figures) == ["forecasts", "error_by_step", "residuals"]
    for name, figure in figures.items():
        png(figure)
        box, (width, height) = figure.get_tightbbox(), figure.get_size_inches()
        assert min(box.x0, box.y0) >= -0.01, name
        assert box.x1 <= width + 0.01, name
        assert box.y1 <= height + 0.01, name


def test_a_window_shows_its_past_its_forecast_and_what_came():
    given = drawn()
    windows, _, predictions, rules, (lower, upper), _ = given
    figure = forecast_figures(*given)["forecasts"]
    assert legend_texts(figure.legends[0])[:4] == ["actual", "network", "90% interval", "best baseline: ridge"]
    axes = panels(figure)[0]
    sample = int(axes.get_title(loc="left").removeprefix("test window ")) - 1
    steps = np.arange(1, 6)
    forecast = line(axes, near=predictions[sample, :, 0])
    np.testing.assert_array_equal(forecast.get_xdata(), steps)
    np.testing.assert_array_equal(line(axes, near=rules["ridge"][sample, :, 0]).get_xdata(), steps)
    past = axes.lines[0]
    rows = windows.index[sample] + past.get_xdata()
    np.testing.assert_allclose(past.get_ydata(), windows.values[rows, 0])
    assert past.get_xdata()[-1] == 5
    assert past.get_xdata()[0] <= -24
    (band,) = axes.collections
    corners = band.get_paths()[0].vertices
    assert corners[:, 1].min() == pytest.approx(lower[sample].min())
    assert corners[:, 1].max() == pytest.approx(upper[sample].max())


def test_the_past_does_not_begin_before_the_window():
    given = drawn(lookback=8)
    for axes in panels(forecast_figures(*given)["forecasts"]):
        assert axes.lines[0].get_xdata()[0] == -7


def test_windows_with_times_stand_over_them():
    given = drawn(times=HOURS)
    windows, _, predictions, *_ = given
    axes = panels(forecast_figures(*given)["forecasts"])[0]
    sample = int(axes.get_title(loc="left").removeprefix("test window ")) - 1
    shown = line(axes, near=predictions[sample, :, 0]).get_xdata()
    np.testing.assert_array_equal(shown, HOURS[windows.starts[sample] + windows.horizon_rows])
    assert num2date(axes.get_xlim()[0]).year == 2019


def test_one_step_forecasts_in_a_row_are_one_curve():
    given = drawn(horizon=1, times=HOURS)
    windows, _, predictions, *_ = given
    (axes,) = panels(forecast_figures(*given)["forecasts"])
    assert axes.get_title(loc="left") == "test windows 1 to 160"
    np.testing.assert_array_equal(line(axes, near=predictions[:, 0, 0]).get_xdata(), HOURS[windows.index + 1])


def test_of_many_one_step_forecasts_two_stretches_are_shown():
    first, second = panels(forecast_figures(*drawn(horizon=1, segments=((0, 900),)))["forecasts"])
    assert len(first.lines[0].get_xdata()) == len(second.lines[0].get_xdata()) == 150
    assert first.lines[0].get_xdata()[-1] < second.lines[0].get_xdata()[0]


def test_a_stretch_lies_within_one_segment():
    given = drawn(horizon=1, segments=((0, 300), (300, 1900)))
    for axes in panels(forecast_figures(*given)["forecasts"]):
        shown = axes.lines[0].get_xdata()
        assert len(set(np.searchsorted([300], shown, side="right"))) == 1


def test_one_step_forecasts_of_many_series_are_single_windows():
    segments = [(number * 41, number * 41 + 41) for number in range(40)]
    given = drawn(horizon=1, segments=segments)
    figure = forecast_figures(*given)["forecasts"]
    assert len(panels(figure)) == 4
    assert all(axes.get_title(loc="left").startswith("test window ") for axes in panels(figure))


@pytest.mark.parametrize("targets", [1, 3])
def test_errors_by_step_are_mean_absolute_errors(targets):
    given = drawn(targets=targets)
    windows, names, predictions, rules, *_ = given
    actual = windows.actual()
    figure = forecast_figures(*given)["error_by_step"]
    assert [axes.get_title(loc="left") for axes in figure.axes] == [f"Error by horizon step: {n} (test)" for n in names]
    for number, axes in enumerate(figure.axes):
        for forecast in (predictions, *rules.values()):
            error = np.abs(forecast - actual).mean(axis=0)[:, number]
            np.testing.assert_array_equal(line(axes, near=error).get_xdata(), np.arange(1, 6))
        assert legend_texts(axes.get_legend())[2] == "ridge (2)"


def test_errors_of_one_step_are_bars_the_best_on_top():
    figure = forecast_figures(*drawn(horizon=1))["error_by_step"]
    (axes,) = figure.axes
    labels = [label.get_text() for label in axes.get_yticklabels()]
    assert labels == ["mean", "last value", "ridge", "network"]
    widths = [bar.get_width() for bar in axes.patches]
    assert widths[1:3] == pytest.approx([3, 2])
    assert widths == sorted(widths, reverse=True)


def test_residuals_are_what_came_minus_its_forecast():
    given = drawn(times=HOURS)
    windows, _, predictions, *_ = given
    rows = windows.starts[:, None] + windows.horizon_rows
    residuals = (windows.values[rows] - predictions).ravel()
    over_time, distribution = forecast_figures(*given)["residuals"].axes
    np.testing.assert_allclose(over_time.lines[0].get_ydata(), residuals)
    np.testing.assert_array_equal(over_time.lines[0].get_xdata(), HOURS[rows].ravel())
    assert sum(bar.get_width() for bar in distribution.patches) == pytest.approx(100)
    assert f"standard deviation {residuals.std():.4g}" in over_time.get_title(loc="left")


def test_many_residuals_are_summed_up_and_far_ones_counted():
    given = list(drawn(segments=((0, 1900),)))
    given[2][40, 2, 0] += 1e6
    over_time, _ = forecast_figures(*given)["residuals"].axes
    assert legend_texts(over_time.get_legend()) == ["90% of the residuals", "median"]
    median = over_time.lines[0].get_ydata()
    assert np.abs(median).max() < 1
    assert over_time.get_ylim()[1] < 20
    (text,) = over_time.texts
    assert text.get_text().startswith("1 of ")


def test_what_cannot_be_had_is_left_out_and_said():
    figures = forecast_figures(*drawn(bounds=False, baselines=False))
    assert legend_texts(figures["forecasts"].legends[0]) == ["actual", "network", "last input"]
    for figure in figures.values():
        png(figure)
    for horizon in (1, 5):
        figures = forecast_figures(*drawn(horizon=horizon, half=math.inf))
        assert any("too few validation windows" in text for text in legend_texts(figures["forecasts"].legends[0]))
        for figure in figures.values():
            png(figure)


@pytest.mark.parametrize("samples", [1, 2])
@pytest.mark.parametrize("horizon", [1, 5])
def test_very_few_windows_can_be_drawn(samples, horizon):
    for figure in forecast_figures(*drawn(horizon=horizon, segments=((0, 39 + horizon + samples),))).values():
        png(figure)


def test_names_of_any_kind_and_perfect_forecasts_can_be_drawn():
    given = list(drawn(targets=3))
    windows, *_ = given
    given[1] = ["$\\frac{$", "_hidden", "a name that goes on and on and on and on"]
    given[2] = windows.actual()
    for figure in forecast_figures(*given).values():
        png(figure)


def test_forecast_plots_do_not_touch_pyplot():
    code = (
        "import sys, numpy as np\n"
        ""
        "from seqrun.tasks.forecasting.plots import forecast_figures\n"
        "from seqrun.components.splits import Windows\n"
        "assert not {'matplotlib', 'sklearn', 'scipy', 'pandas'} & set(sys.modules)\n"
        "x = np.ones((30, 1), 'f4'); rows = np.arange(4)\n"
        "w = Windows(x, x, np.arange(20), rows, rows[:2] + 4, ((0, 30),))\n"
        "forecast_figures(w, ['x'], np.zeros((20, 2, 1)), {})\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("horizon", [1, 5])
def test_what_the_file_lacks_is_not_drawn(horizon):
    windows, names, predictions, *rest = drawn(horizon=horizon)
    observed = np.random.default_rng(1).random(windows.values.shape) < 0.7
    windows = replace(windows, observed=observed)
    figures = forecast_figures(windows, names, predictions, *rest)
    for figure in figures.values():
        png(figure)
    known = observed[windows.starts[:, None] + windows.horizon_rows]
    residuals = np.concatenate(
        [one.get_ydata() for one in panels(figures["residuals"])[0].lines if len(one.get_ydata()) > 2]
    )
    errors = (windows.values[windows.starts[:, None] + windows.horizon_rows] - predictions)[known]
    assert len(residuals) == known.sum()
    np.testing.assert_allclose(np.sort(residuals), np.sort(errors))
    actual = panels(figures["forecasts"])[0].lines[0].get_ydata()
    assert 0 < np.isnan(actual).sum() < len(actual)
