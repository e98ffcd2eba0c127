"""Samples of numbers from Parquet files: a row a step, and a row a sample."""

import numpy as np
import pandas as pd
import pytest

from seqrun.components.targets import ClassTarget, TagTarget
from seqrun.config.experiment import load_experiment
from seqrun.datasets.samples.parquet import Columns, read_new, read_samples
from seqrun.datasets.samples.sequences import Sequences
from seqrun.datasets.shared.layout import Layout
from seqrun.errors import DataError

LENGTHS = np.random.default_rng(0).integers(3, 7, 24)
SAMPLES = [np.random.default_rng(i).normal(size=(length, 2)) for i, length in enumerate(LENGTHS)]
LABELS = np.array(["a", "b"] * 12)
TAGS = [np.where(sample[:, 0] > 0, "up", "down") for sample in SAMPLES]


@pytest.fixture
def steps():
    """A row a step."""
    frame = pd.DataFrame(np.concatenate(SAMPLES), columns=["u", "v"])
    frame["id"] = np.repeat([f"s{i}" for i in range(24)], LENGTHS)
    frame["when"] = np.concatenate([pd.date_range("2024-01-01", periods=n, freq="h") for n in LENGTHS])
    frame["label"] = np.repeat(LABELS, LENGTHS)
    frame["tag"] = np.concatenate(TAGS)
    return frame


@pytest.fixture
def lists():
    """A row a sample."""
    columns = {name: [sample[:, i].tolist() for sample in SAMPLES] for i, name in enumerate(("u", "v"))}
    return pd.DataFrame({**columns, "label": LABELS, "tag": [tags.tolist() for tags in TAGS]})


@pytest.fixture
def load(load_table):
    return load_table


def assert_holds_samples(splits):
    for split in (splits.train, splits.validation, splits.test):
        for row, target, number in zip(split.inputs, split.targets, split.index, strict=True):
            length = LENGTHS[number]
            np.testing.assert_array_equal(row[:length], SAMPLES[number].astype(np.float32))
            if isinstance(splits.spec.target, ClassTarget):
                assert splits.spec.target.classes[target] == LABELS[number]
            if isinstance(splits.spec.target, TagTarget):
                assert [splits.spec.target.tags[tag] for tag in target[:length]] == TAGS[number].tolist()


COMMON = {"features": ["u", "v"], "scaler": "none"}


@pytest.mark.parametrize("labels", [{}, {"labels": "label"}, {"labels": "tag", "label_each": "step"}])
def test_both_layouts_hold_the_samples(load, steps, lists, labels):
    assert_holds_samples(load(steps, sample="id", **COMMON, **labels))
    assert_holds_samples(load(lists, **COMMON, **labels))


# --- a row a sample of plain numbers


@pytest.fixture
def wide():
    """A row a sample, a column a step."""
    numbers = pd.DataFrame(np.random.default_rng(0).normal(size=(24, 12)), columns=[f"s{i}" for i in range(12)])
    return numbers.assign(label=LABELS)


def assert_holds_rows(splits, numbers):
    assert splits.spec.input_shape == (numbers.shape[1], 1)
    for split in (splits.train, splits.validation, splits.test):
        np.testing.assert_array_equal(split.inputs[..., 0], numbers[split.index].astype(np.float32))


def test_numbered_columns_are_the_steps_of_a_sample_in_the_order_of_their_numbers(load, wide):
    numbers = wide.drop(columns="label").to_numpy()
    splits = load(wide, labels="label", scaler="none")
    assert_holds_rows(splits, numbers)
    assert splits.spec.target == ClassTarget(("a", "b"))
    assert_holds_rows(load(wide[sorted(wide)], labels="label", scaler="none"), numbers)  # s0, s1, s10, s11, s2


def test_other_columns_are_steps_where_the_config_says_that_a_row_is_a_sample(load, wide):
    named = wide.rename(columns={"s3": "noon", "s4": "dusk"}).assign(height=1.8)
    with pytest.raises(
        DataError, match=r"dataset\.sample must name the column(.|\n)*sample: null(.|\n)*s2, noon, dusk"
    ):
        load(named, labels="label")
    everything = load(named, labels="label", sample=None, scaler="none")
    assert_holds_rows(everything, named.drop(columns="label").to_numpy())
    some = ["dusk", "noon", "s2"]
    assert_holds_rows(load(named, features=some, sample=None, scaler="none"), named[some].to_numpy())


def test_new_samples_are_read_like_those_of_the_run(load, wide, tmp_path):
    features = load(wide, labels="label").spec.values.features
    for name, frame in (("bare", wide.drop(columns="label")), ("turned", wide[sorted(wide)])):
        frame.to_parquet(tmp_path / f"{name}.parquet")
        columns = Sequences(path="file.parquet", labels="label").columns()
        values = read_new(tmp_path / f"{name}.parquet", columns, features, Layout())[0].values.values
        np.testing.assert_array_equal(values.reshape(24, 12), wide.drop(columns="label").to_numpy())


def test_samples_of_plain_numbers_end_where_the_rest_is_empty(load, wide):
    numbers = wide.drop(columns="label")
    numbers.iloc[1::2, 9:] = np.nan
    splits = load(numbers, max_len=12)
    assert splits.spec.values.padded
    with pytest.raises(DataError, match=r"row 2: a value is missing .* \(step 9\)"):
        load(numbers.assign(s11=1.0))


CONFIG = """
dataset: {name: sequences, path: file.parquet, labels: label, features: %s, max_len: 3}
architecture: {name: conv1d, filters: 4, kernel_size: 3}
trainer: classifier
"""


@pytest.mark.parametrize(("layout", "features"), [("lists", "[u, v]"), ("wide", "null")])
def test_a_config_for_a_row_a_sample_is_valid_and_loads(layout, features, tmp_path, locations, request):
    request.getfixturevalue(layout).to_parquet(tmp_path / "file.parquet")
    (tmp_path / "config.yaml").write_text(CONFIG % features)
    splits = load_experiment(tmp_path / "config.yaml").dataset.load(locations)
    assert splits.spec.input_shape == (3, 2 if layout == "lists" else 1)
    assert splits.spec.target == ClassTarget(("a", "b"))


# --- a row a step, a row a sample of lists


def test_without_features_all_columns_that_are_nothing_else_are_taken(load, lists):
    splits = load(lists.drop(columns="tag"), labels="label")
    assert splits.spec.values.features == ("u", "v")


def test_times_order_the_steps_of_a_sample(load, steps):
    ends = steps.groupby("id", sort=False).tail(1)  # the order in which samples begin stays, their steps turn round
    turned = pd.concat([steps.drop(ends.index).iloc[::-1], ends]).sort_values(
        "id", key=lambda ids: ids.str[1:].astype(int), kind="stable"
    )
    assert_holds_samples(load(turned, sample="id", time="when", labels="label", **COMMON))


def test_samples_may_be_interleaved(load, steps):
    assert_holds_samples(load(steps.sort_values("when", kind="stable"), sample="id", labels="label", **COMMON))


def with_cell(frame, row, column, value):
    frame = frame.copy()
    frame[column] = frame[column].astype(object)
    frame.at[row, column] = value
    return frame.infer_objects()


STEP_FAULTS = {
    "an empty number": (lambda f: with_cell(f, 1, "u", np.nan), {}, r"id 's0': a value is missing .* \(step 1\)"),
    "text": (lambda f: f.assign(u="x"), {}, r"u holds str, not numbers"),
    "no sample": (
        lambda f: with_cell(f, 4, "id", None),
        {},
        r"1 row cannot be used:\n  row 5: no id\nmend .*bad_rows: skip",
    ),
    "no such column": (lambda f: f, {"features": ["u", "w"]}, r"no column 'w'; there are u, v, id"),
    "a label that changes": (
        lambda f: with_cell(f, 1, "label", "b"),
        {"labels": "label"},
        r"id 's0': the label changes within the sample.*label_each: step.* \(step 1\)",
    ),
    "a label missing": (lambda f: with_cell(f, 1, "tag", None), {"labels": "tag", "label_each": "step"}, "no label"),
    "times that are text": (lambda f: f.assign(when="noon"), {"time": "when"}, "times that order steps are numbers"),
    "times twice": (
        lambda f: with_cell(f, 1, "when", f["when"][0]),
        {"time": "when"},
        r"id 's0': when: two steps at the same time, 2024-01-01 00:00:00",
    ),
    "a time missing": (
        lambda f: with_cell(f, 2, "when", pd.NaT),
        {"time": "when"},
        r"id 's0': when is empty \(row 3\)",
    ),
}


@pytest.mark.parametrize(("change", "fields", "message"), STEP_FAULTS.values(), ids=STEP_FAULTS)
def test_steps_that_cannot_be_used_are_told(load, steps, change, fields, message):
    with pytest.raises(DataError, match=rf"file\.parquet: (.|\n)*{message}"):
        load(change(steps), **{"sample": "id", **COMMON, **fields})


LIST_FAULTS = {
    "lists of unequal length": (
        lambda f: with_cell(f, 3, "u", [1.0]),
        {},
        r"row 4: .*unequal length: u 1, v \d",
    ),
    "no list": (lambda f: with_cell(f, 3, "v", None), {}, "row 4: v holds no list of numbers"),
    "an empty list": (lambda f: with_cell(with_cell(f, 0, "u", []), 0, "v", []), {}, "row 1: no step"),
    "a number missing": (
        lambda f: with_cell(f, 5, "u", [None, *SAMPLES[5][1:, 0]]),
        {},
        r"row 6: a value is missing .* \(step 0\)",
    ),
    "numbers, not lists": (lambda f: f.assign(u=1.0), {}, r"u holds float64, not lists; .*dataset\.sample must name"),
    "a list of text": (lambda f: f.assign(u=f["tag"]), {}, "row 1: u holds no list of numbers"),
    "tags too few": (
        lambda f: with_cell(f, 7, "tag", ["up"]),
        {"labels": "tag", "label_each": "step"},
        r"row 8: \d steps, but labels of shape \(1,\)",
    ),
}


@pytest.mark.parametrize(("change", "fields", "message"), LIST_FAULTS.values(), ids=LIST_FAULTS)
def test_lists_that_cannot_be_used_are_told(load, lists, change, fields, message):
    with pytest.raises(DataError, match=rf"file\.parquet: (.|\n)*{message}"):
        load(change(lists), **COMMON, **fields)


def test_a_file_without_rows_is_an_error(load, steps):
    with pytest.raises(DataError, match="holds no row"):
        load(steps.iloc[:0], sample="id")


def test_a_file_with_nothing_to_learn_from_is_an_error(load, steps):
    with pytest.raises(DataError, match="no column left to learn from"):
        load(steps[["id", "label"]], sample="id", labels="label")


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        ([7, 42, 100], ["7", "42", "100"]),
        ([1.0, 2.5, 3.0], ["1", "2.5", "3"]),
        (["007", "1e3", "NA"], ["007", "1e3", "NA"]),
        ([True, False, True], ["true", "false"]),
    ],
)
def test_ids_of_samples_are_text(tmp_path, ids, names):
    pd.DataFrame({"id": np.repeat(ids, 2), "u": np.arange(6.0)}).to_parquet(tmp_path / "s.parquet")
    raw, _ = read_samples(tmp_path / "s.parquet", Columns(sample="id"), Layout())
    assert raw.ids.tolist() == names
