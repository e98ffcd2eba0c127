"""Anyone's samples of numbers: the splits, the units, ragged and labelled ones, from npz files."""

import numpy as np
import pytest
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from seqrun.components.padding import NO_TAG, PADDING
from seqrun.components.splits import Split
from seqrun.components.targets import ClassTarget, Reconstruction, TagTarget
from seqrun.datasets.samples.encoding import decode_values, encode_values
from seqrun.datasets.samples.sequences import Sequences
from seqrun.errors import DataError
from seqrun.tasks.reconstruction.baselines import reconstruction_baselines

LENGTHS = np.random.default_rng(0).integers(3, 9, 40)
SAMPLES = [np.random.default_rng(i).normal([5, -100], [3, 0.1], (length, 2)) for i, length in enumerate(LENGTHS)]
LABELS = np.array(["even", "odd"] * 20)


def filled(samples, fill):
    array = np.full((len(samples), max(map(len, samples)), *np.shape(samples[0])[1:]), fill)
    for row, sample in zip(array, samples, strict=True):
        row[: len(sample)] = sample
    return array


def objects(samples):
    array = np.empty(len(samples), object)
    array[:] = samples
    return array


@pytest.fixture
def load(tmp_path, locations):
    """Loads a file that holds these arrays."""

    def load(arrays, **fields):
        np.savez(tmp_path / "file.npz", **arrays)
        return Sequences(path=tmp_path / "file.npz", **fields).load(locations)

    return load


@pytest.fixture
def nan_tailed():
    return {"x": filled(SAMPLES, np.nan), "y": LABELS}


def assert_same(splits, others):
    assert splits.spec == others.spec
    for name in ("train", "validation", "test"):
        one, other = getattr(splits, name), getattr(others, name)
        for field in ("inputs", "targets", "index"):
            np.testing.assert_array_equal(getattr(one, field), getattr(other, field))


def test_every_sample_keeps_its_steps_its_label_and_its_number(load, nan_tailed):
    splits = load(nan_tailed, labels="y", scaler="none")
    assert splits.spec.target == ClassTarget(("even", "odd"))
    assert splits.spec.values.padded
    assert splits.warnings == ()
    for split in (splits.train, splits.validation, splits.test):
        assert (split.inputs.dtype, split.targets.dtype, split.index.dtype) == (np.float32, np.int32, np.int64)
        for row, target, number in zip(split.inputs, split.targets, split.index, strict=True):
            np.testing.assert_array_equal(row[: LENGTHS[number]], SAMPLES[number].astype(np.float32))
            assert (row[LENGTHS[number] :] == PADDING).all()
            assert target == number % 2


def test_the_splits_are_stratified_and_share_no_sample(load, nan_tailed):
    splits = load(nan_tailed, labels="y", splits=[0.5, 0.25, 0.25])
    parts = (splits.train, splits.validation, splits.test)
    assert [np.bincount(part.targets).tolist() for part in parts] == [[10, 10], [5, 5], [5, 5]]
    assert sorted(np.concatenate([part.index for part in parts])) == list(range(40))
    other = load(nan_tailed, labels="y", splits=[0.5, 0.25, 0.25], split_seed=1)
    assert set(other.test.index) != set(splits.test.index)
    assert len(load(nan_tailed, labels="y", limit=3).test) == 3


@pytest.mark.parametrize(("scaler", "oracle"), [("standard", StandardScaler()), ("minmax", MinMaxScaler())])
def test_each_feature_is_scaled_by_the_training_steps_alone(load, nan_tailed, scaler, oracle):
    splits = load(nan_tailed, labels="y", scaler=scaler)
    oracle.fit(np.concatenate([SAMPLES[number] for number in splits.train.index]))
    for split in (splits.train, splits.test):
        for row, number in zip(split.inputs, split.index, strict=True):
            expected = oracle.transform(SAMPLES[number])
            np.testing.assert_allclose(row[: LENGTHS[number]], expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("fields", [{"scaler": "minmax"}, {"max_len": 4}])
def test_reconstructions_in_other_units_or_of_fewer_steps_do_not_compare(load, nan_tailed, fields):
    one, longer, other = (load(nan_tailed, labels="y", **given) for given in ({}, {"max_len": 50}, fields))
    assert one.test_fingerprint() == other.test_fingerprint()
    prints = [splits.test_fingerprint(reconstructed=True) for splits in (one, longer, other)]
    assert prints[0] == prints[1] != prints[2]


def test_new_samples_are_encoded_as_those_of_the_file(load, nan_tailed):
    splits = load(nan_tailed, labels="y")
    test = splits.test
    np.testing.assert_array_equal(encode_values([SAMPLES[i] for i in test.index], splits.spec), test.inputs)
    decoded = decode_values(test.inputs, splits.spec, like=test.inputs)
    np.testing.assert_allclose(decoded, nan_tailed["x"][test.index][:, : decoded.shape[1]], atol=1e-5)


def test_every_way_to_say_how_long_samples_are_gives_the_same(load, nan_tailed):
    expected = load(nan_tailed, labels="y")
    assert_same(load({"x": objects(SAMPLES), "y": LABELS.astype(object)}, labels="y"), expected)
    zeros = {"data": filled(SAMPLES, 0.0), "n": LENGTHS, "kind": LABELS}
    assert_same(load(zeros, values="data", lengths="n", labels="kind"), expected)


def test_numbers_may_stand_there_as_objects(load):
    samples = np.random.default_rng(0).normal(size=(10, 3, 2))
    assert_same(load({"x": samples.astype(object)}), load({"x": samples}))
    lists = np.array([[1, 2], [3.5], [4, 5, 6]] * 4, dtype=object)
    assert load({"x": lists}).spec.input_shape == (3, 1)


def test_samples_of_one_length_are_not_padded_and_two_axes_are_one_feature(load):
    splits = load({"x": np.random.default_rng(0).integers(0, 9, (20, 7))})
    assert splits.spec.input_shape == (7, 1)
    assert splits.spec.values.features == ("feature_1",)
    assert not splits.spec.values.padded
    assert splits.spec.target == Reconstruction()
    assert splits.train.targets.shape == (len(splits.train), 0)
    assert splits.train.targets.dtype == np.int32


def test_features_can_have_names(load, nan_tailed):
    assert load(nan_tailed, features=["speed", "heat"]).spec.values.features == ("speed", "heat")
    with pytest.raises(DataError, match=r"x has 2 features, but dataset\.features names 3"):
        load(nan_tailed, features=["a", "b", "c"])


def test_longer_samples_are_cut_at_max_len_with_a_warning_and_scaled_by_what_is_left(load, nan_tailed):
    splits = load(nan_tailed, labels="y", max_len=5)
    longer = (LENGTHS > 5).sum()
    assert splits.spec.input_shape == (5, 2)
    assert f"{longer} of 40 samples have more than the 5 steps" in splits.warnings[0]
    mean = np.concatenate([SAMPLES[i][:5] for i in splits.train.index]).mean(axis=0)
    np.testing.assert_allclose(splits.spec.values.offset, mean)


def test_by_default_the_longest_training_sample_is_the_measure(load):
    x = np.full((20, 9), np.nan)
    x[:, :4] = np.random.default_rng(0).normal(size=(20, 4))
    probe = load({"x": x})
    assert probe.spec.input_shape == (4, 1)
    x[probe.test.index[0], 4:] = 1
    splits = load({"x": x})
    assert splits.spec.input_shape == (4, 1)
    assert "1 of 20 samples have more than the 4 steps" in splits.warnings[0]
    assert "the longest from 9" in splits.warnings[0]


def test_a_max_len_that_no_sample_has_is_what_the_network_reads(load, nan_tailed):
    dataset = Sequences(path="x.npz", max_len=12, features=["a", "b"])
    assert dataset.sample_shape() == load(nan_tailed, max_len=12).spec.input_shape == (12, 2)
    assert Sequences(path="x.npz").sample_shape() == (None, None)


def own_splits(*ends):
    cuts = np.array_split(np.arange(40), len(ends))
    x = filled(SAMPLES, np.nan)
    return {f"{name}{end}": array[cut] for end, cut in zip(ends, cuts, strict=True) for name, array in
            (("x", x), ("y", LABELS))}  # fmt: skip


def test_splits_of_the_file_are_kept(load):
    splits = load(own_splits("_train", "_validation", "_test"), labels="y")
    for split, count in zip((splits.train, splits.validation, splits.test), (14, 13, 13), strict=True):
        assert split.index.tolist() == list(range(count))
    assert splits.test.targets.tolist() == [n % 2 for n in range(27, 40)]


def test_without_validation_samples_in_the_file_they_are_drawn_from_the_training_ones(load):
    splits = load(own_splits("_train", "_test"), labels="y", splits=[0.6, 0.3, 0.1])
    assert [len(part) for part in (splits.train, splits.validation, splits.test)] == [13, 7, 20]
    assert sorted([*splits.train.index, *splits.validation.index]) == list(range(20))
    assert splits.test.index.tolist() == list(range(20))


@pytest.mark.parametrize(
    ("labels", "classes"),
    [
        (np.tile([10, 9, -1, 2], 10), ("-1", "2", "9", "10")),
        (np.tile([2.0, 10.0], 20), ("2", "10")),
        (np.tile([True, False], 20), ("false", "true")),
        (np.tile(["b", "10", "a", "9"], 10), ("10", "9", "a", "b")),
    ],
)
def test_numbers_are_sorted_by_size_and_names_by_the_alphabet(load, labels, classes):
    splits = load({"x": filled(SAMPLES, np.nan), "y": labels}, labels="y")
    assert splits.spec.target.classes == classes
    named = [splits.spec.target.classes[target] for target in splits.test.targets]
    written = [str(int(v)) if labels.dtype == float else str(v) for v in labels[splits.test.index]]
    assert named == [text.lower() for text in written]  # a boolean as JSON has it


@pytest.mark.parametrize("ends", [("_train", "_test"), ("_train", "_validation", "_test")])
def test_a_class_that_only_the_test_has_is_kept_with_a_warning(load, ends):
    """Ordinary samples to learn from, anomalies to be found."""
    arrays = own_splits(*ends)
    for end in ends[:-1]:
        arrays[f"y{end}"] = np.full(len(arrays[f"x{end}"]), "even")
    splits = load(arrays, labels="y")
    assert splits.spec.target == ClassTarget(("even", "odd"))
    assert set(splits.train.targets) == set(splits.validation.targets) == {0}
    assert set(splits.test.targets) == {0, 1}
    (warning,) = splits.warnings
    assert warning.endswith("labels that no training sample has: odd")


# --- a label of each step ---------------------------------------------------------------------------------------------


def test_steps_can_have_labels(load):
    tags = [np.where(sample[:, 0] > 5, "high", "low") for sample in SAMPLES]
    arrays = {"x": filled(SAMPLES, np.nan), "t": filled(tags, np.array("", "<U4"))}
    splits = load(arrays, labels="t", label_each="step")
    assert splits.spec.target == TagTarget(("high", "low"))
    time = splits.spec.input_shape[0]
    for row, number in zip(splits.train.targets, splits.train.index, strict=True):
        assert [splits.spec.target.tags[tag] for tag in row[: LENGTHS[number]]] == tags[number].tolist()
        assert (row[LENGTHS[number] :] == NO_TAG).all()
        assert row.shape == (time,)
    assert_same(load({"x": objects(SAMPLES), "t": objects(tags)}, labels="t", label_each="step"), splits)
    cut = load(arrays, labels="t", label_each="step", max_len=4)
    np.testing.assert_array_equal(cut.train.targets, splits.train.targets[:, :4])


def test_labels_that_no_training_step_has_are_told(load):
    x, tags = np.random.default_rng(0).normal(size=(20, 4)), np.tile([1, 2, 1, 2], (20, 1))
    tags[load({"x": x}).test.index[0], 0] = 3
    splits = load({"x": x, "t": tags}, labels="t", label_each="step")
    assert splits.spec.target.tags == ("1", "2", "3")
    assert splits.warnings[0].endswith("labels that no training sample has: 3")


@pytest.mark.parametrize(("scaler", "count"), [("none", 1), ("standard", 0), ("minmax", 0)])
def test_what_float32_hides_of_samples_is_told(tmp_path, locations, scaler, count):
    x = 1.6e9 + np.random.default_rng(0).normal(size=(60, 8, 1))
    np.savez(tmp_path / "high.npz", x=x, y=np.arange(60) % 2)
    splits = Sequences(path=tmp_path / "high.npz", labels="y", scaler=scaler).load(locations)
    hidden = "cannot see how feature_1 (in steps of 128.000) varies"
    assert [hidden in each for each in splits.warnings] == [True] * count


def test_baselines_and_what_is_reconstructed_keep_what_float32_hides(tmp_path, locations):
    x = 1.6e9 + 5 * np.random.default_rng(0).normal(size=(80, 6, 2))
    np.savez(tmp_path / "high.npz", x=x)
    splits = Sequences(path=tmp_path / "high.npz", scaler="none").load(locations)
    np.testing.assert_array_equal(splits.test.inputs, x[splits.test.index])
    np.testing.assert_array_equal(decode_values(splits.test.inputs, splits.spec), x[splits.test.index])
    mean = x[splits.train.index].mean(axis=0)
    found = reconstruction_baselines(splits.of(Split, Reconstruction), 2)["mean_sample"]["reconstruction_mse"]
    assert found == pytest.approx(((x[splits.test.index] - mean) ** 2).mean(), rel=1e-9)


def test_the_numbers_of_samples_keep_their_last_digit(tmp_path, locations):
    numbers = 1.6e9 + np.random.default_rng(0).normal(size=60)
    np.savez(tmp_path / "high.npz", x=np.ones((60, 3, 1)) * np.arange(60)[:, None, None], t=numbers)
    splits = Sequences(path=tmp_path / "high.npz", targets="t").load(locations)
    for split in (splits.train, splits.validation, splits.test):
        np.testing.assert_array_equal(split.targets[:, 0], numbers[split.index])
    offset, scale = splits.spec.target.offset[0], splits.spec.target.scale[0]
    assert (offset, scale) == pytest.approx((numbers[splits.train.index].mean(), numbers[splits.train.index].std()))
