"""Files of samples that are not what they should be, and configs that cannot work: each is told by its place."""

import json

import numpy as np
import pytest

from seqrun.config.experiment import load_experiment
from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import ConfigError, DataError

X = np.random.default_rng(0).normal(size=(12, 5, 2))
Y = np.array(["a", "b"] * 6)


def changed(array, place, value):
    array = array.copy()
    array[place] = value
    return array


def objects(samples):
    array = np.empty(len(samples), object)
    array[:] = samples
    return array


class Bomb:
    def __init__(self, flag):
        self.flag = flag

    def __reduce__(self):
        return open, (self.flag, "w")


FAULTS = {
    "a value missing": (
        {"x": changed(X, (3, 1, 0), np.nan)},
        {},
        r"^[^\n]*1 sample cannot be used:\n  x\[3\]: .*NaN",
    ),
    "an infinite one": ({"x": changed(X, (4, 4, 1), np.inf)}, {}, r"x\[4\]: .* infinite \(step 4\)"),
    "no step": ({"x": changed(X, 2, np.nan)}, {}, r"x\[2\]: no step"),
    "an empty sample": ({"x": objects([*X, np.zeros((0, 2))])}, {}, r"x\[12\]: no step"),
    "features that differ": ({"x": objects([*X, np.zeros((4, 3))])}, {}, r"x\[12\]: 3 features, where others have 2"),
    "too many axes": ({"x": X[..., None]}, {}, r"x is \(12, 5, 2, 1\) float64; it must be numbers, \(samples, time"),
    "too few axes": ({"x": X[:, 0, 0]}, {}, "it must be numbers"),
    "text": ({"x": X.astype(str)}, {}, "it must be numbers"),
    "complex": ({"x": X.astype(complex)}, {}, "it must be numbers"),
    "text in objects": ({"x": objects([*X, np.array([["1", "2"]])])}, {}, r"x\[12\]: no numbers, but <U1"),
    "scalars in objects": ({"x": objects([1, None, "a"])}, {}, r"x\[1\]: no array of numbers"),
    "too large": (
        {"x": np.resize([1.7e308, -1.7e308], (12, 5, 1))},
        {},
        "the values of feature_1 are too large to be scaled",
    ),
    "nothing": ({"x": X[:0]}, {}, r"x is \(0, 5, 2\): it holds no number"),
    "padding": ({"x": changed(X, (5, 2), -33024)}, {"scaler": "none"}, r"x\[5\]: .* stands for padding \(step 2\)"),
    "a slip": (
        {"data": X},
        {"values": "dta"},
        r"no array 'dta' \(or dta_train .*\(did you mean data\?\); there are d",
    ),
    "no test": ({"x_train": X}, {}, "no array 'x_test' beside x_train; there are x_train"),
    "labels by another name": ({"x": X, "label": Y}, {"labels": "labels"}, r"'labels' \(did you mean label\?\)"),
    "labels of train only": (
        {"x_train": X, "x_test": X, "y_train": Y},
        {"labels": "y"},
        "no array 'y_test' beside y_train",
    ),
    "labels too few": ({"x": X, "y": Y[1:]}, {"labels": "y"}, r"y is \(11,\) <U1; the labels of x are \(12,\)"),
    "fractions": ({"x": X, "y": np.linspace(0, 1, 12)}, {"labels": "y"}, "is a fraction"),
    "no label": ({"x": X, "y": objects([None, *Y[1:]])}, {"labels": "y"}, r"x\[0\]: no label"),
    "an empty label": ({"x": X, "y": changed(Y, 7, "")}, {"labels": "y"}, r"x\[7\]: no label"),
    "lists for labels": (
        {"x": X, "y": objects([[1], [2]] * 6)},
        {"labels": "y"},
        "the label is no string, whole number or boolean",
    ),
    "one class": (
        {"x": X, "y": Y[:1].repeat(12)},
        {"labels": "y"},
        "holds one class only, 'a'; there must be two or more",
    ),
    "a rare class": ({"x": X, "y": changed(Y, 0, "c")}, {"labels": "y"}, r"fewer than 3 samples.*: 'c' \(1\)"),
    "too few samples": ({"x": X[:2]}, {}, "too few samples: with these splits there is none to train on"),
    "lengths too few": ({"x": X, "n": np.full(11, 5)}, {"lengths": "n"}, r"n is \(11,\).*\(12,\) whole numbers"),
    "lengths too long": (
        {"x": X, "n": np.full(12, 6)},
        {"lengths": "n"},
        r"12 samples cannot be used:\n  x\[0\]: n says 6, no length from 1 to 5 steps",
    ),
    "lengths of objects": ({"x": objects(list(X)), "n": np.full(12, 5)}, {"lengths": "n"}, "has no meaning"),
    "tags too short": (
        {"x": X, "t": np.ones((12, 4), int)},
        {"labels": "t", "label_each": "step"},
        r"t is \(12, 4\) int64; labels of steps are \(12, 5\), or one array a sample",
    ),
    "tags of unequal length": (
        {"x": X, "t": objects([*np.tile("ab", (11, 5)), np.array(["a"])])},
        {"labels": "t", "label_each": "step"},
        r"x\[11\]: 5 steps, but labels of shape \(1,\)",
    ),
    "a tag missing": (
        {"x": X, "t": changed(np.tile(["a", "b", "a", "b", "a"], (12, 1)), (3, 2), "")},
        {"labels": "t", "label_each": "step"},
        r"x\[3\]: no label \(step 2\)",
    ),
    "features of the halves": ({"x_train": X, "x_test": X[..., :1]}, {}, "x_test has 1 feature, but x_train has 2"),
}


@pytest.mark.parametrize(("arrays", "fields", "message"), FAULTS.values(), ids=FAULTS)
def test_what_is_wrong_with_the_samples_is_told_by_place(arrays, fields, message, tmp_path, locations):
    np.savez(tmp_path / "file.npz", **arrays)
    with pytest.raises(DataError, match=message) as caught:
        Sequences(path=tmp_path / "file.npz", **fields).load(locations)
    assert str(caught.value).count(str(tmp_path)) == 1


def test_a_pickle_is_not_run(tmp_path, locations):
    np.savez(tmp_path / "file.npz", x=objects([*X, Bomb(str(tmp_path / "flag"))]))
    with pytest.raises(DataError, match="which no array of numbers needs"):
        Sequences(path=tmp_path / "file.npz").load(locations)
    assert not (tmp_path / "flag").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04nonsense", b"x" * 1000])
@pytest.mark.parametrize("name", ["file.npz", "file.parquet"])
def test_a_file_that_is_none_is_an_error(name, content, tmp_path, locations):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match="cannot be read"):
        Sequences(path=tmp_path / name).load(locations)


def test_a_file_that_is_cut_off_is_an_error(tmp_path, locations):
    np.savez(tmp_path / "file.npz", x=X)
    whole = (tmp_path / "file.npz").read_bytes()
    (tmp_path / "file.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataError, match="cannot be read as npz"):
        Sequences(path=tmp_path / "file.npz").load(locations)


# --- config -----------------------------------------------------------------------------------------------------------

CONFIG = """
dataset: {{name: sequences, path: {path}, {fields}}}
architecture: {{name: lstm, units: 4}}
trainer: {trainer}
"""


def problems(folder, fields, trainer, path="file.npz"):
    np.savez(folder / "file.npz", x=X, y=Y)
    (folder / "config.yaml").write_text(CONFIG.format(path=path, fields=fields, trainer=trainer))
    try:
        load_experiment(folder / "config.yaml", data="if there")
    except ConfigError as error:
        return {".".join(map(str, problem.path)): problem.message for problem in error.problems}
    return {}


@pytest.mark.parametrize(
    ("fields", "trainer", "key", "message"),
    [
        ("", "classifier", "dataset.labels", "required by this trainer: the npz array"),
        ("labels: y, label_each: step", "classifier", "dataset.label_each", "step is for the tagger"),
        ("labels: y", "tagger", "dataset.label_each", "the tagger needs a label of each step"),
        ("", "tagger", "dataset.labels", "required by this trainer"),
        ("labels: yy", "classifier", "dataset.labels", "file.npz: no array 'yy'"),
        ("labels: y, values: z", "classifier", "dataset.values", "file.npz: no array 'z' (or z_train and z_test)"),
        ("labels: y, sample: id", "classifier", "dataset.sample", "is for Parquet, CSV or TSV files; file.npz is none"),
        ("labels: y, features: [a, a]", "classifier", "dataset.features", "a name stands there twice"),
        ("labels: y, splits: [0.5, 0.5]", "classifier", "dataset.splits", "three positive fractions"),
    ],
)
def test_what_cannot_work_is_told_before_the_run(fields, trainer, key, message, tmp_path):
    found = problems(tmp_path, fields, trainer)
    assert message in found[key]
    assert [each for each in found if each.startswith("dataset")] == [key]


@pytest.mark.parametrize(
    ("fields", "key", "message"),
    [
        ("labels: y, lengths: n", "dataset.lengths", "is for npz files; file.parquet is none"),
        ("labels: y, time: t", "dataset.sample", "required with dataset.time"),
        ("labels: y, features: [y]", "dataset.labels", "'y' is in dataset.features already"),
        ("labels: y, sample: t, time: t", "dataset.time", "'t' is in dataset.sample already"),
    ],
)
def test_what_cannot_work_with_parquet_is_told_before_the_run(fields, key, message, tmp_path):
    assert message in problems(tmp_path, fields, "classifier", "file.parquet")[key]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("file.xlsx", "none of .npz, .parquet, .csv, .tsv"),
        ("folder", "a folder, not a file"),
        ("folder.parquet", "a folder, not a"),
    ],
)
def test_what_is_no_such_file_is_told_and_nothing_else(path, message, tmp_path):
    if path.startswith("folder"):
        (tmp_path / path).mkdir()
    found = problems(tmp_path, "labels: y", "classifier", path)
    assert list(found) == ["dataset.path"]
    assert message in found["dataset.path"]


@pytest.mark.parametrize("fields", [{"path": "file.npz"}, {"path": "file.parquet", "sample": "id"}])
def test_a_config_that_spells_out_every_default_is_the_same(fields, tmp_path):
    """As the one in a run directory does."""
    np.savez(tmp_path / "file.npz", x=X)
    config = {"architecture": "lstm_autoencoder", "trainer": "autoencoder", "dataset": {"name": "sequences", **fields}}
    (tmp_path / "config.yaml").write_text(json.dumps(config))
    experiment = load_experiment(tmp_path / "config.yaml")
    config["dataset"] = experiment.dataset.model_dump(mode="json")
    (tmp_path / "again.yaml").write_text(json.dumps(config))
    assert load_experiment(tmp_path / "again.yaml").dataset == experiment.dataset


def test_a_config_that_works_has_no_problem_though_its_file_is_still_to_come(tmp_path):
    assert problems(tmp_path, "labels: y", "classifier") == {}
    assert problems(tmp_path, "labels: z", "classifier", "coming.npz") == {}
    assert problems(tmp_path, "labels: z", "classifier", "coming.parquet") == {}


def test_a_zip_of_a_version_that_is_not_known_is_told(tmp_path):
    """Python raises a NotImplementedError for it."""
    np.savez(tmp_path / "x.npz", x=np.zeros((20, 3, 2)), y=np.arange(20) % 2)
    content = bytearray((tmp_path / "x.npz").read_bytes())
    content[content.index(b"PK\x01\x02") + 6] = 255
    (tmp_path / "x.npz").write_bytes(bytes(content))
    [problem] = Sequences(path=tmp_path / "x.npz", labels="y").look()
    assert problem.path == ("dataset", "path")
    assert "cannot be read as npz: zip file version 25.5" in problem.message
