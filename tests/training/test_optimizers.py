"""Optimizers and schedules of a config are Keras' or equal them; impossible ones are refused before anything runs."""

import keras
import pytest
from pydantic import TypeAdapter, ValidationError

from seqrun.components.optimizers import Optimizer
from seqrun.training.fast_optimizers import Adam
from seqrun.training.optimizers import keras_optimizer

read = TypeAdapter(Optimizer).validate_python


@pytest.mark.parametrize("name", ["adam", "adamw", "nadam", "adamax", "rmsprop", "sgd", "adagrad", "lion"])
def test_defaults_are_those_of_keras(name):
    ours, theirs = keras_optimizer(read(name)), keras.optimizers.get(name)
    assert type(ours).__name__ == type(theirs).__name__
    assert {**ours.get_config(), "name": ""} == {**theirs.get_config(), "name": ""}


@pytest.mark.parametrize(
    ("schedule", "step", "rate"),
    [
        ({"name": "exponential_decay", "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}, 20, 0.025),
        ({"name": "inverse_time_decay", "initial_learning_rate": 0.1, "decay_steps": 10, "decay_rate": 0.5}, 20, 0.05),
        ({"name": "polynomial_decay", "initial_learning_rate": 0.1, "decay_steps": 10}, 5, 0.05005),
        ({"name": "cosine_decay", "initial_learning_rate": 0.1, "decay_steps": 10}, 5, 0.05),
        ({"name": "piecewise_constant_decay", "boundaries": [3, 6], "values": [0.3, 0.2, 0.1]}, 5, 0.2),
    ],
)
def test_schedules_give_the_rates_of_their_formulas(schedule, step, rate):
    built = keras_optimizer(read({"name": "sgd", "learning_rate": schedule}))
    built.iterations.assign(step)
    assert float(built.learning_rate) == pytest.approx(rate, rel=1e-5)


def test_settings_without_a_name_are_adams():
    assert type(keras_optimizer(read({"learning_rate": 0.5}))) is Adam


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": "adam", "clipnorm": 1.0, "clipvalue": 0.5}, "one way only, not by clipnorm and clipvalue"),
        ({"name": "adamw", "weight_decay": None}, "valid number"),
        ({"name": "sgd", "learning_rate": 0}, "greater than 0"),
        (
            {"learning_rate": {"name": "piecewise_constant_decay", "boundaries": [9, 5], "values": [1.0, 0.5, 0.1]}},
            "must increase",
        ),
        (
            {"learning_rate": {"name": "piecewise_constant_decay", "boundaries": [5], "values": [1.0, 0.5, 0.1]}},
            "1 boundaries want 2 values, not 3",
        ),
    ],
)
def test_what_keras_would_refuse_is_refused_at_once(settings, message):
    with pytest.raises(ValidationError, match=message):
        read(settings)
