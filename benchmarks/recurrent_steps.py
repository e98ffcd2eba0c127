"""How long a training step of a recurrent network takes: seqrun's loop and layers against plain Keras' `fit`.

    python benchmarks/recurrent_steps.py [--rounds 9] [lstm gru simple_rnn bilstm_autoencoder]

Both sides train the same network on the same generated data with Adam, in turns, so that a noisy machine slows both;
`loop` is seqrun's loop with Keras' own layers, which tells what the layers alone gain. Prints the medians in
milliseconds a step, the quartiles, and how many times as long `fit` takes.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import keras
import numpy as np

from seqrun.architectures.layers import fused
from seqrun.device import import_tensorflow, select_device
from seqrun.trainers.program import Program
from seqrun.trainers.samples import Samples

STEPS = 20  # of one measurement


def sentiment(layer, words: int, time: int, width: int) -> Callable[[], keras.Model]:
    """imdb_lstm and imdb_rnn (batch norm left out): an embedding, a recurrent layer, a probability."""

    def build() -> keras.Model:
        tokens = keras.Input((time,), dtype="int32")
        hidden = layer(width)(keras.layers.Embedding(words, 64 if width < 64 else 128)(tokens))
        return keras.Model(tokens, keras.layers.Dense(1, activation="sigmoid")(hidden))

    return build


def autoencoder(layers) -> Callable[[], keras.Model]:
    """mnist_bilstm_autoencoder."""

    def build() -> keras.Model:
        both = lambda **options: layers.Bidirectional(layers.LSTM(28, **options))  # noqa: E731
        rows = keras.Input((28, 28))
        x = keras.layers.BatchNormalization()(both()(keras.layers.Dropout(0.5)(rows)))
        code = keras.layers.Dense(100, activation="sigmoid")(keras.layers.Dropout(0.5)(x))
        x = keras.layers.RepeatVector(28)(keras.layers.Dropout(0.1)(code))
        x = keras.layers.BatchNormalization()(both(return_sequences=True)(x))
        return keras.Model(rows, keras.layers.Dense(28, activation="sigmoid")(x))

    return build


def tokens(samples: int, time: int, words: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    ids = np.minimum(rng.zipf(1.3, (samples, time)) + 2, words - 1).astype(np.int32)
    return ids, rng.integers(0, 2, (samples, 1)).astype(np.float32)


def pictures(samples: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).random((samples, 28, 28), np.float32)
    return x, x


# name -> the network of a module of layers, its data, the batch size
CASES = {
    "lstm": (lambda layers: sentiment(layers.LSTM, 10_000, 128, 32), tokens(100 * STEPS, 128, 10_000), 100),
    "gru": (lambda layers: sentiment(layers.GRU, 20_000, 100, 128), tokens(32 * STEPS, 100, 20_000), 32),
    "simple_rnn": (lambda layers: sentiment(layers.SimpleRNN, 10_000, 128, 32), tokens(100 * STEPS, 128, 10_000), 100),
    "bilstm_autoencoder": (autoencoder, pictures(100 * STEPS), 100),
}


def plain_fit(build: Callable[[], keras.Model], data: tuple[np.ndarray, np.ndarray], batch_size: int) -> Callable:
    model = build()
    model.compile(loss="binary_crossentropy", optimizer="adam")
    return lambda: model.fit(*data, batch_size=batch_size, verbose=0)


def seqrun_loop(build: Callable[[], keras.Model], data: tuple[np.ndarray, np.ndarray], batch_size: int) -> Callable:
    program = Program(build(), keras.losses.BinaryCrossentropy(), keras.optimizers.Adam())
    samples, order = Samples(*data), np.random.default_rng(1).permutation(len(data[0])).astype(np.int32)
    return lambda: program.train_steps(samples, order, 0, STEPS, batch_size)


def measure(sides: dict[str, Callable], rounds: int) -> dict[str, np.ndarray]:
    """Milliseconds a step, (rounds,) of each side; the first round, which compiles, does not count."""
    taken: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(rounds + 1):
        for name, run in sides.items():
            started = time.perf_counter()
            run()
            taken[name].append((time.perf_counter() - started) / STEPS * 1000)
    return {name: np.array(values[1:]) for name, values in taken.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="case", help=", ".join(CASES))
    parser.add_argument("--rounds", type=int, default=9)
    arguments = parser.parse_args()
    versions = f"TensorFlow {import_tensorflow().__version__}, Keras {keras.__version__}"
    print(f"device: {select_device('cpu')}, {versions}")
    for name in arguments.cases or CASES:
        network, data, batch_size = CASES[name]
        keras.utils.set_random_seed(1)
        sides = {
            "fit": plain_fit(network(keras.layers), data, batch_size),
            "loop": seqrun_loop(network(keras.layers), data, batch_size),
            "seqrun": seqrun_loop(network(fused), data, batch_size),
        }
        taken = measure(sides, arguments.rounds)
        fit = np.median(taken["fit"])
        for side, values in taken.items():
            low, middle, high = np.percentile(values, [25, 50, 75])
            print(f"{name:<20}{side:<8}{middle:7.1f} ms  ({low:.1f} to {high:.1f})  {fit / middle:5.2f}x", flush=True)


if __name__ == "__main__":
    main()
