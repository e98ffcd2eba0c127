"""Stopping, reducing and choosing agree with Keras' own callbacks on any history."""

import types

import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from seqrun.components.options import EarlyStopping, ReduceLR
from seqrun.training.plateau import best_epoch, reduces, stops

# Tenths collide often, so equal values and exact thresholds occur; + 0.0123 keeps differences off min_delta itself.
histories = st.lists(st.integers(0, 8).map(lambda n: n / 10 + 0.0123), min_size=1, max_size=30)
modes = st.sampled_from(["min", "max"])
deltas = st.sampled_from([0.0, 0.05, 0.15])
WATCHED = {"values": histories, "min_delta": deltas, "mode": modes}  # what both callbacks look at


def fake_model(learning_rate: float = 1.0):
    return types.SimpleNamespace(
        optimizer=types.SimpleNamespace(learning_rate=keras.Variable(learning_rate)),
        stop_training=False,
        metrics=[],
        get_weights=list,
        set_weights=lambda weights: None,
    )


def started(callback: keras.callbacks.Callback) -> None:
    """Sets the callback to work on a model of which it needs next to nothing."""
    callback.set_model(fake_model())
    callback.on_train_begin()


def after(values: list[float], callback: keras.callbacks.Callback) -> keras.callbacks.Callback:
    """The callback at the end of a training with these values of val_loss, or where it stopped it."""
    started(callback)
    for epoch, value in enumerate(values):
        callback.on_epoch_end(epoch, {"val_loss": value})
        if callback.model.stop_training:
            break
    return callback


def epochs_of_keras(values: list[float], mode: str = "min") -> int:
    """How many of these epochs Keras trains, waiting for 2."""
    oracle = after(values, keras.callbacks.EarlyStopping("val_loss", patience=2, mode=mode))
    return oracle.stopped_epoch + 1 if oracle.model.stop_training else len(values)


def epochs_of_seqrun(values: list[float], mode: str = "min") -> int:
    """How many seqrun trains."""
    options = EarlyStopping(patience=2, mode=mode)
    counts = range(1, len(values) + 1)
    return next((count for count in counts if stops(values[:count], options)), len(values))


def keras_best_epoch(values: list[float], mode: str = "min", **options) -> int:
    """The epoch, from 1, whose weights Keras restores."""
    oracle = keras.callbacks.EarlyStopping(
        "val_loss", patience=len(values), mode=mode, restore_best_weights=True, **options
    )
    return after(values, oracle).best_epoch + 1


def keras_reduces(values: list[float]) -> bool:
    """Whether Keras has reduced the learning rate after these epochs."""
    oracle = after(values, keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=3))
    return float(oracle.model.optimizer.learning_rate) < 1


@settings(max_examples=150)
@given(**WATCHED, patience=st.integers(0, 5), start=st.integers(0, 4))
def test_training_stops_when_keras_stops(values, patience, min_delta, start, mode):
    oracle = keras.callbacks.EarlyStopping(
        "val_loss", patience=patience, min_delta=min_delta, mode=mode, start_from_epoch=start
    )
    started(oracle)
    options = EarlyStopping(patience=patience, min_delta=min_delta, mode=mode, start_from_epoch=start)
    for epoch, value in enumerate(values):
        oracle.on_epoch_end(epoch, {"val_loss": value})
        assert stops(values[: epoch + 1], options) == oracle.model.stop_training
        if oracle.model.stop_training:
            break


@settings(max_examples=150)
@given(**WATCHED, patience=st.integers(1, 4), cooldown=st.integers(0, 3))
def test_learning_rate_falls_when_keras_lets_it_fall(values, patience, min_delta, cooldown, mode):
    oracle = keras.callbacks.ReduceLROnPlateau(
        "val_loss", factor=0.5, patience=patience, min_delta=min_delta, cooldown=cooldown, mode=mode
    )
    started(oracle)
    options = ReduceLR(patience=patience, min_delta=min_delta, cooldown=cooldown, mode=mode)
    rate = 1.0
    for epoch, value in enumerate(values):
        oracle.on_epoch_end(epoch, {"val_loss": value})
        if reduces(values[: epoch + 1], options):
            rate *= 0.5
        assert rate == float(oracle.model.optimizer.learning_rate)


@given(values=st.lists(st.sampled_from([0.3, 0.5, 0.7, float("nan")]), min_size=1, max_size=12), mode=modes)
def test_an_undefined_value_after_the_first_is_no_improvement_as_in_keras(values, mode):
    values = [0.6, *values]
    assert epochs_of_seqrun(values, mode) == epochs_of_keras(values, mode)
    assert best_epoch(values, "val_loss", mode) == keras_best_epoch(values, mode=mode)


def test_an_undefined_first_value_is_ignored_where_keras_keeps_it_as_the_best():
    values = [float("nan"), 0.9, 0.8, 0.7]
    assert [epochs_of_keras(values), epochs_of_seqrun(values)] == [3, 4]
    assert [keras_best_epoch(values), best_epoch(values, "val_loss")] == [1, 4]
    assert [keras_reduces(values), reduces(values, ReduceLR(patience=3))] == [True, False]


def test_the_best_epoch_is_the_best_of_all_where_keras_looks_at_min_delta_and_start_from_epoch():
    slowly = [0.9, 0.85, 0.8]
    assert [keras_best_epoch(slowly, min_delta=0.2), best_epoch(slowly, "val_loss")] == [1, 3]
    early = [0.5, 0.9, 0.8]
    assert [keras_best_epoch(early, start_from_epoch=1), best_epoch(early, "val_loss")] == [3, 1]


@given(values=histories, mode=modes)
def test_without_these_the_best_epoch_is_keras(values, mode):
    assert best_epoch(values, "val_loss", mode) == keras_best_epoch(values, mode=mode)


@given(values=histories)
def test_best_epoch_is_the_first_of_the_best(values):
    assert best_epoch(values, "val_loss") == int(np.argmin(values)) + 1
    assert best_epoch(values, "val_auc") == int(np.argmax(values)) + 1
    assert best_epoch(values, "val_loss", "max") == int(np.argmax(values)) + 1


def test_what_is_undefined_is_never_best():
    assert best_epoch([float("nan"), 0.7, float("nan")], "val_auc") == 2
    assert best_epoch([float("nan")], "val_auc") == 0
    assert best_epoch([], "val_loss") == 0
