"""Samples that cannot be used: with `bad_rows: skip` a file gives what it would without them; else all are told."""

import re

import numpy as np
import pandas as pd
import pytest

from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import ClassTarget
from seqrun.datasets.samples.columns import Columns
from seqrun.datasets.samples.reader import SequencesReader
from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import DataError, InputError

RNG = np.random.default_rng(0)
COUNT = 40
X = RNG.normal(size=(COUNT, 5, 2))


def objects(items):
    array = np.empty(len(items), object)
    for number, item in enumerate(items):
        array[number] = item
    return array


def changed(array, place, value):
    array = array.copy()
    array[place] = value
    return array


def assert_same(found, wanted, kept):
    """The splits hold what those of the `kept` samples alone do, with the samples' own numbers."""
    assert found.spec == wanted.spec
    for name in ("train", "validation", "test"):
        one, other = getattr(found, name), getattr(wanted, name)
        np.testing.assert_array_equal(one.inputs, other.inputs)
        np.testing.assert_array_equal(one.targets, other.targets)
        np.testing.assert_array_equal(one.index, np.array(kept)[other.index])


@pytest.fixture
def load(tmp_path, locations):
    """load(arrays or frame, name, ...): the splits of a file that holds them."""

    def load(content, name="file.npz", **fields):
        path = tmp_path / name
        if name.endswith(".npz"):
            np.savez(path, **content)
        elif name.endswith(".parquet"):
            content.to_parquet(path, index=False)
        else:
            path.write_text(content if isinstance(content, str) else content.to_csv(index=False))
        return Sequences(path=path, **fields).load(locations)

    return load


# --- npz --------------------------------------------------------------------------------------------------------------

Y = np.array(["a", "b"] * (COUNT // 2))
TAGS = RNG.choice(["up", "down"], (COUNT, 5))
NPZ_FAULTS = {
    "a number missing": ({"x": changed(X, (3, 1, 0), np.nan)}, {}, [3]),
    "no step": ({"x": changed(X, 7, np.nan)}, {}, [7]),
    "a length too long": ({"x": X, "n": changed(np.full(COUNT, 4), [2, 9], [0, 6])}, {"lengths": "n"}, [2, 9]),
    "another width": ({"x": objects([np.zeros((2, 3)), *X[1:]])}, {}, [0]),
    "no array": ({"x": objects([*X[:-1], None])}, {}, [COUNT - 1]),
    "no label": ({"x": X, "y": objects([None, "a", *Y[2:]])}, {"labels": "y"}, [0]),
    "a label that is none": ({"x": X, "y": objects([*Y[:-1], ["a"]])}, {"labels": "y"}, [COUNT - 1]),
    "no number": ({"x": X, "y": changed(RNG.normal(size=COUNT), 5, np.inf)}, {"targets": "y"}, [5]),
    "no yes or no": ({"x": X, "y": changed(RNG.integers(0, 2, (COUNT, 3)), (4, 1), 2)}, {"labels": "y"}, [4]),
    "a tag missing": ({"x": X, "y": changed(TAGS, (6, 2), "")}, {"labels": "y", "label_each": "step"}, [6]),
    "tags too few": ({"x": X, "y": objects([["up"], *TAGS[1:]])}, {"labels": "y", "label_each": "step"}, [0]),
    "a tag that is none": (
        {"x": X, "y": objects([*TAGS[:-1], ["up", ["up"], "up", "up", "up"]])},
        {"labels": "y", "label_each": "step"},
        [COUNT - 1],
    ),
    "no group": (
        {"x": X, "g": objects([None, *RNG.choice(["p", "q", "r", "s", "t"], COUNT - 1)])},
        {"splits": {"keep_together": "g"}},
        [0],
    ),
    "padding": ({"x": changed(X, (8, 2), PADDING)}, {"scaler": "none"}, [8]),
    "of several kinds": (
        {"x": changed(X, (11, 0, 0), np.inf), "y": objects([*Y[:-2], " ", 0.5])},
        {"labels": "y"},
        [11, COUNT - 2, COUNT - 1],
    ),
}


@pytest.mark.parametrize(("arrays", "fields", "bad"), NPZ_FAULTS.values(), ids=NPZ_FAULTS)
def test_samples_of_an_npz_file_can_be_left_out(load, arrays, fields, bad):
    kept = [number for number in range(COUNT) if number not in bad]
    with pytest.raises(DataError, match=rf"{len(bad)} samples? cannot be used:[\s\S]*\nmend them, or .*bad_rows: skip"):
        load(arrays, **fields)
    found = load(arrays, **fields, bad_rows="skip")
    assert (
        found.warnings[0].partition(": ")[2].startswith(f"{len(bad)} sample{'s' * (len(bad) > 1)} left out (bad_rows")
    )
    assert [int(place) for place in re.findall(r"\n  x\[(\d+)\]: ", found.warnings[0])] == bad
    assert_same(found, load({name: array[kept] for name, array in arrays.items()}, **fields), kept)


def test_the_files_own_splits_keep_their_other_samples(load):
    arrays = {
        "x_train": changed(X[:25], (3, 0), np.nan),
        "x_validation": X[25:33],
        "x_test": changed(X[33:], 0, np.nan),
    }
    arrays |= {"y_train": Y[:25], "y_validation": objects([None, *Y[26:33]]), "y_test": Y[33:]}
    found = load(arrays, labels="y", bad_rows="skip")
    assert found.train.index.tolist() == [number for number in range(25) if number != 3]
    assert found.validation.index.tolist() == [*range(1, 8)] and found.test.index.tolist() == [*range(1, 7)]
    wanted = load({name: array[found_in.index] for name, array, found_in in _with_splits(arrays, found)}, labels="y")
    for name in ("train", "validation", "test"):
        np.testing.assert_array_equal(getattr(found, name).inputs, getattr(wanted, name).inputs)
    assert found.warnings[0].endswith(
        "3 samples left out (bad_rows: skip):\n  x_train[3]: a value is missing (NaN) or infinite (step 0)"
        "\n  x_validation[0]: no label\n  x_test[0]: no step"
    )


def _with_splits(arrays, splits):
    return [(name, array, getattr(splits, name.partition("_")[2])) for name, array in arrays.items()]


def test_a_split_of_which_no_sample_is_left_is_an_error(load):
    arrays = {"x_train": X[:30], "x_test": np.full_like(X[30:], np.inf)}
    with pytest.raises(DataError, match=r"one of the file's splits has no sample .*\n  x_test\[0\]: "):
        load(arrays, bad_rows="skip")
    with pytest.raises(DataError, match="40 samples cannot be used"):
        load({"x": np.full_like(X, np.inf)}, bad_rows="skip")


def test_each_kind_is_told_with_its_first_samples_and_where_the_others_are(load):
    arrays = {"x": changed(X, (slice(2, 30), 1, 1), np.nan), "y": changed(Y, 31, "")}
    with pytest.raises(DataError) as error:
        load(arrays, labels="y")
    lines = str(error.value).splitlines()
    assert lines[0].endswith("29 samples cannot be used:") and lines[10].startswith("  x[11]: a value is missing")
    assert lines[11:13] == ["  and 18 more: x[12-29]", "  x[31]: no label"]


@pytest.mark.parametrize("seed", range(30))
def test_samples_with_random_defects_might_as_well_not_be_there(load, seed):
    random = np.random.default_rng(seed)
    lengths = random.integers(2, 7, COUNT)
    samples = [random.normal(size=(length, 3)) for length in lengths]
    labels = [str(label) for label in random.choice(["a", "b"], COUNT)]
    whole = objects(samples), objects(labels)
    bad = sorted(random.choice(COUNT, 6, replace=False).tolist())
    for number in bad:
        samples[number] = [
            None,
            "text",
            np.zeros((0, 3)),
            np.ones((2, 2)),
            samples[number] * np.inf,
            [[1.0], [1.0, 2.0]],
        ][random.integers(6)]
    unlabelled = sorted({*range(COUNT)} - {*bad})[: random.integers(3)]
    for number in unlabelled:
        labels[number] = [None, " ", float("nan"), 0.5][random.integers(4)]
    kept = [number for number in range(COUNT) if number not in (*bad, *unlabelled)]
    fields = {"labels": "y", "scaler": str(random.choice(["standard", "minmax", "none"]))}
    found = load({"x": objects(samples), "y": objects(labels)}, **fields, bad_rows="skip")
    assert_same(found, load({"x": whole[0][kept], "y": whole[1][kept]}, **fields), kept)


# --- labels as bytes --------------------------------------------------------------------------------------------------


def test_bytes_are_labels_and_groups(load):
    named = np.array(["é", "b"])[np.arange(COUNT) % 2]
    groups = np.array([f"g{number // 4}" for number in range(COUNT)])
    fields = {"labels": "y", "splits": {"keep_together": "g"}}
    wanted = load({"x": X, "y": named, "g": groups}, **fields)
    for encoding in ("utf-8", "cp1252"):
        arrays = {"x": X, "y": np.char.encode(named, encoding), "g": np.char.encode(groups, encoding)}
        assert_same(load(arrays, **fields, encoding=encoding), wanted, range(COUNT))
    assert wanted.spec.target.classes == ("b", "é")


def test_bytes_are_labels_of_steps(load):
    fields = {"labels": "y", "label_each": "step"}
    wanted = load({"x": X, "y": TAGS}, **fields)
    for tags in (TAGS.astype("S4"), objects([*TAGS.astype("S4")])):
        assert_same(load({"x": X, "y": tags}, **fields), wanted, range(COUNT))


def test_bytes_that_are_no_text_are_told_with_the_encoding(load):
    labels = changed(Y.astype("S2"), 5, "é".encode("cp1252"))
    with pytest.raises(DataError, match=r"x\[5\]: undecodable bytes \(0xe9\), which dataset.encoding: cp1252 would"):
        load({"x": X, "y": labels}, labels="y")
    assert len(load({"x": X, "y": labels}, labels="y", bad_rows="skip").train.inputs) == 23


# --- tables -----------------------------------------------------------------------------------------------------------


def steps():
    """A row a step, three a sample."""
    number = np.repeat(np.arange(COUNT), 3)
    columns = {"id": [f"k{n}" for n in number], "at": np.arange(len(number)) % 3, "u": RNG.normal(size=len(number))}
    return pd.DataFrame({**columns, "kind": np.array(["a", "b"])[number % 2], "who": [f"p{n % 8}" for n in number]})


STEP_FAULTS = {
    "a number missing": {"u": {4: np.nan}},
    "a time missing": {"at": {5: np.nan}},
    "a time twice": {"at": {4: 0}},
    "labels that differ": {"kind": {3: "c"}},
    "a label missing": {"kind": {4: None}},
    "groups that differ": {"who": {5: "p0"}},
    "no group": {"who": {3: None, 4: None, 5: None}},
}


@pytest.mark.parametrize("cells", STEP_FAULTS.values(), ids=STEP_FAULTS)
def test_samples_of_a_table_of_steps_can_be_left_out(load, cells):
    whole = steps()
    frame = whole.astype({"at": float})
    for column, values in cells.items():
        for row, value in values.items():
            frame.loc[row, column] = value
    fields = {"sample": "id", "time": "at", "labels": "kind", "splits": {"keep_together": "who"}}
    with pytest.raises(DataError, match="1 sample cannot be used:\n  id 'k1': "):
        load(frame, "file.parquet", **fields)
    found = load(frame, "file.parquet", **fields, bad_rows="skip")
    assert "1 sample left out (bad_rows: skip):\n  id 'k1': " in found.warnings[0]
    wanted = load(whole.drop(index=[3, 4, 5]), "file.parquet", **fields)
    assert_same(found, wanted, [number for number in range(COUNT) if number != 1])


def test_rows_of_no_sample_can_be_left_out(load):
    whole = steps().drop(columns="who")
    frame = pd.concat([whole, whole.iloc[:2].assign(id=None)])
    found = load(frame, "file.parquet", sample="id", labels="kind", bad_rows="skip")
    assert found.warnings[0].endswith("2 rows left out (bad_rows: skip):\n  row 121: no id\n  row 122: no id")
    assert_same(found, load(whole, "file.parquet", sample="id", labels="kind"), range(COUNT))


LISTS = {
    "no list": {"u": {3: None}},
    "no step": {"u": {3: []}, "v": {3: []}},
    "a number missing": {"u": {3: [1.0, None]}},
    "unequal lists": {"v": {3: [1.0, 2.0, 3.0]}},
    "no label": {"kind": {3: None}},
}


@pytest.mark.parametrize("cells", LISTS.values(), ids=LISTS)
def test_samples_of_a_table_of_lists_can_be_left_out(load, cells):
    lists = [RNG.normal(size=2).tolist() for _ in range(2 * COUNT)]
    whole = pd.DataFrame({"u": lists[:COUNT], "v": lists[COUNT:], "kind": ["a", "b"] * (COUNT // 2)})
    frame = whole.astype(object)
    for column, values in cells.items():
        for row, value in values.items():
            frame.at[row, column] = value
    found = load(frame, "file.parquet", labels="kind", bad_rows="skip")
    assert "1 sample left out (bad_rows: skip):\n  row 4: " in found.warnings[0]
    kept = [number for number in range(COUNT) if number != 3]
    assert_same(found, load(whole.drop(index=3), "file.parquet", labels="kind"), kept)


def lines():
    """A row a sample, of three steps and a label, as text."""
    rows = [f"{a:.3f},{b:.3f},{c:.3f},{'ab'[n % 2]}" for n, (a, b, c) in enumerate(RNG.normal(size=(COUNT, 3)))]
    return ["s0,s1,s2,kind", *rows]


FAULTY_LINES = {3: "1,2,a", 5: "1,x,3,b", 7: "1,2,3,", 9: "1,,3,b"}


def test_samples_without_a_label_can_be_left_out_of_csv_files_with_rows_that_cannot_be_read(load):
    whole = lines()
    rows = [FAULTY_LINES.get(number, line) for number, line in enumerate(whole)]
    found = load("\n".join(rows), "file.csv", labels="kind", bad_rows="skip")
    assert [warning.partition(": ")[2].splitlines()[1:] for warning in found.warnings[:3]] == [
        ["  line 4: 3 fields, where the header has 4"],
        ["  line 6, s1: 'x'"],
        ["  line 8: no label", "  line 10: a value is missing (NaN) or infinite (step 1)"],
    ]
    kept = [number for number in range(COUNT) if number + 1 not in FAULTY_LINES]
    left = [line for number, line in enumerate(whole) if number not in FAULTY_LINES]
    assert_same(found, load("\n".join(left), "file.csv", labels="kind"), kept)


def test_all_that_is_wrong_with_a_csv_file_is_told_at_once(load):
    rows = [FAULTY_LINES.get(number, line) for number, line in enumerate(lines())]
    with pytest.raises(DataError) as error:
        load("\n".join(rows), "file.csv", labels="kind")
    told = str(error.value).splitlines()
    heads = [line.partition("file.csv: ")[2] for line in told if "file.csv: " in line]
    assert heads == ["1 row cannot be used:", "1 cell of number columns without a number:", "2 samples cannot be used:"]
    places = [re.match(r"  line (\d+)", line)[1] for line in told if line.startswith("  line")]
    assert places == ["4", "6", "8", "10"]


def test_all_that_is_wrong_with_the_steps_of_a_csv_file_is_told_at_once(load):
    rows = steps().drop(columns="who").to_csv(index=False).splitlines()
    rows[1], rows[4], rows[8], rows[11], rows[14] = "k0,0", "k1,0,many,b", ",1,2,a", "k3,soon,2,b", "k4,1,2,"
    with pytest.raises(DataError) as error:
        load("\n".join(rows), "file.csv", sample="id", time="at", labels="kind")
    places = re.findall(r"\n  (.*?)(?=: |, u)", str(error.value))
    assert places == ["line 2", "line 5", "line 9", "line 12", "id 'k4'"]


def test_what_a_config_names_wrongly_is_told_with_the_rows_that_cannot_be_read(load):
    with pytest.raises(DataError, match=r"line 4: 3 fields[\s\S]*no column 'kid'"):
        load("\n".join(FAULTY_LINES.get(n, line) for n, line in enumerate(lines())), "file.csv", labels="kid")


# --- new samples ------------------------------------------------------------------------------------------------------


@pytest.fixture
def reader():
    """A reader of samples of three steps of one feature, which are not scaled."""

    def reader(names=("feature_1",), lengths=None, **columns):
        spec = Spec((3, 1), ClassTarget(("a", "b")), values=Values(names, (0.0,), (1.0,), padded=True))
        return SequencesReader(spec, "x", lengths, Columns(**columns))

    return reader


def read(reader, path):
    """What a reader reads where samples may be left out; else they are an error that says how."""
    with pytest.raises(DataError, match=r"bad_rows: skip"):
        reader.read(path)
    return reader.written({"bad_rows": "skip"}, path).read(path)


@pytest.mark.parametrize("name", ["new.npz", "new.npy"])
def test_new_samples_of_arrays_can_be_left_out(reader, tmp_path, name):
    x = changed(np.arange(12.0).reshape(4, 3, 1), (1, 0), np.nan)
    np.savez(tmp_path / name, x=x) if name == "new.npz" else np.save(tmp_path / name, x)
    found = read(reader(), tmp_path / name)
    assert found.index.tolist() == [0, 2, 3]
    np.testing.assert_array_equal(found.inputs, x[[0, 2, 3]])
    (told,) = found.warnings
    assert told.endswith(
        f"{name}: 1 sample left out (bad_rows: skip):\n  {name}[1]: a value is missing (NaN) or infinite (step 0)"
    )


def test_new_samples_of_impossible_lengths_can_be_left_out(reader, tmp_path):
    x = np.arange(12.0).reshape(4, 3)
    np.savez(tmp_path / "new.npz", x=x, n=[3, 0, 4, 2])
    found = read(reader(lengths="n"), tmp_path / "new.npz")
    assert found.index.tolist() == [0, 3]
    np.testing.assert_array_equal(found.inputs[..., 0], [x[0], [*x[3, :2], PADDING]])


def test_new_samples_that_are_too_long_can_be_left_out_of_a_table_whose_other_columns_stay(reader, tmp_path):
    table = pd.DataFrame({"u": [[1.0], [1.0, 2.0, 3.0, 4.0], None, [5.0, 6.0]], "who": ["007", "b", "c", "1e3"]})
    table.to_parquet(tmp_path / "new.parquet")
    found = read(reader(("u",), features=("u",)), tmp_path / "new.parquet")
    assert found.index.tolist() == [0, 3] and found.own == {"u": [[1.0], [5.0, 6.0]], "who": ["007", "1e3"]}
    assert "row 2: 4 steps, where the network reads up to 3\n  row 3: u holds no list" in found.warnings[0]


def test_new_steps_of_samples_that_are_left_out_are_not_among_the_others(reader, tmp_path):
    table = {"id": ["p", "p", "q", None, "r"], "u": [1.0, 2.0, np.nan, 3.0, 4.0], "note": [*"abcde"]}
    pd.DataFrame(table).to_parquet(tmp_path / "new.parquet")
    found = read(reader(("u",), sample="id", features=("u",)), tmp_path / "new.parquet")
    assert found.ids.cells == ["p", "r"] and found.index.tolist() == [0, 2]
    assert found.own_of_steps == {"id": ["p", "p", "r"], "u": [1.0, 2.0, 4.0], "note": ["a", "b", "e"]}


def test_new_rows_of_a_csv_file_keep_their_numbers(reader, tmp_path):
    (tmp_path / "new.csv").write_text("s0,s1,s2,who\n1,2,3,a\n1,2\n1,,3,b\nx,2,3,c\n4,5,6,d\n")
    found = read(reader(features=("s0", "s1", "s2")), tmp_path / "new.csv")
    assert found.index.tolist() == [0, 4] and found.own["who"] == ("a", "d")
    np.testing.assert_array_equal(found.inputs[..., 0], [[1, 2, 3], [4, 5, 6]])


def test_other_settings_of_text_have_no_meaning_for_arrays(reader, tmp_path):
    with pytest.raises(InputError, match="decimal"):
        reader().written({"bad_rows": "skip", "decimal": ","}, tmp_path / "new.npz")
