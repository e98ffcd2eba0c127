"""Metrics by a column of the data, for runs that were trained on a file."""

from __future__ import annotations

import csv
import json
import shutil

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
