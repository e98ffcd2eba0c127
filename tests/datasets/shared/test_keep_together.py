"""`splits: {keep_together: COLUMN}`: no group stands in two splits; fractions and classes hold as well as may be."""

from __future__ import annotations

import csv
import unicodedata
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seqrun.datasets.samples.sequences import Sequences
from seqrun.datasets.text.text import Text
from seqrun.errors import DataError

CLASSIFYING = SimpleNamespace(trainer=SimpleNamespace(tasks=frozenset({"classification"})))  # an experiment
RNG = np.random.default_rng(0)


def parts(splits):
    return (splits.train, splits.validation, splits.test)


def groups_by_split(splits, groups):
    """The set of groups that each split has; `groups` is by row."""
    return [{groups[row] for row in part.index.tolist()} for part in parts(splits)]


def shares(splits):
    sizes = np.array([len(part) for part in parts(splits)])
    return sizes / sizes.sum()


@pytest.fixture
def load(tmp_path, locations):
    """load(groups, labels, ...): the splits of a CSV file with a text a row."""

    def load(groups, labels, **fields):
        rows = [(f"text {n}", label, group) for n, (group, label) in enumerate(zip(groups, labels, strict=True))]
        with (tmp_path / "t.csv").open("w", newline="") as file:
            csv.writer(file).writerows([("body", "kind", "author"), *rows])
        settings = {"text": "body", "label": "kind", "splits": {"keep_together": "author"}}
        return Text(path=tmp_path / "t.csv", **settings | fields).load(locations)

    return load


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("fractions", [None, [0.6, 0.2, 0.2]])
def test_no_group_stands_in_two_splits_and_the_fractions_nearly_hold(load, seed, fractions):
    rng = np.random.default_rng(seed)
    groups = [f"a{n}" for n in np.minimum(rng.geometric(0.03, 400), 80)]
    labels = np.where(rng.random(400) < 0.3, "x", "y")
    splits = load(groups, labels, splits={"keep_together": "author", "fractions": fractions}, split_seed=seed)
    train, validation, test = groups_by_split(splits, groups)
    assert not (train & validation or train & test or validation & test)
    assert train | validation | test == set(groups)
    np.testing.assert_allclose(shares(splits), fractions or [0.8, 0.1, 0.1], atol=0.02)
    of_class = [np.mean(part.targets == 0) for part in parts(splits)]
    np.testing.assert_allclose(of_class, np.mean(labels == "x"), atol=0.12)


def test_splits_depend_on_the_split_seed_alone(load):
    groups, labels = [str(n % 40) for n in range(200)], ["x", "y"] * 100
    first, again, other = (load(groups, labels, split_seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.test.index, again.test.index)
    assert set(first.test.index) != set(other.test.index)


def test_groups_are_as_written(load):
    """So 7, 07 and 7.0 may be divided."""
    groups = [("7", "07", "7.0")[n % 3] for n in range(90)]
    assert sorted(map(sorted, groups_by_split(load(groups, ["x", "x", "x", "y", "y", "y"] * 15), groups))) == [
        ["07"],
        ["7"],
        ["7.0"],
    ]


def test_groups_too_large_for_the_fractions_are_told(load):
    splits = load([str(n % 4) for n in range(120)], ["x"] * 60 + ["y"] * 60)
    told = [warning for warning in splits.warnings if "too large for the fractions" in warning]
    assert "validation has 25.0% of the samples, not 10.0%" in told[0]


def test_too_few_groups_and_rows_without_one_are_told(load):
    with pytest.raises(DataError, match=r"2 groups of dataset\.splits\.keep_together cannot be 3 splits"):
        load(["a", "b"] * 30, ["x", "y"] * 30)
    groups = ["", *(str(n) for n in range(59))]
    with pytest.raises(DataError, match="line 2: no author, so it is not known"):
        load(groups, ["x", "y"] * 30)
    assert sum(map(len, parts(load(groups, ["x", "y"] * 30, bad_rows="skip")))) == 59


def test_the_text_itself_can_be_the_group(tmp_path, locations):
    rows = [(("Same text {}", "same  TEXT {}")[n % 2].format(n // 4), "xy"[n // 4 % 2]) for n in range(80)]
    pd.DataFrame(rows, columns=["body", "kind"]).to_csv(tmp_path / "u.csv", index=False)
    fields = {"path": tmp_path / "u.csv", "text": "body", "label": "kind"}
    free = Text(**fields).load(locations)
    assert "dataset.splits: {keep_together: body} keeps equal texts in one split" in free.warnings[0]
    kept = Text(**fields, splits={"keep_together": "body"}).load(locations)
    assert kept.seen is None and kept.warnings == ()


def test_what_cannot_be_kept_together_is_found_before_the_run(tmp_path):
    pd.DataFrame({"body": ["a"], "kind": ["x"]}).to_csv(tmp_path / "t.csv", index=False)
    fields = {"text": "body", "label": "kind", "splits": {"keep_together": "kindd"}}
    [problem] = Text(path=tmp_path / "t.csv", **fields).look()
    assert problem.path == ("dataset", "splits", "keep_together") and "did you mean kind?" in problem.message
    [problem] = Text(path=tmp_path, splits={"keep_together": "author"}).problems(CLASSIFYING)
    assert "is a folder, which has no columns" in problem.message


# --- samples of numbers -----------------------------------------------------------------------------------------------

PATIENTS = RNG.integers(0, 20, 100)
VALUES = RNG.normal(size=(100, 4, 2))
LABELS = RNG.integers(0, 2, 100)


def test_samples_of_an_npz_file_are_kept_together(tmp_path, locations):
    np.savez(tmp_path / "s.npz", x=VALUES, y=LABELS, patient=PATIENTS)
    dataset = Sequences(path=tmp_path / "s.npz", labels="y", splits={"keep_together": "patient"})
    assert list(dataset.problems(CLASSIFYING)) == []
    splits = dataset.load(locations)
    train, validation, test = groups_by_split(splits, PATIENTS)
    assert not (train & validation or train & test or validation & test)
    np.testing.assert_allclose(shares(splits), [0.6, 0.2, 0.2], atol=0.05)
    wrong = Sequences(path=tmp_path / "s.npz", labels="y", splits={"keep_together": "patients"})
    [problem] = wrong.look()
    assert problem.path == ("dataset", "splits", "keep_together") and "no array 'patients'" in problem.message


def test_a_test_half_of_the_file_may_share_groups_and_that_is_told(tmp_path, locations):
    halves = {"x_train": VALUES[:70], "y_train": LABELS[:70], "patient_train": PATIENTS[:70]}
    halves |= {"x_test": VALUES[70:], "y_test": LABELS[70:], "patient_test": PATIENTS[70:]}
    np.savez(tmp_path / "s.npz", **halves)
    splits = Sequences(path=tmp_path / "s.npz", labels="y", splits={"keep_together": "patient"}).load(locations)
    train, validation = ({PATIENTS[row] for row in part.index} for part in (splits.train, splits.validation))
    assert not train & validation and len(splits.test) == 30
    shared = len(set(PATIENTS[:70].tolist()) & set(PATIENTS[70:].tolist()))
    assert any(f"{shared} groups of dataset.splits.keep_together in test" in told for told in splits.warnings)


@pytest.mark.parametrize("rows", ["steps", "samples"])
def test_samples_of_a_parquet_file_are_kept_together(load_parquet, rows):
    if rows == "steps":
        steps = [(n, *VALUES[n, step], LABELS[n], f"p{PATIENTS[n]}") for n in range(100) for step in range(4)]
        frame = pd.DataFrame(steps, columns=["sample", "a", "b", "y", "patient"])
        splits = load_parquet(frame, sample="sample")
    else:
        frame = pd.DataFrame(VALUES[..., 0], columns=[f"s{step}" for step in range(4)])
        splits = load_parquet(frame.assign(y=LABELS, patient=PATIENTS))
    train, validation, test = groups_by_split(splits, PATIENTS)
    assert not (train & validation or train & test or validation & test)
    assert splits.spec.values.features == (("a", "b") if rows == "steps" else ("feature_1",))


def test_a_group_that_changes_within_a_sample_is_told(load_parquet):
    steps = [(n, float(step), LABELS[n], "ab"[step % 2]) for n in range(100) for step in range(4)]
    with pytest.raises(DataError, match="patient changes within the sample"):
        load_parquet(pd.DataFrame(steps, columns=["sample", "a", "y", "patient"]), sample="sample")


@pytest.fixture
def load_parquet(tmp_path, locations):
    def load_parquet(frame, **fields):
        frame.to_parquet(tmp_path / "s.parquet")
        keep = {"keep_together": "patient"}
        return Sequences(path=tmp_path / "s.parquet", labels="y", splits=keep, **fields).load(locations)

    return load_parquet


def test_a_group_is_one_however_its_name_was_typed(load):
    forms = ["Zo\u00e9", "Zoe\u0301", " Zo\u00e9 "]
    groups = [forms[n % 3] if n % 4 == 0 else f"a{n % 17}" for n in range(120)]
    splits = load(groups, ["x" if n % 2 else "y" for n in range(120)])
    meant = [unicodedata.normalize("NFC", group).strip() for group in groups]
    train, validation, test = groups_by_split(splits, meant)
    assert not (train & validation or train & test or validation & test)


def test_a_class_that_a_split_lacks_is_told(load):
    """Where all samples of a class are of two authors, one split has none of it."""
    groups = [f"a{n % 2}" if n < 20 else f"b{n % 12}" for n in range(120)]
    splits = load(groups, ["x"] * 20 + ["y"] * 100)
    lacking = [
        name for name, part in zip(("train", "validation", "test"), parts(splits), strict=True) if 0 not in part.targets
    ]
    assert lacking
    for name in lacking:
        assert f"keep_together leaves {name} without a sample of x" in " ".join(splits.warnings)
