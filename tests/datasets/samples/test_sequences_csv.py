"""Samples of numbers from CSV and TSV files, as people have them."""

import gzip
import unicodedata

import numpy as np
import pandas as pd
import pytest

from seqrun.components.locations import Locations
from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import DataError

RNG = np.random.default_rng(0)
IDS = ["007", "7", "1e3", "NA", *(f"s{number}" for number in range(20))]


@pytest.fixture
def load(tmp_path, told):
    def load(content, name="s.csv", **fields):
        (tmp_path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
        dataset = Sequences(path=tmp_path / name, **fields)
        return dataset.load(Locations(None, lambda event: told.append(event.line())))

    return load


def steps():
    """A table of a row a step, in no order: ids, times, two features and a label that differs by sample."""
    rows = [(name, step, RNG.normal(), 1000.0 + step, "ab"[i % 2]) for i, name in enumerate(IDS) for step in range(5)]
    frame = pd.DataFrame(rows, columns=["id", "t", "x", "y", "label"])
    return frame.iloc[RNG.permutation(len(frame))]


FIELDS = {"sample": "id", "time": "t", "labels": "label"}


def original(splits):
    """Each split's values in original units."""
    offset, scale = (np.array(part) for part in (splits.spec.values.offset, splits.spec.values.scale))
    return {
        int(number): sample * scale + offset
        for split in (splits.train, splits.validation, splits.test)
        for number, sample in zip(split.index, split.inputs, strict=True)
    }


@pytest.mark.parametrize("name", ["s.csv", "s.tsv", "s.csv.gz"])
def test_a_row_a_step(load, told, name):
    frame = steps()
    content = frame.to_csv(index=False, sep="\t" if ".tsv" in name else ",").encode()
    splits = load(gzip.compress(content) if name.endswith(".gz") else content, name, **FIELDS)
    assert splits.spec.target.classes == ("a", "b")
    assert told[-1].endswith("120 rows read, 24 samples")
    for number, found in original(splits).items():
        wanted = frame[frame["id"] == frame["id"].unique()[number]].sort_values("t")
        np.testing.assert_allclose(found, wanted[["x", "y"]], atol=1e-3)


def test_settings_of_the_file(load, told):
    frame = steps()
    frame["y"] = frame["y"].map(lambda value: f"{value:,.1f}".translate(str.maketrans(",.", ".,")))
    content = "made by\n" + frame.to_csv(index=False, sep=";", decimal=",").replace("\n", "\n;;m;s;\n", 1) + "# end\n"
    settings = {"delimiter": ";", "decimal": ",", "thousands": ".", "skip_rows": [1, 3], "comment": "#"}
    splits = load(content, **FIELDS, **settings)
    assert {value for found in original(splits).values() for value in found[:, 1].round(1)} == {
        1000,
        1001,
        1002,
        1003,
        1004,
    }
    assert told[-1].endswith("24 samples; 2 skipped lines left out (lines 1, 3); 1 comment left out (line 124)")
    with pytest.raises(DataError, match=r"dataset\.decimal: ','"):
        load(content, **FIELDS, **settings | {"decimal": ".", "thousands": None})


def test_bad_rows_can_be_left_out(load):
    frame = steps().sort_values(["id", "t"]).astype({"x": object})
    frame.iloc[3, 2] = "many"
    content = frame.to_csv(index=False) + "7,1\n"
    with pytest.raises(DataError, match=r"1 row cannot be used:\n  line 122: 2 fields"):
        load(content, **FIELDS)
    splits = load(content, **FIELDS, bad_rows="skip")
    assert len(original(splits)) == 24
    assert [warning.partition(": ")[2].splitlines()[0] for warning in splits.warnings[:2]] == [
        "1 row left out (bad_rows: skip):",
        "1 row left out for cells without a number (bad_rows: skip):",
    ]


def test_a_row_a_sample_with_numbers_to_predict(load):
    wide = pd.DataFrame(RNG.normal(size=(30, 4)), columns=["s0", "s1", "s2", "s3"]).assign(price=range(30))
    splits = load(wide.to_csv(index=False), targets="price")
    assert splits.spec.input_shape == (4, 1)
    assert sorted(splits.train.targets[:, 0]) == sorted(splits.train.index)


def test_new_samples_are_read_like_the_runs_own(load, tmp_path):
    frame = steps()
    splits = load(frame.to_csv(index=False, sep=";"), **FIELDS, delimiter=";")
    dataset = Sequences(path=tmp_path / "s.csv", **FIELDS, delimiter=";")
    new = tmp_path / "new.csv"
    frame.drop(columns="label").to_csv(new, index=False, sep=";")
    found = dataset.reader(splits.spec, splits.artifacts).read(new)
    assert found.ids.values.tolist() == frame["id"].unique().tolist()
    own = {**dict(zip(splits.train.index.tolist(), splits.train.inputs, strict=True))}
    for number, inputs in own.items():
        np.testing.assert_allclose(found.inputs[number], inputs, rtol=1e-6)
    assert (
        list(found.own_of_steps["x"][:5])
        == frame[frame["id"] == frame["id"].iloc[0]].sort_values("t")["x"].astype(str).tolist()
    )


def test_all_columns_that_are_not_there_are_told_at_once(load):
    content = steps().to_csv(index=False)
    with pytest.raises(DataError) as error:
        load(content, **FIELDS | {"sample": "ident"}, features=["x", "z"])
    assert "no column 'ident'" in str(error.value) and "no column 'z'" in str(error.value)
    with pytest.raises(DataError, match=r"dataset.delimiter: ';'"):
        load(content.replace(",", ";"), **FIELDS, features=["x", "y"])


def test_rows_with_empty_cells_can_be_left_out(load):
    table = steps()
    rows = [line.split(",") for line in table.to_csv(index=False).splitlines()]
    rows[7][2], rows[9][0] = "", ""
    content = "\n".join(map(",".join, rows))
    with pytest.raises(DataError):
        load(content, **FIELDS)
    splits = load(content, **FIELDS, bad_rows="skip")
    assert "2 rows left out (bad_rows: skip):\n  line 8: no x\n  line 10: no id" in splits.warnings[0]
    read = np.concatenate([sample[:, 0] for sample in original(splits).values()])
    nearest = np.abs(read[:, None] - table["x"].to_numpy()).min(axis=0)  # (rows,)
    assert [*np.flatnonzero(nearest > 1e-5)] == [6, 8]


def test_a_sample_is_of_one_label_however_it_is_written(load):
    frame = steps().reset_index(drop=True)
    frame["label"] = [
        label + " " * (row % 3 == 0) for row, label in enumerate(frame["label"].replace("b", "caf\u00e9"))
    ]
    frame.loc[::2, "label"] = frame["label"].str.replace("\u00e9", "e\u0301")
    splits = load(frame.to_csv(index=False), **FIELDS)
    assert splits.spec.target.classes == ("a", "caf\u00e9")
    first = frame.drop_duplicates("id")["label"].str.startswith("c")  # in the order of the samples
    for split in (splits.train, splits.validation, splits.test):
        assert split.targets.tolist() == first.iloc[split.index].astype(int).tolist()
    meant = unicodedata.normalize("NFC", frame.loc[0, "label"].strip())
    frame.loc[0, "label"] = "A"
    with pytest.raises(DataError, match=r"1 sample cannot be used:\n.*the label changes within the sample"):
        load(frame.to_csv(index=False), **FIELDS)
    merged = {**FIELDS, "labels": {"names": "label", "merge": {"A": meant}}}
    again = load(frame.to_csv(index=False), **merged)
    assert again.train.targets.tolist() == splits.train.targets.tolist()
