"""Steps whose batch is compiled in parts, one for each core, against the same network of Keras' layers in one."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import keras
import numpy as np
import pytest

from seqrun.architectures.layers.fast import dropout, fused, recurrence
from seqrun.architectures.layers.fast.compiled import Arrangement
from seqrun.training import fast_optimizers
from seqrun.training.program import Program
from seqrun.training.samples import Samples

BATCH = 37  # so that no two or three parts are equal


def masked(layers) -> keras.Model:
    """Reads tokens (batch, 9) in both directions, padding left out."""
    keras.utils.set_random_seed(5)
    tokens = keras.Input((9,), dtype="int32")
    x = keras.layers.Embedding(11, 4, mask_zero=True)(tokens)
    x = layers.Bidirectional(layers.LSTM(5, return_sequences=True))(x)
    return keras.Model(tokens, keras.layers.Dense(1, activation="sigmoid")(layers.GRU(3)(x)))


def shared_and_frozen(layers) -> keras.Model:
    """One layer, with a penalty, that reads twice: the states of another, which is not trained, and its own."""
    keras.utils.set_random_seed(5)
    tokens = keras.Input((9,), dtype="int32")
    x = keras.layers.Embedding(11, 4)(tokens)
    frozen, shared = (
        layers.GRU(4, return_sequences=True),
        layers.LSTM(4, return_sequences=True, kernel_regularizer="l2"),
    )
    frozen.trainable = False
    return keras.Model(
        tokens, keras.layers.Dense(1, activation="sigmoid")(layers.SimpleRNN(3)(shared(shared(frozen(x)))))
    )


def samples() -> Samples:
    rng = np.random.default_rng(1)
    tokens = rng.integers(1, 11, (2 * BATCH, 9)) * (np.arange(9) < rng.integers(1, 10, (2 * BATCH, 1)))
    return Samples(
        tokens.astype(np.int32),
        rng.integers(0, 2, (2 * BATCH, 1)).astype(np.float32),
        rng.uniform(0.5, 2, 2 * BATCH).astype(np.float32),
    )


def trained(program: Program, steps: int = 2) -> list[np.ndarray]:
    """Losses, outputs and weights."""
    order = np.arange(2 * BATCH, dtype=np.int32)
    return [*program.train_steps(samples(), order, 0, steps, BATCH), *program.model.get_weights()]


@pytest.fixture
def parts(request, monkeypatch) -> int:
    """How many cores there seem to be."""
    monkeypatch.setattr(recurrence.tf.config.threading, "get_intra_op_parallelism_threads", lambda: request.param)
    return request.param


def program_of(network: Callable, layers, optimizers, optimizer: str) -> Program:
    update = getattr(optimizers, optimizer)(0.01, global_clipnorm=1.0)
    return Program(network(layers), keras.losses.BinaryCrossentropy(), update)


@cache
def in_one(network: Callable, optimizer: str) -> list[np.ndarray]:
    """What Keras' own layers give, whose steps have no parts."""
    program = program_of(network, keras.layers, keras.optimizers, optimizer)
    assert program.arrangement is Arrangement.OPERATIONS
    return trained(program)


@pytest.mark.parametrize(
    ("parts", "network", "optimizer"),
    [
        *((parts, masked, "Adam") for parts in (1, 3)),
        (3, shared_and_frozen, "SGD"),
        (2, shared_and_frozen, "RMSprop"),
    ],
    indirect=["parts"],
)
def test_trains_as_keras_in_one(parts, network, optimizer):
    assert len(recurrence.part_sizes(BATCH, 1)) == parts
    program = program_of(network, fused, fast_optimizers, optimizer)
    assert program.arrangement is Arrangement.PARTS
    for ours, theirs in zip(trained(program), in_one(network, optimizer), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("parts", [1, 3], indirect=True)
def test_each_part_drops_others_and_each_step_anew(parts):
    keras.utils.set_random_seed(0)
    tokens = keras.Input((8,), dtype="int32")
    x = dropout.Dropout(0.5)(keras.layers.Embedding(2, 64, embeddings_initializer="ones")(tokens))
    model = keras.Model(tokens, keras.layers.Reshape((8 * 64,))(fused.SimpleRNN(64, return_sequences=True)(x)))
    for weight, value in zip(model.layers[3].weights, (np.eye(64), np.zeros((64, 64)), np.zeros(64)), strict=True):
        weight.assign(value)
    ones, targets = np.ones((BATCH, 8), np.int32), np.zeros((BATCH, 8 * 64), np.float32)
    results = []
    for _ in range(2):  # the same twice
        model.layers[2].seed_generator.state.assign([7, 0])
        program = Program(model, keras.losses.MeanSquaredError(), fast_optimizers.SGD(0.0))
        order = np.tile(np.arange(BATCH, dtype=np.int32), 2)
        _, outputs = program.train_steps(Samples(ones, targets), order, 0, 2, BATCH)
        results.append(outputs > 0)
    np.testing.assert_array_equal(*results)
    assert len(np.unique(results[0], axis=0)) == 2 * BATCH
    assert abs(results[0].mean() - 0.5) < 0.01
    assert model.layers[2].seed_generator.state.numpy().tolist() == [7, 2]
