"""How long an epoch of imdb_lstm takes, training and validation: seqrun's loop against plain Keras' `fit`.

    python benchmarks/imdb_lstm_epoch.py [--rounds 7] [--samples 20000]

Both train the same network (see configs/imdb_lstm.yaml) on the same generated token ids, 20,000 samples for training
and 5,000 for validation as the config's split has them, in turns, so that a noisy machine slows both. Prints each
round's seconds, the medians and the ratio.
"""

from __future__ import annotations

import argparse
import statistics
import time

import numpy as np

from seqrun.device import import_tensorflow, select_device

WORDS, TIME, BATCH = 10_000, 128, 100


def network(recurrent):
    """The network of imdb_lstm, its recurrent layer from that module."""
    import keras

    keras.utils.set_random_seed(42)
    layers = keras.layers
    tokens = keras.Input((TIME,), dtype="int32")
    hidden = layers.Dropout(0.3)(layers.Embedding(WORDS, 64)(tokens))
    hidden = layers.Dropout(0.2)(layers.BatchNormalization()(recurrent.LSTM(32)(hidden)))
    return keras.Model(tokens, layers.Dense(1, activation="sigmoid")(hidden))


def reviews(samples: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Token ids (samples, time) whose class depends on the words, so that there is something to learn."""
    rng = np.random.default_rng(seed)
    tokens = np.minimum(rng.zipf(1.3, (samples, TIME)) + 2, WORDS - 1).astype(np.int32)
    return tokens, (np.median(tokens, axis=1) % 2).astype(np.int32)


def keras_epoch(train, validation):
    """One epoch of plain Keras, as a user would write it."""
    import keras

    model = network(keras.layers)
    model.compile(loss="binary_crossentropy", optimizer="adam", metrics=["accuracy"])

    def epoch() -> None:
        model.fit(*train, batch_size=BATCH, validation_data=validation, verbose=0)

    return epoch


def seqrun_epoch(train, validation):
    """One epoch of seqrun's loop, its metrics included."""
    from seqrun.architectures.layers import fused
    from seqrun.components import ClassTarget, Split
    from seqrun.trainers.classification.fit import encode, loss_of, measure
    from seqrun.trainers.classifier import Classifier
    from seqrun.trainers.loop import Loop, Session
    from seqrun.trainers.optimizers import build_optimizer
    from seqrun.trainers.program import Program

    target = ClassTarget(("negative", "positive"))
    settings = Classifier(batch_size=BATCH, epochs=10_000, early_stopping=None)
    program = Program(network(fused), loss_of(target), build_optimizer(settings))
    samples = [encode(Split(*split, np.arange(len(split[1]))), target) for split in (train, validation)]
    loop = Loop(program, settings, *samples, measure, Session(42, emit=lambda event: None))
    return loop._epoch


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--samples", type=int, default=20_000)
    arguments = parser.parse_args()
    print("device:", select_device("cpu"), " TensorFlow", import_tensorflow().__version__)
    train, validation = reviews(arguments.samples, 0), reviews(arguments.samples // 4, 1)
    epochs = {"keras fit": keras_epoch(train, validation), "seqrun": seqrun_epoch(train, validation)}
    for epoch in epochs.values():  # compile
        epoch()
    seconds: dict[str, list[float]] = {name: [] for name in epochs}
    for number in range(arguments.rounds):
        for name, epoch in epochs.items():
            started = time.perf_counter()
            epoch()
            seconds[name].append(time.perf_counter() - started)
        print(f"round {number + 1}:", "  ".join(f"{name} {values[-1]:.2f} s" for name, values in seconds.items()))
    plain, ours = (statistics.median(values) for values in seconds.values())
    print(f"medians: keras fit {plain:.2f} s, seqrun {ours:.2f} s; keras fit takes {plain / ours:.2f} times as long")


if __name__ == "__main__":
    main()
