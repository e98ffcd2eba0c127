"""Plain Keras: each case's network as one would write it, trained by `fit`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from time import perf_counter

import keras
import tensorflow as tf
from keras import layers, ops
from keras.optimizers import SGD, Adam, RMSprop

from benchmarks.cases import Job, Sizes
from benchmarks.data import arrays, classic_generator
from seqrun.components.padding import NO_TAG


def sentiment(recurrent: layers.Layer, time: int, *, words: int, width: int, rates, norm: bool, mask: bool = False):
    """An embedding, a recurrent layer, a probability."""
    stack = [keras.Input((time,), dtype="int32"), layers.Embedding(words, width, mask_zero=mask)]
    stack += [layers.Dropout(rates[0]), recurrent]
    stack += [layers.BatchNormalization()] if norm else []
    stack += [layers.Dropout(rate) for rate in rates[1:]]
    return keras.Sequential([*stack, layers.Dense(1, activation="sigmoid")])


def small(recurrent: layers.Layer, sizes: Sizes, norm: bool = True, mask: bool = False) -> keras.Model:
    return sentiment(recurrent, sizes.time, words=10_000, width=64, rates=(0.3, 0.2), norm=norm, mask=mask)


def autoencoder(time: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((time, 28)),
            layers.Dropout(0.5),
            layers.Bidirectional(layers.LSTM(28)),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(100, activation="sigmoid"),
            layers.Dropout(0.1),
            layers.RepeatVector(time),
            layers.Bidirectional(layers.LSTM(28, return_sequences=True)),
            layers.BatchNormalization(),
            layers.Dense(28, activation="sigmoid"),
        ]
    )


def wavenet(time: int) -> keras.Model:
    stack = [layers.Conv1D(32, 2, padding="causal", activation="relu", dilation_rate=rate) for rate in (1, 2, 4, 8) * 2]
    return keras.Sequential([keras.Input((time, 5)), *stack, layers.Conv1D(14, 1)])


def conv1d(time: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((time,), dtype="int32"),
            layers.Embedding(10_000, 128),
            layers.Conv1D(32, 7, activation="relu"),
            layers.MaxPooling1D(5),
            layers.Conv1D(32, 7, activation="relu"),
            layers.GlobalMaxPooling1D(),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def jena(time: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((time, 14)),
            layers.Conv1D(32, 5, activation="relu"),
            layers.MaxPooling1D(3),
            layers.Conv1D(32, 5, activation="relu"),
            layers.GRU(32, dropout=0.1, recurrent_dropout=0.5),
            layers.Dense(1),
        ]
    )


def transformer(time: int) -> keras.Model:
    """One block of an encoder that normalises first; positions are counted from the first word, 0 is padding."""
    tokens = keras.Input((time,), dtype="int32")
    real = ops.not_equal(tokens, 0)
    counted = ops.cast(real, "int32")
    x = layers.Embedding(10_000, 32)(tokens) + layers.Embedding(time + 1, 32)(ops.cumsum(counted, axis=1) * counted)
    h = layers.LayerNormalization(epsilon=1e-6)(x)
    h = layers.MultiHeadAttention(2, 16, dropout=0.1)(h, h, value_mask=real)
    x = x + layers.Dropout(0.1)(h)
    h = layers.Dense(32, activation="relu")(layers.LayerNormalization(epsilon=1e-6)(x))
    x = x + layers.Dropout(0.1)(layers.Dense(32)(h))
    x = layers.GlobalAveragePooling1D()(layers.LayerNormalization(epsilon=1e-6)(x), mask=real)
    return keras.Model(tokens, layers.Dense(1, activation="sigmoid")(layers.Dropout(0.1)(x)))


def conv_gru(time: int) -> keras.Model:
    return keras.Sequential(
        [
            keras.Input((time,), dtype="int32"),
            layers.Embedding(20_000, 128),
            layers.Dropout(0.2),
            layers.Conv1D(64, 5, activation="relu"),
            layers.MaxPooling1D(4),
            layers.GRU(128),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


def tagger(sizes: Sizes) -> keras.Model:
    """Its embedding's mask reaches the loss: padding has no part in it."""
    return keras.Sequential(
        [
            keras.Input((sizes.time,), dtype="int32"),
            layers.Embedding(sizes.words, 100, mask_zero=True),
            layers.Bidirectional(layers.LSTM(sizes.units, return_sequences=True)),
            layers.Dense(sizes.outputs, activation="softmax"),
        ]
    )


# network -> how it is built of sizes, its loss, its optimizer
NETWORKS = {
    "lstm": (lambda sizes: small(layers.LSTM(sizes.units), sizes), "binary_crossentropy", Adam),
    "gru": (
        lambda sizes: sentiment(layers.GRU(128), sizes.time, words=20_000, width=128, rates=(0.2,), norm=False),
        "binary_crossentropy",
        Adam,
    ),
    "simple_rnn": (lambda sizes: small(layers.SimpleRNN(sizes.units), sizes), "binary_crossentropy", Adam),
    "bilstm_autoencoder": (lambda sizes: autoencoder(sizes.time), "binary_crossentropy", Adam),
    "wavenet": (lambda sizes: wavenet(sizes.time), "huber", partial(SGD, 0.1, momentum=0.9)),
    "conv1d": (lambda sizes: conv1d(sizes.time), "binary_crossentropy", partial(RMSprop, 1e-4)),
    "transformer": (lambda sizes: transformer(sizes.time), "binary_crossentropy", Adam),
    "conv_gru": (lambda sizes: conv_gru(sizes.time), "binary_crossentropy", Adam),
    "tagger": (tagger, keras.losses.SparseCategoricalCrossentropy(ignore_class=NO_TAG), Adam),
    "jena": (lambda sizes: jena(sizes.time), "mae", RMSprop),
    "lstm500": (
        lambda sizes: small(layers.LSTM(sizes.units), sizes, norm=False, mask=True),
        "binary_crossentropy",
        partial(Adam, global_clipnorm=1.0),
    ),
}


class Steps(keras.callbacks.Callback):
    """Counts the seconds from an epoch's first batch to its end."""

    def __init__(self):
        super().__init__()
        self.seconds = 0.0

    def on_train_batch_begin(self, batch, logs=None):
        if not batch:
            self.started = perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds += perf_counter() - self.started


def train(job: Job, turns: Callable[[int], Generator[None, float, None]]) -> None:
    """Runs a turn of `fit` whenever asked. Told are the seconds of its steps alone.

    Between epochs `fit` takes a new iterator of its data set, and often waits until the old one's tuning thread, which
    sleeps twice as long each time, wakes: up to as long again as the epoch took, at random. That is not counted.
    """
    tf.config.threading.set_intra_op_parallelism_threads(job.threads)
    tf.config.threading.set_inter_op_parallelism_threads(job.threads)
    if job.device == "gpu":
        tf.config.experimental.set_memory_growth(
            tf.config.list_physical_devices("GPU")[0], True
        )  # others want some too
    build, loss, optimizer = NETWORKS[job.network]
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = build(job.sizes)
    model.compile(loss=loss, optimizer=optimizer())
    if job.network == "jena":
        data = {"x": classic_generator(job.train, job.batch_size), "steps_per_epoch": job.steps}
    else:
        x, y = (array[: job.steps * job.batch_size] for array in arrays(job.train))
        data = {"x": x, "y": y, "batch_size": job.batch_size}
    clock = turns(model.count_params())
    next(clock)
    while True:
        steps = Steps()
        model.fit(**data, epochs=job.epochs, callbacks=[steps], verbose=0)
        try:
            clock.send(steps.seconds)
        except StopIteration:
            return


def device_mb() -> float:
    """Return the most memory that tensors have held on the GPU, in MB."""
    return tf.config.experimental.get_memory_info("GPU:0")["peak"] / 2**20
