"""What a run predicts of tables, arrays and texts in memory is what the command predicts of their files."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE, predict

import seqrun
from seqrun.errors import DataError, InputError

DATA = SMOKE / "data"
NUMBERS = np.linspace(0, 1, 4 * 16 * 2).reshape(4, 16, 2)
PICTURES = (np.arange(3 * 28 * 28).reshape(3, 28, 28) % 256).astype(np.uint8)


def told(run: Path, source: object, tmp_path: Path, *options: str) -> pd.DataFrame:
    """What the command writes of a table's, an array's, or texts' file."""
    if isinstance(source, pd.DataFrame):
        source.to_csv(tmp_path / "in.csv", index=False)
        given = ["--input", tmp_path / "in.csv"]
    elif isinstance(source, np.ndarray):
        np.save(tmp_path / "in.npy", source)
        given = ["--input", tmp_path / "in.npy"]
    else:
        given = [part for text in source for part in ("--text", text)]
    predict(run, *given, "-o", tmp_path / "out.csv", *options)
    return pd.read_csv(tmp_path / "out.csv")


@pytest.mark.parametrize(
    ("config", "source"),
    [
        ("text", lambda: pd.read_csv(DATA / "reviews.csv")[:4]),
        ("text", lambda: ["Nisa nisa loba", "dori"]),
        ("multilabel", lambda: pd.read_csv(DATA / "topics.csv")[:4]),
        ("regressor", lambda: pd.read_csv(DATA / "wines.csv")[:4]),
        ("series", lambda: pd.read_csv(DATA / "series.csv")),
        ("tagger", lambda: ["Mrs Hill lives in York .", "Oslo"]),
        ("sequences", lambda: NUMBERS),
        ("mnist_conv_autoencoder", lambda: PICTURES),
    ],
)
def test_the_table_is_the_one_that_the_command_writes(family_run, tmp_path, config, source):
    path, data = family_run(config), source()
    expected = told(path, data, tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of words that the run does not know
        found = seqrun.load(path).predict(data)
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_index_type=False, rtol=1e-6)


def test_a_warning_is_of_the_line_that_asked(family_run):
    run = seqrun.load(family_run("text"))
    with pytest.warns(UserWarning, match="xyzzy|unknown|know") as told:
        run.predict(["xyzzy"])
    assert {each.filename for each in told} == {__file__}


def test_rows_have_the_labels_that_they_have_in_the_input(family_run):
    frame = pd.read_csv(DATA / "reviews.csv")[:6].iloc[[4, 1]]
    run = seqrun.load(family_run("text"))
    assert [*run.predict(frame).index] == [4, 1]
    series = frame["review"].rename(lambda label: f"row {label}")
    assert [*run.predict(series).index] == ["row 4", "row 1"]


def test_times_in_an_index_are_those_of_the_series(family_run):
    run, frame = seqrun.load(family_run("series")), pd.read_csv(DATA / "series.csv")
    expected = run.predict(frame)
    times = pd.DatetimeIndex(pd.to_datetime(frame.pop("time")))
    for index in (times, times.rename(None)):
        found = run.predict(frame.set_axis(index))
        pd.testing.assert_frame_equal(found.astype({"time": str}), expected.astype({"time": str}))


def test_samples_of_numbers_are_an_array(family_run):
    run = seqrun.load(family_run("mnist_conv_autoencoder"))
    codes = run.predict(PICTURES, encode=True)
    decoded = run.predict(codes[[name for name in codes if name.startswith("code")]].to_numpy(), decode=True)
    arrays = run.predict(PICTURES, arrays=True)
    np.testing.assert_allclose(decoded, arrays["predictions"], atol=1e-3)
    assert run.predict(sample=2, seed=3).shape == (2, 28, 28)


def test_a_file_is_read_by_its_path_with_the_options_of_the_command(family_run, tmp_path):
    run, frame = seqrun.load(family_run("series")), pd.read_csv(DATA / "series.csv")
    frame.to_csv(tmp_path / "other.csv", sep=";", decimal=",", index=False)
    found = run.predict(tmp_path / "other.csv", delimiter=";", decimal=",")
    pd.testing.assert_frame_equal(found, run.predict(frame))


def test_a_setting_that_would_help_is_a_parameter(family_run, tmp_path):
    frame = pd.read_csv(DATA / "series.csv")
    frame.to_csv(tmp_path / "other.csv", decimal=",", sep=";", index=False)
    with pytest.raises(DataError, match=r"delimiter=';'"):
        seqrun.load(family_run("series")).predict(tmp_path / "other.csv")


def test_a_text_that_is_a_files_name_is_no_text(family_run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("new.csv").write_text("review\nnisa\n")
    run = seqrun.load(family_run("text"))
    with pytest.raises(InputError, match=r"data 'new\.csv' is a file: Path\('new\.csv'\) reads it"):
        run.predict("new.csv")
    with pytest.warns(UserWarning, match="knows no word"):
        assert len(run.predict(["new.csv"])) == 1


@pytest.mark.parametrize(
    ("config", "data", "options", "error", "words"),
    [
        ("text", None, {}, InputError, "give data: texts, a DataFrame, an array, or the Path of a file"),
        ("text", [], {}, InputError, "data: is empty"),
        ("text", ["a", None], {}, InputError, "data: number 2 is None, and no text"),
        ("text", ["a", " "], {}, InputError, "text number 2: "),
        ("text", Path("nowhere.csv"), {}, InputError, r"data 'nowhere\.csv': there is no such file"),
        ("text", pd.DataFrame({"a": ["b"]}), {}, DataError, "^the DataFrame: no column 'review'"),
        ("text", ["a"], {"thresold": 1}, TypeError, r"no parameter 'thresold' \(did you mean threshold\?\)"),
        ("text", ["a"], {"encode": True}, InputError, "encode is for runs that reconstruct"),
        ("series", "a", {}, InputError, "text as data is for runs that classify"),
        ("series", pd.Series([1.0, 2.0]), {}, InputError, "a Series without a name"),
        ("series", np.zeros((3, 2)), {}, InputError, "^the array: the run looks at the calendar"),
        ("sequences", np.zeros((3, 2, 5)), {}, DataError, "^the array: "),
        ("sequences", {"a": 1}, {}, InputError, "data: a dict of object"),
        ("sequences", [[1.0], [2.0, 3.0]], {}, InputError, "data: lists of unequal lengths .*NaN"),
        ("sequences", np.full((1, 16, 2), np.nan), {}, DataError, r"the array\[0\]: no step"),
        ("text", [None, "a"], {}, InputError, "data: number 1 is None, and no text"),
        ("mnist_conv_autoencoder", None, {"sample": 0}, InputError, "sample 0: must be a whole number, 1 or more"),
        ("mnist_conv_autoencoder", None, {"sample": 1, "seed": -1}, InputError, "seed -1: must be a whole number, 0"),
        ("mnist_conv_autoencoder", np.zeros((2, 77)), {"decode": True}, DataError, "^the array: has the shape"),
    ],
)
def test_what_cannot_be_asked_is_told_in_words_of_the_call(family_run, config, data, options, error, words):
    run = seqrun.load(family_run(config))
    with pytest.raises(error, match=words):
        run.predict(data, **options)


def test_an_index_with_a_name_stands_in_the_result_once(family_run):
    frame = pd.DataFrame({"id": ["007", "8"], "review": ["nisa", "dori"], "predicted": [3, 4]})
    run = seqrun.load(family_run("text"))
    expected = run.predict(frame)
    found = run.predict(frame.set_index(["id", "predicted"]))
    assert found.index.names == ["id", "predicted"] and [*found["predicted"]] == [*expected["predicted"]]
    assert [*found.drop(columns="predicted").reset_index()["id"]] == ["007", "8"]


def test_labels_of_past_rows_are_no_labels_of_forecasts(family_run):
    run, values = seqrun.load(family_run("waves_rnn")), np.sin(np.arange(60) / 5)
    found = run.predict(pd.Series(values, index=pd.date_range("2026-01-01", periods=60)))
    pd.testing.assert_frame_equal(found, run.predict(values))
    assert found["row"].iloc[0] == 60


def test_masked_values_end_a_sample_as_nan_does(family_run):
    run, beyond = seqrun.load(family_run("sequences")), np.arange(16)[None, :, None] >= 5
    masked = np.ma.masked_array(NUMBERS, np.broadcast_to(beyond, NUMBERS.shape))
    pd.testing.assert_frame_equal(run.predict(masked), run.predict(np.where(beyond, np.nan, NUMBERS)))


def test_numbers_of_numpy_are_parameters_like_others(family_run):
    run = seqrun.load(family_run("mnist_conv_autoencoder"))
    found = run.predict(sample=np.int64(2), seed=np.int32(1))
    np.testing.assert_array_equal(found, run.predict(sample=2, seed=1))
