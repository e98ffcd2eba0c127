"""`seqrun evaluate`: a finished run measured again, on its own data or on a file of new, labelled samples."""

from __future__ import annotations

import csv
import json
import math
import os
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import SMOKE, arrays_of, moved, run_command
from sklearn.metrics import classification_report, confusion_matrix

from seqrun.comparing.evaluations import listed
from seqrun.components.base import Trainer
from seqrun.errors import UsageError
from seqrun.inference.evaluation import evaluate as measured_again
from seqrun.inference.saved import read_saved
from seqrun.rundir.reading import read_run

pytestmark = pytest.mark.usefixtures("undrawn_plots")
DATA = SMOKE / "data"


@pytest.fixture(scope="module")
def reviews(family_run, tmp_path_factory) -> Path:
    """A run with three classes, whose data are gone."""
    return moved(family_run("text"), tmp_path_factory.mktemp("reviews"))


@pytest.fixture(scope="module")
def load(family_run) -> Path:
    """A run that forecasts a load, twelve hours ahead."""
    return family_run("series")


def evaluate(run: Path, *arguments: object, code: int = 0):
    return run_command("evaluate", run, *arguments, code=code)


def told(run: Path, *arguments: object) -> dict:
    return json.loads(evaluate(run, *arguments, "--json").stdout)


def results(run: Path) -> dict:
    return json.loads((run / "metrics.json").read_text())


def same(found: dict, recorded: dict) -> bool:
    """Whether all recorded metrics are found again."""
    pairs = [(found["metrics"][name], value) for name, value in recorded.items()]
    return all(a is b or math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-6) for a, b in pairs)


@pytest.fixture
def test_rows(reviews, tmp_path) -> Path:
    """The rows of the run's own file that are its test split."""
    table = pd.read_csv(DATA / "reviews.csv", dtype=str)
    path = tmp_path / "new.csv"
    table.iloc[arrays_of(reviews / "predictions.npz")["index"]].to_csv(path, index=False)
    return path


# --- texts ------------------------------------------------------------------------------------------------------------


def test_a_file_of_the_test_samples_gives_the_metrics_of_training_and_scikit_learns_report(reviews, test_rows):
    found = told(reviews, "--input", test_rows)
    assert same(found, results(reviews)["test"])
    saved = arrays_of(Path(found["path"]) / "predictions.npz")
    predicted, names = saved["predictions"].argmax(axis=1), ["bad", "fair", "good"]
    report = classification_report(
        saved["targets"], predicted, target_names=names, output_dict=True, zero_division=np.nan
    )
    for name in names:
        expected = {score.replace("-score", ""): value for score, value in report[name].items()}
        got = {score: math.nan if value is None else value for score, value in found["by_class"][name].items()}
        assert got == pytest.approx(expected, nan_ok=True)
    assert found["by_class"] == results(reviews)["by_class"]  # training has recorded them, too
    assert found["confusion"] == {
        "names": names,
        "counts": confusion_matrix(saved["targets"], predicted, labels=[0, 1, 2]).tolist(),
    }


def test_the_output_has_the_inputs_rows_with_labels_beside_predictions(reviews, test_rows, tmp_path):
    evaluate(reviews, "--input", test_rows, "-o", tmp_path / "out.csv")
    out, given = (pd.read_csv(path, dtype=str) for path in (tmp_path / "out.csv", test_rows))
    assert out["review"].tolist() == given["review"].tolist()
    assert out["target"].tolist() == out["rating"].tolist() == given["rating"].tolist()
    probabilities = out.filter(like="probability_").astype(float)
    assert out["predicted"].tolist() == [name.removeprefix("probability_") for name in probabilities.idxmax(axis=1)]


def test_other_columns_and_writing_are_said_on_the_command_line(reviews, test_rows, tmp_path):
    table = pd.read_csv(test_rows, dtype=str).rename(columns={"review": "words", "rating": "stars"})
    table.to_csv(tmp_path / "other.csv", sep=";", index=False)
    how = ("--column", "words", "--label", "stars", "--delimiter", ";")
    assert same(told(reviews, "--input", tmp_path / "other.csv", *how), results(reviews)["test"])


def test_a_folder_with_a_sub_folder_a_class_is_evaluated_too(reviews, test_rows, tmp_path):
    folder = tmp_path / "folder"
    for number, row in enumerate(csv.DictReader(test_rows.open())):
        (folder / row["rating"]).mkdir(parents=True, exist_ok=True)
        (folder / row["rating"] / f"{number}.txt").write_text(row["review"])
    assert same(told(reviews, "--input", folder), results(reviews)["test"])


def test_the_standard_input_and_a_pipe_are_read_as_their_file_is(reviews, test_rows, tmp_path):
    expected = told(reviews, "--input", test_rows)
    arguments = ("evaluate", reviews, "--input", "-", "--json")
    piped = json.loads(run_command(*arguments, stdin=test_rows.read_bytes()).stdout)
    for key in piped.keys() - {"name", "path", "data", "warnings"}:
        assert piped[key] == expected[key]
    assert piped["data"] == {**expected["data"], "path": "-"} and piped["name"] == "input"
    os.mkfifo(tmp_path / "fifo")
    writer = threading.Thread(target=(tmp_path / "fifo").write_bytes, args=(test_rows.read_bytes(),))
    writer.start()
    assert told(reviews, "--input", tmp_path / "fifo")["metrics"] == expected["metrics"]
    writer.join()
    error = run_command(*arguments, "--label", "stars", stdin=test_rows.read_bytes(), code=4).stderr
    assert "-: no column 'stars'; there are review, rating" in error


def test_labels_that_the_run_never_saw_are_told_with_their_lines_and_left_out_if_that_is_asked_for(reviews, tmp_path):
    path = tmp_path / "strange.csv"
    path.write_text("review,rating\nso bad,bad\nso strange,Fair\nso fair,fair\nso what,\nso good,good\n")
    error = evaluate(reviews, "--input", path, code=4).stderr
    assert "2 rows cannot be used" in error
    assert "line 3: 'Fair' is none of the run's classes (did you mean fair?); they are bad, fair, good" in error
    assert "line 5: no label" in error
    assert "--bad-rows skip" in error
    left = evaluate(reviews, "--input", path, "--bad-rows", "skip", "--json")
    assert "2 rows left out" in left.stderr
    assert json.loads(left.stdout)["data"]["samples"] == 3


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--input", "{new}", "--label", "stars"], 4, "no column 'stars'; there are review, rating"),
        (["--input", "{new}", "--split", "test"], 2, "give either --split or --input"),
        (["--label", "rating"], 2, "--label says how to read --input FILE"),
        (["--name", "a/b"], 2, "--name a/b: must be letters, digits"),
        (["--input", "{new}", "-o", "out.doc"], 2, "-o out.doc: the ending is none of"),
        ([], 4, "the data cannot be had"),
    ],
)
def test_what_cannot_work_is_told_in_words(reviews, test_rows, arguments, code, message):
    given = [each.replace("{new}", str(test_rows)) for each in arguments]
    assert message in evaluate(reviews, *given, code=code).stderr


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_an_evaluation_on_the_same_data_is_replaced_and_one_on_other_data_gets_a_number(reviews, test_rows):
    kept = reviews / "evaluations"
    first = told(reviews, "--input", test_rows, "--name", "mine")
    assert Path(first["path"]) == kept / "mine"
    assert told(reviews, "--input", test_rows, "--name", "mine")["name"] == "mine"
    test_rows.write_text(test_rows.read_text() + "another one,bad\n")
    assert told(reviews, "--input", test_rows, "--name", "mine")["name"] == "mine-2"
    assert {path.name for path in kept.glob("mine*")} == {"mine", "mine-2"}
    assert not [*kept.glob(".*")]
    record = json.loads((kept / "mine" / "evaluation.json").read_text())
    assert record["data"]["path"] == str(test_rows)
    assert record["data"]["samples"] == len(arrays_of(kept / "mine" / "predictions.npz")["targets"]) == 30


def test_show_lists_the_evaluations_and_has_the_scores_of_each_class(reviews, test_rows):
    found = told(reviews, "--input", test_rows, "--name", "shown")
    shown = run_command("show", reviews).stdout
    assert "class   precision   recall" in shown
    [line] = [line for line in shown.splitlines() if line.startswith("shown ")]
    assert str(test_rows) in line and f"{found['metrics']['accuracy']:.4f}" in line
    record = json.loads((reviews / "run.json").read_text())
    record["files_sha256"]["model.weights.h5"] = "of a run that was resumed"
    resumed = replace(read_run(reviews), record=record)
    assert "shown (of former weights)" in [row[0] for row in listed(resumed).rows]
    everything = json.loads(run_command("show", reviews, "--json").stdout)
    assert found["metrics"] in [each["metrics"] for each in everything["evaluations"]]


def test_where_the_run_cannot_be_written_the_results_are_printed_and_a_warning_says_so(load, tmp_path):
    elsewhere = load.parent.parent / "locked"
    elsewhere.mkdir()
    for file in load.iterdir():
        if file.name != "evaluations":
            (elsewhere / file.name).symlink_to(file)
    (elsewhere / "evaluations").touch()  # which stands in the folder's place
    result = evaluate(elsewhere, "-o", tmp_path / "out.csv")
    assert "warning: not kept: " in result.stderr
    assert "mae" in result.stdout
    assert (tmp_path / "out.csv").stat().st_size


# --- other families ---------------------------------------------------------------------------------------------------


def test_every_window_of_a_new_series_is_scored_with_the_runs_own_scales_and_intervals(load, tmp_path):
    table = pd.read_csv(DATA / "series.csv", dtype=str)
    table.iloc[800:].to_csv(tmp_path / "rest.csv", index=False)  # the test split: the last fifth of 1,000 rows
    found = told(load, "--input", tmp_path / "rest.csv", "-o", tmp_path / "out.csv")
    assert same(found, results(load)["test"])
    out = pd.read_csv(tmp_path / "out.csv")
    held = out["target_load"].between(out["load_lower"], out["load_upper"]).groupby(out["step"]).mean()
    assert found["by_step"]["coverage"] == pytest.approx(held.tolist())
    actual = pd.read_csv(DATA / "series.csv", index_col="time", parse_dates=True)["load"]
    assert out["target_load"].tolist() == actual.loc[pd.to_datetime(out["time"])].tolist()
    assert (pd.to_datetime(out["time"]) - pd.to_datetime(out["made_at"]) == pd.to_timedelta(out["step"], "h")).all()


def test_a_validation_split_is_measured_as_training_measured_it(load):
    found = told(load, "--split", "validation")
    assert same(found, results(load)["validation"])
    assert found["recorded"] == {"in training": results(load)["validation"]}


def test_a_trainer_of_ones_own_that_cannot_measure_again_is_told(reviews):
    class Own(Trainer):
        name: str = "own"
        tasks = frozenset({"classification"})
        metrics = ()

    saved = read_saved(read_run(reviews))
    saved = replace(saved, experiment=replace(saved.experiment, trainer=Own()))
    with pytest.raises(UsageError, match=r"trainer own is a user's own and defines no evaluate\(\)"):
        measured_again(saved)
