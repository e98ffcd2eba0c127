"""Plain Keras: each case's network as one would write it, trained by `fit`."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial
from time import perf_counter

import keras
import tensorflow as tf
from keras import layers
from keras.optimizers import SGD, Adam, RMSprop

from benchmarks.cases import Job
from benchmarks.data import arrays, classic_generator


def sentiment(recurrent: layers.Layer, time: int, *, words: int, width: int, rates, norm: bool, mask: bool = False):
    """An embedding, a recurrent layer, a probability."""
    stack = [keras.Input((time,), dtype="int32"), layers.Embedding(words, width, mask_zero=mask)]
    stack += [layers.Dropout(rates[0]), recurrent]
    stack += [layers.BatchNormalization()] if norm else []
    stack += [layers.Dropout(rate) for rate in rates[1:]]
    return keras.Sequential([*stack, layers.Dense(1, activation="sigmoid")])


def small(recurrent: layers.Layer, time: int, norm: bool = True, mask: bool = False) -> keras.Model:
    return sentiment(recurrent, time, words=10_000, width=64, rates=(0.3, 0.2), norm=norm, mask=mask)


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


# network -> how it is built of a length, its loss, its optimizer
NETWORKS = {
    "lstm": (lambda time: small(layers.LSTM(32), time), "binary_crossentropy", Adam),
    "gru": (
        lambda time: sentiment(layers.GRU(128), time, words=20_000, width=128, rates=(0.2,), norm=False),
        "binary_crossentropy",
        Adam,
    ),
    "simple_rnn": (lambda time: small(layers.SimpleRNN(32), time), "binary_crossentropy", Adam),
    "bilstm_autoencoder": (autoencoder, "binary_crossentropy", Adam),
    "wavenet": (wavenet, "huber", partial(SGD, 0.1, momentum=0.9)),
    "conv1d": (conv1d, "binary_crossentropy", partial(RMSprop, 1e-4)),
    "jena": (jena, "mae", RMSprop),
    "lstm500": (
        lambda time: small(layers.LSTM(32), time, norm=False, mask=True),
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
    build, loss, optimizer = NETWORKS[job.network]
    keras.backend.clear_session()
    keras.utils.set_random_seed(1)
    model = build(job.splits.spec.input_shape[0])
    model.compile(loss=loss, optimizer=optimizer())
    if job.network == "jena":
        data = {"x": classic_generator(job.splits.train, job.batch_size), "steps_per_epoch": job.steps}
    else:
        x, y = arrays(job.splits.train)
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
