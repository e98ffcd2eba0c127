"""`seqrun predict` past the end of a series, in its own units."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import arrays_of, predict, train_sections

pytestmark = pytest.mark.usefixtures("undrawn_plots")
LOOKBACK, HORIZON = 12, 4
DATASET = {"name": "series", "time": "date", "lookback": LOOKBACK, "horizon": HORIZON}
# What a run forecasts, and with which network.
KINDS = {
    "direct": (
        {"targets": ["load"], "features": ["temp", "load"], "calendar": ["hour"], "step": 2, "delay": 3},
        {"name": "linear"},
    ),
    "sequence": ({"targets": ["temp", "load"], "forecast": "sequence"}, {"name": "simple_rnn", "units": 4}),
    "iterated": ({"targets": ["load", "temp"], "forecast": "iterated"}, {"name": "dense", "units": 4}),
}


def hours(rows: int, seed: int = 0) -> pd.DataFrame:
    """Hourly rows in units far from 1."""
    time, noise = np.arange(rows), np.random.default_rng(seed).normal(size=(2, rows))
    columns = {
        "date": pd.date_range("2020-02-20", periods=rows, freq="h"),
        "load": (20_000 + 3_000 * np.sin(time / 24 * 2 * np.pi) + 200 * noise[0]).round(1),
        "other": ["text"] * rows,
        "temp": (0.01 * np.cos(time / 24 * 2 * np.pi) + 0.001 * noise[1]).round(5),
    }
    return pd.DataFrame(columns)


def train(folder: Path, table: pd.DataFrame, dataset: dict, architecture: dict, trainer: dict | None = None) -> Path:
    table.to_csv(folder / "load.csv", index=False)
    forecaster = {"name": "forecaster", "epochs": 1, **(trainer or {})}
    run = train_sections(folder, {**DATASET, "path": "load.csv", **dataset}, architecture, forecaster)
    (folder / "load.csv").unlink()
    return run


def forecast(run: Path, table: pd.DataFrame, folder: Path) -> pd.DataFrame:
    """What the run says of a table, both as CSV files."""
    table.to_csv(folder / "new.csv", index=False)
    assert predict(run, "--input", folder / "new.csv", "-o", folder / "out.csv").stdout == ""
    return pd.read_csv(folder / "out.csv", dtype={"series": str})


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> Path:
    return train(tmp_path_factory.mktemp("run"), hours(200), *KINDS["iterated"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_forecast_of_a_table_that_ends_early_is_the_runs_own_of_that_window(kind, request, tmp_path):
    dataset, architecture = KINDS[kind]
    targets, delay, step = dataset["targets"], dataset.get("delay", 0), dataset.get("step", 1)
    shared = kind == "iterated"
    run = request.getfixturevalue("run") if shared else train(tmp_path, hours(200), dataset, architecture)
    saved, table = arrays_of(run / "predictions.npz"), hours(200)
    for window in (0, 7):
        end = saved["index"][window] + step  # a window's last rows after its last input are its lookback's too
        found = forecast(run, table[:end], tmp_path)
        ahead = table["date"][end + delay : end + delay + HORIZON]
        assert list(pd.to_datetime(found["date"])) == list(ahead)
        own = {"": saved["predictions"], "_lower": saved["lower"], "_upper": saved["upper"]}
        for number, name in enumerate(targets):
            for side, values in own.items():
                np.testing.assert_allclose(found[name + side], values[window, :, number], rtol=2e-6, atol=1e-9)
    assert list(found)[:4] == ["date", targets[0], f"{targets[0]}_lower", f"{targets[0]}_upper"]


def test_all_files_hold_the_same(run, tmp_path):
    found = forecast(run, hours(30, seed=1), tmp_path)
    for name in ("out.jsonl", "out.npz"):
        predict(run, "--input", tmp_path / "new.csv", "-o", tmp_path / name)
    again = pd.DataFrame(map(json.loads, (tmp_path / "out.jsonl").read_text().splitlines()))
    pd.testing.assert_frame_equal(again, found, check_dtype=False)
    arrays = arrays_of(tmp_path / "out.npz")
    assert arrays["predictions"].shape == (1, HORIZON, 2)
    for number, name in enumerate(arrays["targets"]):
        np.testing.assert_allclose(arrays["predictions"][0, :, number], found[name], rtol=1e-8)
        np.testing.assert_allclose(arrays["upper"][0, :, number], found[f"{name}_upper"], rtol=1e-8)
    assert list(pd.to_datetime(arrays["times"][0])) == list(pd.to_datetime(found["date"]))


def test_the_table_shows_times_values_and_bounds(run, tmp_path):
    found = forecast(run, hours(30, seed=1), tmp_path)
    head, _, *rows = predict(run, "--input", tmp_path / "new.csv").stdout.splitlines()
    words = ["load", "load lower 90%", "load upper 90%", "temp", "temp lower 90%", "temp upper 90%"]
    assert head.split() == ["date", *" ".join(words).split()]
    assert rows[0].startswith("2020-02-21 06:00:00")
    assert len(rows) == HORIZON
    for row, values in zip(rows, found.drop(columns="date").to_numpy(), strict=True):
        np.testing.assert_allclose([float(cell) for cell in row.split()[2:]], values, rtol=1e-3)


def test_an_array_is_read_as_a_table_is(run, tmp_path):
    tables = [hours(30, seed=seed) for seed in (1, 2)]
    arrays = [table[["load", "temp"]].to_numpy() for table in tables]
    np.save(tmp_path / "one.npy", arrays[0])
    np.save(tmp_path / "two.npy", np.stack(arrays))
    predict(run, "--input", tmp_path / "one.npy", "-o", tmp_path / "one.csv")
    predict(run, "--input", tmp_path / "two.npy", "-o", tmp_path / "two.csv")
    one, two = pd.read_csv(tmp_path / "one.csv"), pd.read_csv(tmp_path / "two.csv")
    assert list(one["row"]) == [30, 31, 32, 33]
    assert list(two["series"]) == [0] * HORIZON + [1] * HORIZON
    expected = pd.concat([forecast(run, table, tmp_path) for table in tables], ignore_index=True)
    values = expected.drop(columns="date")
    pd.testing.assert_frame_equal(two.drop(columns=["series", "row"]), values, rtol=1e-6)
    pd.testing.assert_frame_equal(one.drop(columns="row"), values[:HORIZON], rtol=1e-6)


def test_a_table_may_come_from_the_standard_input_and_be_written_otherwise_than_the_runs_own(run, tmp_path):
    table = hours(30, seed=1)
    expected = forecast(run, table, tmp_path)
    plain = predict(run, "--input", "-", "-o", tmp_path / "plain.csv", stdin=table.to_csv(index=False))
    assert plain.stdout == ""
    table.to_csv(
        tmp_path / "other.csv", sep=";", decimal=",", date_format="%d.%m.%Y %H h", index=False, encoding="utf-16"
    )
    how = ["--delimiter", ";", "--decimal", ",", "--time-format", "%d.%m.%Y %H h", "--encoding", "utf-16"]
    predict(run, "--input", tmp_path / "other.csv", *how, "-o", tmp_path / "other.parquet")
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "plain.csv"), expected)
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "other.parquet"), expected)


def test_gaps_and_doubled_times_are_treated_as_an_option_says(run, tmp_path):
    table = hours(30)
    pd.concat([table[:-5], table[-3:], table[-1:].assign(load=0.0)]).to_csv(tmp_path / "new.csv", index=False)
    assert "set dataset.duplicates" not in predict(run, "--input", tmp_path / "new.csv", code=4).stderr
    assert "gaps" in predict(run, "--input", tmp_path / "new.csv", "--duplicates", "first", code=4).stderr
    how = ["--duplicates", "first", "--gaps", "keep"]
    assert predict(run, "--input", tmp_path / "new.csv", *how).stdout.splitlines()[2].startswith("2020-02-21 06:00:00")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--time-zone", "Nowhere"], "--time-zone Nowhere: "),
        (["--decimal", ",", "--quoting", "none"], "--decimal ,: ',' is the delimiter already"),
        (["--delimiter", ";;"], "--delimiter ;;: must be one character"),
        (["--decimal", "x"], "--decimal x: must be . or ,"),
        (["--skip-rows", "x"], "'x' is neither a number of lines (3) nor a list of lines (2,3)"),
    ],
)
def test_how_a_table_is_written_is_checked_as_in_a_config(run, tmp_path, arguments, words):
    hours(30).to_csv(tmp_path / "new.csv", index=False)
    told = predict(run, "--input", tmp_path / "new.csv", *arguments, code=2).stderr
    assert words in " ".join(told.split())


def test_a_table_of_the_standard_input_is_told_of_as_such(run):
    told = predict(run, "--input", "-", stdin="date,load\n2020-01-01,1\n", code=4).stderr
    assert told.startswith("error: -: no column 'temp'")


def test_every_series_of_a_table_is_forecast(tmp_path):
    tables = {name: hours(100, seed) for seed, name in enumerate(("north", "south"))}
    both = pd.concat([table.assign(series=name) for name, table in tables.items()])
    run = train(tmp_path, both, {"targets": ["load"], "series_id": "series"}, {"name": "linear"})
    shuffled = both.sample(frac=1, random_state=0)
    found = forecast(run, shuffled, tmp_path)
    assert set(found["series"]) == set(tables)
    for name, table in tables.items():
        alone = forecast(run, table.assign(series=name), tmp_path)
        assert alone["date"][0] == "2020-02-24 04:00:00"
        part = found[found["series"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(part, alone, rtol=1e-6)


def test_dropout_draws_its_intervals_the_same_each_time(tmp_path):
    architecture = {"name": "dense", "units": 8, "dropout": 0.3}
    trainer = {"intervals": {"name": "mc_dropout", "level": 0.95, "samples": 50}}
    run = train(tmp_path, hours(200), {"targets": ["load"]}, architecture, trainer)
    found = forecast(run, hours(200), tmp_path)
    assert (found["load_lower"] < found["load"]).all() and (found["load"] < found["load_upper"]).all()
    pd.testing.assert_frame_equal(forecast(run, hours(200), tmp_path), found)
    assert "load lower 95%" in predict(run, "--input", tmp_path / "new.csv").stdout


def test_without_intervals_there_are_no_bounds(tmp_path):
    run = train(tmp_path, hours(200), {"targets": ["load"]}, {"name": "linear"}, {"intervals": False})
    assert list(forecast(run, hours(200), tmp_path)) == ["date", "load"]


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda table: table[: LOOKBACK - 1], "last 12 rows, there are 11 rows"),
        (lambda table: table.rename(columns={"temp": "tmp"}), "no column 'temp' (did you mean tmp?)"),
        (lambda table: table.drop(columns="date"), "no column 'date'"),
        (lambda table: table.assign(load=table["load"].astype(str).where(table.index != 3, "much")), "line 5, load"),
        (lambda table: table.assign(load=table["load"].where(table.index != 3)), "line 5"),
    ],
)
def test_a_table_that_cannot_be_used_is_told_with_the_place(run, tmp_path, change, words):
    change(hours(30)).to_csv(tmp_path / "new.csv", index=False)
    result = predict(run, "--input", tmp_path / "new.csv", code=4)
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((11, 2)), "last 12 rows, there are 11"),
        (np.zeros((30, 3)), "has the shape (30, 3); the run reads (rows, 2) or (series, rows, 2): load, temp"),
        (np.zeros(30), "has the shape (30,)"),
    ],
)
def test_an_array_must_have_the_runs_columns(run, tmp_path, array, words):
    np.save(tmp_path / "new.npy", array)
    assert words in " ".join(predict(run, "--input", tmp_path / "new.npy", code=4).stderr.split())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--text", "a"], "--text is for runs that classify"),
        (["--input", "FILE", "--column", "a"], "--column is for runs that classify"),
        (["--input", "FILE", "--threshold", "chosen"], "--threshold is for runs that classify"),
        (["--input", "FILE"], "none of .csv, .tsv, .parquet, .npy"),
    ],
)
def test_what_is_for_texts_is_refused(run, arguments, words):
    given = [run / "run.json" if argument == "FILE" else argument for argument in arguments]
    assert words in " ".join(predict(run, *given, code=2).stderr.split())


def test_forecasts_of_any_level_are_given_in_full_and_shown_with_digits_of_their_own(tmp_path):
    """Near 1.6e9 and varying by little, nine digits would be all the same; beside it, 0.002 would be shown as 0."""
    levels = {"large": 1.6e9, "small": 0.002}
    tables = [
        hours(100).assign(series=name, load=level * (1 + 1e-9 * np.arange(100))) for name, level in levels.items()
    ]
    dataset = {"targets": ["load"], "series_id": "series", "scaler": {"name": "standard", "per": "series"}}
    run = train(tmp_path, pd.concat(tables), dataset, {"name": "linear"})
    found = forecast(run, pd.concat(tables), tmp_path)
    predict(run, "--input", tmp_path / "new.csv", "-o", tmp_path / "out.npz")
    values = arrays_of(tmp_path / "out.npz")["predictions"].ravel()
    np.testing.assert_allclose(found["load"], values, rtol=1e-14)
    assert len(set(found["load"])) == 2 * HORIZON
    lines = predict(run, "--input", tmp_path / "new.csv").stdout.splitlines()
    assert [line.split()[3] for line in lines if line.startswith("small")] == [f"{value:.8f}" for value in values[4:]]
