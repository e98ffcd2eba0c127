"""New samples of numbers become what a network reads, and its output becomes numbers in original units again."""

import numpy as np
import pytest

from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import Reconstruction
from seqrun.datasets.samples.encoding import decode_values, encode_values, picture_values
from seqrun.errors import DataError

PADDED = Spec((4, 2), Reconstruction(), values=Values(("u", "v"), (3.0, 1e6), (2.0, 0.5), padded=True))
WHOLE = Spec((4, 2), Reconstruction(), values=Values(("u", "v"), (3.0, 1e6), (2.0, 0.5)))
ONE = Spec((4, 1), Reconstruction(), values=Values(("u",), (10.0,), (5.0,), padded=True))


def pictures_spec(steps, height=28, width=28):
    shape, values = picture_values(steps, height, width)
    return Spec(shape, Reconstruction(), values=values)


def series(*lengths, features=2):
    rng = np.random.default_rng(0)
    return [rng.normal([3, 1e6][:features], [2, 0.5][:features], (length, features)) for length in lengths]


def test_shorter_samples_are_scaled_and_padded_at_their_end():
    samples = series(4, 1, 3)
    encoded = encode_values(samples, PADDED)
    assert encoded.dtype == np.float32
    for row, sample in zip(encoded, samples, strict=True):
        expected = ((sample - [3.0, 1e6]) / [2.0, 0.5]).astype(np.float32)
        np.testing.assert_array_equal(row[: len(sample)], expected)
        assert (row[len(sample) :] == PADDING).all()


def test_every_form_of_the_same_samples_is_encoded_alike():
    samples = series(4, 2)
    filled = np.full((2, 4, 2), np.nan)
    objects = np.empty(2, object)
    for i, sample in enumerate(samples):
        filled[i, : len(sample)] = objects[i] = sample
    expected = encode_values(samples, PADDED)
    longer = np.concatenate([filled, np.full((2, 3, 2), np.nan)], axis=1)
    for form in (filled, longer, objects, [sample.tolist() for sample in samples]):
        np.testing.assert_array_equal(encode_values(form, PADDED), expected)
    np.testing.assert_array_equal(encode_values(samples[0], PADDED), expected[:1])


def test_of_one_feature_the_last_axis_can_be_left_out():
    expected = encode_values(np.arange(8.0).reshape(2, 4, 1), ONE)
    np.testing.assert_array_equal(encode_values(np.arange(8.0).reshape(2, 4), ONE), expected)
    np.testing.assert_array_equal(encode_values(np.arange(4), ONE), expected[:1])
    np.testing.assert_array_equal(encode_values([[0, 1, 2, 3], [4.0, 5]], ONE)[0], expected[0])


def test_decoding_undoes_encoding_and_says_where_samples_end():
    samples = series(4, 1, 3)
    encoded = encode_values(samples, PADDED)
    decoded = decode_values(encoded, PADDED, like=encoded)
    for row, sample in zip(decoded, samples, strict=True):
        np.testing.assert_allclose(row[: len(sample)], sample, rtol=0, atol=1e-5)
        assert np.isnan(row[len(sample) :]).all()
    again = encode_values(decoded, PADDED)
    np.testing.assert_array_equal(again, encoded)
    assert np.isfinite(decode_values(np.zeros((3, 4, 2)), PADDED)).all()


@pytest.mark.parametrize("steps", ["rows", "columns"])
def test_pictures_stand_upright_whichever_way_they_are_read(steps):
    spec = pictures_spec(steps, 3, 5)
    picture = np.arange(15, dtype=np.uint8).reshape(1, 3, 5) * 17
    encoded = encode_values(picture, spec)
    assert encoded.shape == (1, *spec.input_shape)
    step = encoded[0, 1] * 255
    np.testing.assert_allclose(step, picture[0, 1] if steps == "rows" else picture[0, :, 1], rtol=1e-6)
    np.testing.assert_array_equal(np.rint(decode_values(encoded, spec) * 255), picture)


def test_whole_intensities_are_of_255_and_fractions_of_1():
    whole = np.random.default_rng(0).integers(0, 256, (2, 28, 28))
    expected = encode_values(whole.astype(np.uint8), pictures_spec("rows"))
    np.testing.assert_array_equal(encode_values(whole.tolist(), pictures_spec("rows")), expected)
    np.testing.assert_allclose(encode_values(whole / 255, pictures_spec("rows")), expected, atol=1e-7)
    np.testing.assert_array_equal(encode_values(whole[0], pictures_spec("rows")), expected[:1])


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (
            np.full((2, 28, 28), -1.5),
            r"that are float64 are from 0 to 1:\n  input\[0\]: from -1.5 to -1.5\n  input\[1\]",
        ),
        (
            np.linspace(0, 1.1, 4 * 784).reshape(4, 28, 28),
            r"1 picture out of range(.|\n)*input\[3\]: from 0.8.* to 1.1$",
        ),
        (np.full((1, 28, 28), 256), r"are from 0 to 255:\n  input\[0\]: from 256 to 256$"),
        (
            np.linspace(0, 255, 20 * 784, dtype=np.float32).reshape(20, 28, 28),
            r"^input: float32 from 0 to 255, where .* divide them by 255, or save them as whole numbers \(uint8\)$",
        ),
        (np.full((1, 28, 28), -1), "out of range"),
        (np.full((1, 28, 28), np.nan), "out of range"),
        (np.ones((1, 28, 28), int), "no intensity is above 1, and they are whole numbers"),
        (np.zeros((2, 28, 27)), r"its shape is \(2, 28, 27\); pictures are \(samples, 28, 28\)"),
        (np.zeros((1, 1, 28, 28)), r"its shape is \(1, 1, 28, 28\).*; reshape to \(1, 28, 28\)$"),
        (np.zeros((500, 784)), r"its shape is \(500, 784\).*; 784 is 28 x 28: reshape to \(500, 28, 28\)$"),
        (np.zeros(784), r"its shape is \(784,\).*; 784 is 28 x 28: reshape to \(1, 28, 28\)$"),
        (np.zeros((500, 783)), r"its shape is \(500, 783\); pictures are \(samples, 28, 28\)$"),
        ([np.zeros((28, 28)), np.zeros((27, 28))], "must be of one size"),
        (np.full((1, 28, 28), "a"), "no numbers"),
    ],
)
def test_pictures_that_do_not_fit_are_refused(samples, message):
    with pytest.raises(DataError, match=message):
        encode_values(samples, pictures_spec("rows"))


@pytest.mark.parametrize(
    ("samples", "spec", "message"),
    [
        (series(4, 5), PADDED, r"cannot be used:\n  input\[1\]: 5 steps, where the network reads up to 4"),
        (series(4, 3), WHOLE, r"cannot be used:\n  input\[1\]: 3 steps, where the network reads 4"),
        (np.zeros((2, 4, 3)), PADDED, r"its shape is \(2, 4, 3\); it must be \(samples, time, 2\): u, v"),
        ([np.zeros((4, 3)), np.zeros((2, 3))], PADDED, r"input\[1\]: 3 features, where there must be 2"),
        ([np.zeros((4, 2)), np.zeros((4, 3))], PADDED, r"1 sample cannot be used:\n  input\[1\]: 3 features"),
        ([np.zeros((4, 2)), [[1, 2], [3]]], PADDED, r"input\[1\]: no array of numbers"),
        (np.full((2, 4, 2), np.nan), PADDED, r"2 samples cannot be used:\n  input\[0\]: no step"),
        ([[[1, 2], [np.nan, 2], [3, 4]]], PADDED, r"input\[0\]: a value is missing .* \(step 1\)"),
        ([[[1, 2], [np.inf, 2]]], PADDED, "infinite"),
        ([[[1e300, 2]]], PADDED, "too large"),
        ([], PADDED, "it holds no number"),
        (np.zeros((0, 4, 2)), PADDED, "it holds no number"),
        ([[["1", "2"]]], PADDED, "no numbers"),
        ("abc", ONE, "no numbers"),
    ],
)
def test_series_that_do_not_fit_are_refused_by_their_places(samples, spec, message):
    with pytest.raises(DataError, match=message):
        encode_values(samples, spec)


def test_a_step_that_would_be_taken_for_padding_is_refused():
    spec = Spec((2, 1), Reconstruction(), values=Values(("u",), (0.0,), (1.0,), padded=True))
    with pytest.raises(DataError, match=r"x\[0\]: every feature is -33024, which stands for padding \(step 1\)"):
        encode_values([[1.0, PADDING]], spec, "x")
