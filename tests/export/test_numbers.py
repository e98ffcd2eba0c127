"""Numbers are read, and answers made, alike by a run, by read_input.py and by the graph of a SavedModel."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import ClassTarget
from seqrun.datasets.samples.encoding import encode_values
from seqrun.datasets.series.calendar import calendar_features
from seqrun.export.graph.answers import Answers
from seqrun.export.graph.inputs import read_as
from seqrun.export.read_input import Reader
from seqrun.tasks.forecasting.iteration import iterate

DRAW = np.random.default_rng(0)
CALENDAR = ["minute", "hour", "dayofweek", "dayofmonth", "dayofyear", "month"]
SCALES = {"offset": [1e9, -2.0], "scale": [10.0, 0.5]}  # 32 bits do not hold how the first column varies
VALUES = Values(("a", "b"), tuple(SCALES["offset"]), tuple(SCALES["scale"]), padded=True)


def both(told: dict, samples: np.ndarray, **more: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What the reader reads of samples, and what the graph does."""
    given = {name: values.astype("datetime64[s]").astype(np.int64) if name == "times" else values
             for name, values in more.items()}  # fmt: skip
    raw = {name: tf.constant(values) for name, values in {"samples": samples, **given}.items()}
    read = read_as(told)
    return Reader({"input": told, "output": {}}).inputs(samples, **more), read(raw).numpy()


def test_padded_samples_are_read_as_by_the_run():
    samples = 10 * DRAW.normal(size=(5, 4, 2)) + SCALES["offset"]
    samples[2:, 3:] = np.nan
    told = {"kind": "values", "shape": [4, 2], **SCALES, "padded": True, "fill": PADDING}
    wanted = encode_values(samples, Spec((4, 2), ClassTarget(("a", "b")), values=VALUES))
    for found in both(told, samples):
        assert (found == wanted).all() and found.dtype == np.float32


def test_samples_of_any_length_are_padded_by_the_reader():
    told = {"kind": "values", "shape": [4, 2], **SCALES, "padded": True, "fill": PADDING}
    samples = [np.ones((2, 2)), np.zeros((4, 2))]
    wanted = encode_values(samples, Spec((4, 2), ClassTarget(("a", "b")), values=VALUES))
    reader = Reader({"input": told, "output": {}})
    assert (reader.inputs(samples) == wanted).all()
    with pytest.raises(ValueError, match="4 steps of 2 numbers"):
        reader.inputs([np.ones((5, 2))])


def test_pictures_are_turned_where_the_network_reads_columns():
    upright = DRAW.random((3, 2, 4)).astype(np.float32)
    for found in both({"kind": "pictures", "shape": [4, 2], "steps": "columns"}, upright):
        assert (found == upright.swapaxes(1, 2)).all()


def test_windows_have_the_calendar_that_pandas_knows():
    seconds = DRAW.integers(-(10**10), 10**10, (400, 6)) // 60 * 60  # 1653 to 2286
    times = seconds.astype("datetime64[s]")
    samples = DRAW.normal(size=(400, 6, 2))
    told = {"kind": "windows", "lookback": 6, "step": 2, "columns": ["a", "b"], **SCALES, "calendar": CALENDAR}
    scaled = ((samples - SCALES["offset"]) / SCALES["scale"]).astype(np.float32)
    around = calendar_features(times.ravel(), CALENDAR).reshape(400, 6, -1)
    for found in both(told, samples, times=times):
        np.testing.assert_allclose(found, np.concatenate([scaled, around], axis=2)[:, ::2], atol=1e-6)


def test_series_of_their_own_scales_are_known_by_name():
    known = {"a": {"offset": [1.0], "scale": [2.0]}, "ü": {"offset": [-5.0], "scale": [4.0]}}
    told = {"kind": "windows", "lookback": 3, "step": 1, "columns": ["x"], "series": known, "calendar": []}
    samples = DRAW.normal(size=(2, 3, 1))
    wanted = np.stack([(samples[0] + 5) / 4, (samples[1] - 1) / 2]).astype(np.float32)
    for found in both(told, samples, series=np.array(["ü", "a"])):
        assert (found == wanted).all()


def test_a_series_without_scales_is_an_error():
    told = {"kind": "windows", "lookback": 1, "step": 1, "columns": ["x"], "calendar": []}
    told["series"] = {"a": {"offset": [1.0], "scale": [2.0]}}
    raw = {"samples": tf.zeros([1, 1, 1], tf.float64), "series": tf.constant(["b"])}
    with pytest.raises(tf.errors.InvalidArgumentError, match="did not learn from"):
        read_as(told)(raw)
    with pytest.raises(ValueError, match="did not learn from the series b"):
        Reader({"input": told, "output": {}}).inputs(np.zeros((1, 1, 1)), series=["b"])


@pytest.mark.parametrize(
    ("told", "samples", "words"),
    [
        ({"kind": "texts", "shape": [4]}, "a text", "give a list of texts"),
        ({"kind": "texts", "shape": [4]}, ["a text", None], "number 2 is no text: None"),
        ({"kind": "pictures", "shape": [1, 2], "steps": "rows"}, np.array([[[0.0, 255.0]]]), "by 255"),
        ({"kind": "pictures", "shape": [1, 2], "steps": "rows"}, np.array([[[0.0, np.nan]]]), "a value is missing"),
        (
            {
                "kind": "windows",
                "lookback": 1,
                "step": 1,
                "columns": ["x"],
                "calendar": [],
                "offset": [0],
                "scale": [1],
            },
            np.full((1, 1, 1), np.nan),
            "a value is missing",
        ),
    ],
)
def test_what_the_run_would_refuse_the_reader_refuses(told, samples, words):
    with pytest.raises(ValueError, match=words):
        Reader({"input": told, "output": {}}).inputs(samples)


# --- answers ----------------------------------------------------------------------------------------------------------


def network(shape: tuple[int, ...], units: int, target: tuple[int, ...]) -> keras.Model:
    values = keras.Input(shape)
    x = keras.layers.Dense(units, activation="sigmoid")(keras.layers.Flatten()(values))
    return keras.Model(values, keras.layers.Reshape(target)(x))


def answered(told: dict, model: keras.Model, inputs: np.ndarray, **more: np.ndarray) -> list[dict[str, np.ndarray]]:
    """The answers of the graph, and of the reader around the network."""
    reader = Reader({"input": {}, "output": told})
    series = more.get("series")
    found = Answers(model, told)(tf.constant(inputs), None if series is None else tf.constant(series))
    outputs = reader.run(lambda batch: model(batch, training=False).numpy(), inputs)
    return [{name: values.numpy() for name, values in found.items()}, reader.answers(outputs, inputs, series)]


INPUTS = DRAW.normal(size=(5, 4, 2)).astype(np.float32)


def test_two_classes_are_two_probabilities():
    model = network((4, 2), 1, (1,))
    second = model(INPUTS).numpy()
    for found in answered({"kind": "classes", "classes": ["a", "b"]}, model, INPUTS):
        np.testing.assert_allclose(found["probabilities"], np.concatenate([1 - second, second], axis=1), atol=1e-7)


def test_numbers_come_in_original_units_with_their_bounds():
    told = {"kind": "numbers", **SCALES, "interval": {"level": 0.9, "half_widths": [3.0, 0.25]}}
    model = network((4, 2), 2, (2,))
    wanted = model(INPUTS).numpy() * np.array(SCALES["scale"]) + SCALES["offset"]
    for found in answered(told, model, INPUTS):
        np.testing.assert_allclose(found["predictions"], wanted, rtol=1e-15)
        np.testing.assert_allclose(found["upper"] - found["lower"], np.tile([6.0, 0.5], (5, 1)), rtol=1e-6)


def test_of_forecasts_at_every_step_the_last_counts():
    told = {"kind": "series", "every_step": True, "offset": [1.0], "scale": [2.0]}
    told |= {"interval": {"half_widths": [[1.0], [2.0], [3.0]]}}
    model = network((4, 2), 12, (4, 3, 1))
    for found in answered(told, model, INPUTS):
        np.testing.assert_allclose(found["predictions"], model(INPUTS).numpy()[:, -1] * 2 + 1, rtol=1e-6)


def test_intervals_are_as_wide_as_the_scale_of_a_series():
    known = {"a": {"offset": [1.0], "scale": [2.0]}, "b": {"offset": [-5.0], "scale": [4.0]}}
    told = {"kind": "series", "series": known, "interval": {"half_widths": [[1.0]], "scaled": True}}
    names = np.array(["b", "a", "a", "b", "b"])
    for found in answered(told, network((4, 2), 1, (1, 1)), INPUTS, series=names):
        assert ((found["upper"] - found["predictions"])[:, 0, 0].round(9) == np.where(names == "a", 2, 4)).all()


def test_a_forecast_of_one_step_is_fed_to_the_network_again():
    told = {"kind": "series", "iterated": True, "horizon": 3, "names": ["x", "y"], "target_features": [1, 0]}
    told |= {"offset": [0.0], "scale": [1.0]}
    model = network((4, 2), 2, (1, 2))
    wanted = iterate(lambda window: model(window).numpy(), INPUTS, 3, [1, 0])
    for found in answered(told, model, INPUTS):
        np.testing.assert_allclose(found["predictions"], wanted, rtol=1e-5)


def test_a_reconstruction_has_its_error_and_no_numbers_past_the_end():
    code = keras.Input((2,))
    encoder, decoder = (
        network((4, 2), 2, (2,)),
        keras.Model(code, keras.layers.Reshape((4, 2))(keras.layers.Dense(8)(code))),
    )
    encoder.name, decoder.name = "encoder", "decoder"
    values = keras.Input((4, 2))
    inputs = INPUTS.copy()
    inputs[0, 2:] = PADDING
    told = {"kind": "reconstruction", "fill": PADDING, "columns": False, **SCALES}
    model = keras.Model(values, decoder(encoder(values)))
    outputs = model(inputs).numpy()
    wanted = outputs * np.array(SCALES["scale"]) + SCALES["offset"]
    wanted[0, 2:] = np.nan
    for found in answered(told, model, inputs):
        np.testing.assert_allclose(found["predictions"], wanted, rtol=1e-12)
        assert found["errors"][0] == pytest.approx(np.mean((outputs - inputs)[0, :2].astype(float) ** 2), rel=1e-6)
        assert found["errors"][1] == pytest.approx(np.mean((outputs - inputs)[1].astype(float) ** 2), rel=1e-6)
