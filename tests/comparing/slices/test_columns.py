"""Metrics by a column of the data, for runs that were trained on a file."""

from __future__ import annotations

import csv
import hashlib
import json
import shutil
from collections import Counter

import numpy as np
import pytest
from commands import SMOKE, arrays_of, run_command

REVIEWS = SMOKE / "data" / "reviews.csv"


@pytest.fixture(scope="module")
def run(family_run):
    return family_run("text")


def test_samples_are_told_apart_by_a_column_of_their_file(run):
    with REVIEWS.open(newline="") as file:
        rows = [*csv.DictReader(file)]
    kept = arrays_of(run / "predictions.npz")
    right = kept["predictions"].argmax(axis=1) == kept["targets"]
    labels = np.array([rows[row]["rating"] for row in kept["index"]])
    found = json.loads(run_command("show", run, "--by", "rating", "--metric", "accuracy", "--json").stdout)
    assert {each["slice"] for each in found["slices"]} == {*labels}
    for each in found["slices"]:
        there = labels == each["slice"]
        assert (each["n"], each["metrics"]["accuracy"]["value"]) == (there.sum(), pytest.approx(right[there].mean()))
    by_class = json.loads(run_command("show", run, "--by", "class", "--metric", "accuracy", "--json").stdout)
    assert sorted(each["n"] for each in by_class["slices"]) == sorted(each["n"] for each in found["slices"])


@pytest.fixture(scope="module")
def by_cells(run, tmp_path_factory):
    """Return what gives the samples of each slice, as the run would have them with a column of these cells."""

    def of_cells(cells):
        copy = shutil.copytree(run, tmp_path_factory.mktemp("cells") / "run")
        own = copy / "own.csv"
        with REVIEWS.open(newline="") as file:
            rows = [*csv.reader(file)]
        with own.open("w", newline="") as file:
            csv.writer(file).writerows(
                [[*row, cell] for row, cell in zip(rows, ["cell", *cells(len(rows) - 1)], strict=True)]
            )
        record = json.loads((copy / "run.json").read_text())
        record["data"]["sources"][0] |= {"path": str(own), "sha256": hashlib.sha256(own.read_bytes()).hexdigest()}
        (copy / "run.json").write_text(json.dumps(record))
        found = json.loads(run_command("show", copy, "--by", "cell", "--metric", "accuracy", "--json").stdout)
        index = arrays_of(copy / "predictions.npz")["index"].tolist()
        return {each["slice"]: each["n"] for each in found["slices"]}, [cells(len(rows) - 1)[row] for row in index]

    return of_cells


def test_numbers_are_named_as_they_are_written(by_cells):
    for written in (["2019", "2020", "2021"], ["1000001", "1000002", ""], ["9007199254740993", "9007199254740992"]):
        found, cells = by_cells(lambda count, written=written: (written * count)[:count])
        assert found == Counter(cell for cell in cells if cell)
        assert [*found] == sorted(found)


def test_codes_that_look_like_numbers_are_names(by_cells):
    for written in (["01234", "1234"], ["1_2", "12"]):
        found, cells = by_cells(lambda count, written=written: (written * count)[:count])
        assert found == Counter(cells)


def test_no_sample_is_lost_where_many_numbers_look_alike(by_cells):
    found, cells = by_cells(lambda count: [f"{1000000 + number % 17 / 1000:.3f}" for number in range(count)])
    assert len(found) > 3
    assert sum(found.values()) == len(cells)
    for name, count in found.items():
        low, _, high = name.partition(" to ")
        assert count == sum(float(low) <= float(cell) <= float(high or low) for cell in cells)


def test_dates_are_cut_in_their_order(by_cells):
    found, cells = by_cells(lambda count: [f"2026-{1 + number % 12:02}-0{1 + number % 3}" for number in range(count)])
    for name, count in found.items():
        first, _, last = name.partition(" to ")
        assert count == sum(first <= cell <= (last or first) for cell in cells)
    assert sum(found.values()) == len(cells)


def test_a_value_may_be_called_others(by_cells):
    found, cells = by_cells(lambda count: [("others", "others", "good")[number % 3] for number in range(count)])
    assert found == Counter(cells)


def test_an_array_that_is_no_table_is_told_in_the_words_of_the_command(family_run):
    told = run_command("show", family_run("mnist_conv_autoencoder"), "--by", "size", code=2).stderr
    assert "--by size: is none of class" in told and "--column" not in told


def test_a_run_keeps_the_lengths_and_unknown_shares_of_its_texts(run):
    kept = arrays_of(run / "predictions.npz")
    assert kept["lengths"].shape == kept["unknown"].shape == kept["targets"].shape
    assert (kept["lengths"] > 0).all() and (kept["unknown"] <= 1).all()


def test_a_column_that_is_not_there_names_those_that_are(run):
    told = run_command("show", run, "--by", "ratting", code=2).stderr
    assert "--by ratting: the data of" in told and "did you mean rating?" in told


def test_a_file_that_was_changed_is_not_read(run, tmp_path):
    copy = shutil.copytree(run, tmp_path / "run")
    record = json.loads((copy / "run.json").read_text())
    changed = tmp_path / "reviews.csv"
    changed.write_text(REVIEWS.read_text() + "one more,line\n")
    record["data"]["sources"][0]["path"] = str(changed)
    (copy / "run.json").write_text(json.dumps(record))
    assert "its SHA-256 is another" in run_command("show", copy, "--by", "rating", code=2).stderr
    changed.unlink()
    assert "is not there any more" in run_command("show", copy, "--by", "rating", code=2).stderr
