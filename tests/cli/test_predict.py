"""`seqrun predict` on texts, from a run directory whose data have gone."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
from commands import SMOKE, arrays_of, moved, predict
from sklearn.metrics import balanced_accuracy_score

from seqrun.components.locations import Locations
from seqrun.config.experiment import load_experiment

pytestmark = pytest.mark.usefixtures("undrawn_plots")
REVIEWS = SMOKE / "data" / "reviews.csv"


@pytest.fixture(scope="module")
def reviews(family_run, tmp_path_factory) -> Path:
    """A run with three classes that has moved, and whose data are deleted."""
    return moved(family_run("text"), tmp_path_factory.mktemp("reviews"))


@pytest.fixture(scope="module")
def imdb(family_run) -> Path:
    """A run with two classes."""
    return family_run("lstm")


@pytest.fixture(scope="module")
def token_ids(imdb, tmp_path_factory) -> Path:
    """What the network of that run read of its test split."""
    splits = load_experiment(imdb / "config.yaml").dataset.load(Locations(None, lambda event: None))
    path = tmp_path_factory.mktemp("ids") / "test.npy"
    np.save(path, splits.test.inputs)
    return path


def own(run: Path) -> dict[str, np.ndarray]:
    return arrays_of(run / "predictions.npz")


def probabilities(table: pd.DataFrame) -> np.ndarray:
    return table.filter(like="probability_").to_numpy()


# --- what comes out ---------------------------------------------------------------------------------------------------


def test_the_runs_own_texts_get_its_own_predictions(reviews, tmp_path):
    assert predict(reviews, "--input", REVIEWS, "-o", tmp_path / "all.csv").stdout == ""
    table, texts, saved = pd.read_csv(tmp_path / "all.csv"), pd.read_csv(REVIEWS), own(reviews)
    assert list(table) == ["row", *texts, "predicted", *(f"probability_{name}" for name in ("bad", "fair", "good"))]
    pd.testing.assert_frame_equal(table[[*texts]], texts)
    np.testing.assert_allclose(probabilities(table)[saved["index"]], saved["predictions"], atol=1e-6)
    classes = np.array(["bad", "fair", "good"])
    assert list(table["predicted"]) == list(classes[probabilities(table).argmax(axis=1)])


def test_all_files_hold_the_same(reviews, tmp_path):
    for name in ("all.csv", "all.jsonl", "all.npz"):
        predict(reviews, "--input", REVIEWS, "-o", tmp_path / name)
    table = pd.read_csv(tmp_path / "all.csv")
    pd.testing.assert_frame_equal(table, pd.read_json(tmp_path / "all.jsonl", lines=True))
    arrays = arrays_of(tmp_path / "all.npz")
    np.testing.assert_allclose(arrays["predictions"], probabilities(table), rtol=1e-7)
    assert list(arrays["classes"][arrays["predicted"]]) == list(table["predicted"])
    assert list(arrays["index"]) == list(table["row"])


def test_the_same_texts_say_the_same_however_they_come(reviews, tmp_path):
    texts = [" ".join(text.split()) for text in pd.read_csv(REVIEWS)["review"][:20]]
    frame = pd.DataFrame({"number": range(20), "review": texts})
    frame.to_csv(tmp_path / "t.tsv", sep="\t", index=False)
    frame.to_json(tmp_path / "t.jsonl", orient="records", lines=True)
    frame.rename(columns={"review": "what they said"}).to_parquet(tmp_path / "t.parquet")
    (tmp_path / "t.txt").write_text("\n\n".join(texts) + "\n")
    given = [part for text in texts for part in ("--text", text)]
    column = ["--column", "what they said"]
    shown = [
        predict(reviews, *given),
        predict(reviews, "--input", "-", stdin="\n".join(texts)),
        *(predict(reviews, "--input", tmp_path / f"t.{ending}") for ending in ("txt", "tsv", "jsonl")),
        predict(reviews, "--input", tmp_path / "t.parquet", *column),
    ]
    assert len({each.stdout for each in shown}) == 1
    assert len(shown[0].stdout.splitlines()) == 22


def test_the_table_shows_text_class_and_probabilities(reviews, tmp_path):
    text = "a [bold] film \x1b[2J " + "nolo " * 40
    head, _, row = predict(reviews, "--text", text).stdout.splitlines()
    assert head.split() == ["text", "predicted", "p(bad)", "p(fair)", "p(good)"]
    assert row.startswith("a [bold] film") and "…" in row and len(row) < 110
    assert "\x1b" not in row
    *_, predicted, bad, fair, good = row.split()
    shown = {"bad": float(bad), "fair": float(fair), "good": float(good)}
    assert predicted == max(shown, key=shown.get)
    assert sum(shown.values()) == pytest.approx(1, abs=2e-4)


def test_token_ids_get_the_runs_own_predictions(imdb, token_ids, tmp_path):
    predict(imdb, "--input", token_ids, "-o", tmp_path / "out.csv")
    table, saved = pd.read_csv(tmp_path / "out.csv"), own(imdb)
    np.testing.assert_allclose(table["probability_positive"], saved["predictions"], atol=1e-6)
    np.testing.assert_allclose(table["probability_negative"], 1 - saved["predictions"], atol=1e-6)
    assert list(table["predicted"] == "positive") == list(saved["predictions"] > 0.5)


def test_the_threshold_that_validation_chose_gives_the_accuracy_that_the_run_measured(imdb, token_ids, tmp_path):
    predict(imdb, "--input", token_ids, "--threshold", "chosen", "-o", tmp_path / "out.csv")
    predicted = pd.read_csv(tmp_path / "out.csv")["predicted"] == "positive"
    measured = json.loads((imdb / "metrics.json").read_text())["test"]["balanced_accuracy_at_threshold"]
    assert balanced_accuracy_score(own(imdb)["targets"], predicted) == pytest.approx(measured, abs=1e-9)
    lines = predict(imdb, "--input", token_ids, "--threshold", "0").stdout.splitlines()[2:]
    assert all(line.split()[-3] == "positive" for line in lines)


def test_it_prints_nothing_but_the_table(reviews):
    command = [sys.executable, "-m", "seqrun", "predict", str(reviews), "--text", "nolo"]
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    assert ended.stderr == ""
    assert ended.stdout == predict(reviews, "--text", "nolo").stdout


def test_a_table_may_come_from_the_standard_input_and_be_written_otherwise(reviews, tmp_path):
    texts = ["nolo, vira", 'nolo; "quoted"', "é"]
    table = pd.DataFrame({"said": texts, "id": ["007", "NA", "1e3"]}).to_csv(index=False, sep=";")
    expected = predict(reviews, *[part for text in texts for part in ("--text", text)]).stdout
    assert predict(reviews, "--input", "-", "--column", "said", "--delimiter", ";", stdin=table).stdout == expected
    (tmp_path / "latin.csv").write_bytes(table.encode("latin-1"))
    how = ["--column", "said", "--delimiter", ";", "--encoding", "latin-1"]
    assert predict(reviews, "--input", tmp_path / "latin.csv", *how).stdout == expected
    lines = "\n".join(texts).encode("latin-1")
    assert predict(reviews, "--input", "-", "--encoding", "latin-1", stdin=lines).stdout == expected


def test_json_on_standard_output_is_what_a_file_holds(reviews, tmp_path):
    texts = ("--text", "w1 w2", "--text", "\u0085w3 é")
    predict(reviews, *texts, "-o", tmp_path / "out.json")
    found = json.loads(predict(reviews, *texts, "--json").stdout)
    assert found == json.loads((tmp_path / "out.json").read_text())
    assert [row["text"] for row in found] == ["w1 w2", "\u0085w3 é"]
    told = predict(reviews, *texts, "--json", "-o", tmp_path / "out.json", code=2).stderr
    assert "--json prints and -o writes" in told


@pytest.fixture
def piped(tmp_path):
    """piped(name, content): a pipe to which this is written as soon as it is read, as `<(command)` is one."""

    def piped(name: str, content: str) -> Path:
        os.mkfifo(tmp_path / name)
        threading.Thread(target=(tmp_path / name).write_text, args=(content,), daemon=True).start()
        return tmp_path / name

    return piped


def test_a_pipe_is_read_like_the_standard_input_or_as_its_ending_says(reviews, piped):
    expected = predict(reviews, "--text", "nolo", "--text", "vira, é").stdout
    assert predict(reviews, "--input", piped("63", "nolo\nvira, é\n")).stdout == expected
    assert predict(reviews, "--input", piped("64", 'a\nnolo\n"vira, é"\n'), "--column", "a").stdout == expected
    assert predict(reviews, "--input", piped("t.tsv", "review\nnolo\nvira, é\n")).stdout == expected
    faulty = piped("faulty.csv", "a,review\n1,nolo\n2\n")
    assert str(faulty) in predict(reviews, "--input", faulty, code=4).stderr


def test_a_device_is_no_input(reviews, tmp_path):
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    told = predict(reviews, "--input", tmp_path / "zero.csv", code=4).stderr
    assert "zero.csv cannot be read: is a device, not a regular file" in told


def test_a_table_has_a_last_row_and_a_file_has_all(reviews, tmp_path, monkeypatch):
    monkeypatch.setattr("seqrun.cli.predict.MOST_ROWS", 3)
    (tmp_path / "five.txt").write_text("nolo\n" * 5)
    shown = predict(reviews, "--input", tmp_path / "five.txt")
    assert len(shown.stdout.splitlines()) == 2 + 3
    assert "the first 3 of 5 rows; -o FILE.csv writes all" in shown.stderr
    predict(reviews, "--input", tmp_path / "five.txt", "-o", tmp_path / "all.csv")
    assert len(pd.read_csv(tmp_path / "all.csv")) == 5


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "parquet"])
def test_the_inputs_own_columns_are_as_they_were(reviews, tmp_path, ending):
    own = {"id": ["007", "1e3", "NA"], "predicted": ["a", "", "c,d"], "review": ["nolo", "vira", "nolo nolo"]}
    if ending in ("csv", "tsv"):
        pd.DataFrame(own).to_csv(tmp_path / f"t.{ending}", sep="," if ending == "csv" else "\t", index=False)
    else:
        own |= {"n": [1, None, 3], "list": [[1, 2], [], None], "yes": [True, False, None]}
        rows = [dict(zip(own, row, strict=True)) for row in zip(*own.values(), strict=True)]
        if ending == "jsonl":
            (tmp_path / "t.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        else:
            pyarrow.parquet.write_table(pyarrow.Table.from_pylist(rows), tmp_path / "t.parquet")
    predict(reviews, "--input", tmp_path / f"t.{ending}", "-o", tmp_path / "out.json")
    found = json.loads((tmp_path / "out.json").read_text())
    own["predicted_"] = own.pop("predicted")
    assert {name: [row[name] for row in found] for name in own} == own
    assert {row["predicted"] for row in found} <= {"bad", "fair", "good"}


def test_undecodable_bytes_in_a_column_that_is_not_read_are_told(reviews, tmp_path):
    (tmp_path / "t.csv").write_bytes(b"review,who\nnolo,Ren\xe9\n")
    result = predict(reviews, "--input", tmp_path / "t.csv", "-o", tmp_path / "out.json")
    assert "1 cell with undecodable bytes in columns that are not read (who)" in " ".join(result.stderr.split())
    assert json.loads((tmp_path / "out.json").read_text())[0]["who"] == "Ren\N{REPLACEMENT CHARACTER}"


def test_bad_rows_can_be_left_out(reviews, tmp_path):
    (tmp_path / "gaps.csv").write_text('number,review\n1,nolo\n2,""\n3\n4,vira\n')
    result = predict(reviews, "--input", tmp_path / "gaps.csv", "--bad-rows", "skip", "-o", tmp_path / "out.csv")
    assert "2 rows left out" in result.stderr and "line 3: no text" in result.stderr
    assert list(pd.read_csv(tmp_path / "out.csv")["row"]) == [0, 3]


# --- what cannot be ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ([], 2, "either --text"),
        (["--text", "a", "--input", REVIEWS], 2, "either --text"),
        (["--text", " "], 2, "--text number 1: no text"),
        (["--input", "nowhere.csv"], 2, "does not exist"),
        (["--input", REVIEWS, "--column", "reviw"], 4, "did you mean review?"),
        (["--input", SMOKE / "text.yaml"], 2, "none of .txt, .csv, .tsv, .jsonl, .parquet, .npy"),
        (["--text", "a", "--threshold", "0.3"], 2, "the run has 3"),
        (["--text", "a", "-o", "out.txt"], 2, "none of .csv, .json, .jsonl, .parquet, .npy, .npz"),
        (["--text", "a", "-o", "nowhere/out.csv"], 2, "there is no folder nowhere"),
        (["--text", "a", "--device", "tpu"], 2, "--device tpu"),
    ],
)
def test_a_mistake_is_told_in_words(reviews, arguments, code, words):
    result = predict(reviews, *arguments, code=code)
    assert words in " ".join(result.stderr.split())
    assert result.stdout == ""


def test_the_input_is_not_written_over(reviews, tmp_path):
    (tmp_path / "new.csv").write_text("review\nnolo\n")
    (tmp_path / "link.csv").symlink_to("new.csv")
    result = predict(reviews, "--input", tmp_path / "new.csv", "-o", tmp_path / "link.csv", code=2)
    assert "link.csv: is the input, which would be lost" in result.stderr
    assert (tmp_path / "new.csv").read_text() == "review\nnolo\n"


@pytest.mark.parametrize("given", ["1.5", "nan", "often"])
def test_a_threshold_is_a_probability(imdb, given):
    assert (
        "must be a number from 0 to 1, or chosen" in predict(imdb, "--text", "a", "--threshold", given, code=2).stderr
    )


def test_rows_without_text_are_named(reviews, tmp_path):
    path = tmp_path / "gaps.csv"
    path.write_text('number,review\n1,nolo\n2,""\n3\n')
    stderr = predict(reviews, "--input", path, code=4).stderr
    assert "2 rows cannot be used" in stderr
    assert "line 3: no text" in stderr and "line 4: 1 field" in stderr
    assert "leave them out with --bad-rows skip" in stderr


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((4, 31), int), "has the shape (4, 31); the network reads (samples, 32)"),
        (np.full((4, 32), 300), "whole numbers from 0 to 299"),
        (np.zeros((4, 32)), "whole numbers from 0 to 299"),
        (np.full((1, 32), np.nan), "not finite"),
        (np.array(["a"]), "an array of numbers"),
        (np.array([print], dtype=object), "cannot be read"),
    ],
)
def test_an_array_must_be_what_the_network_reads(imdb, tmp_path, array, words):
    np.save(tmp_path / "array.npy", array)
    assert words in predict(imdb, "--input", tmp_path / "array.npy", code=4).stderr


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("failed", "failed before it had weights to keep"),
        ("interrupted", "was interrupted before it had weights to keep"),
        ("running", "is still running"),
        ("finished", "has no model.weights.h5 any more"),
    ],
)
def test_a_run_without_weights_cannot_predict(make_run, status, words):
    assert words in predict(make_run(status=status), "--text", "a", code=2).stderr
