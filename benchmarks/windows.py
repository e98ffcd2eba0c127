"""How fast windows of a long series reach a training step: gathered in the graph, against the classic generator.

    python benchmarks/windows.py [--rounds 5] [--batches 200]

Both deliver the same samples of a generated table of Jena's size (420,551 rows of 14 columns; lookback 1,440, step 6,
delay 144, batches of 128). The classic generator is the loop of the books, which fills each batch sample by sample in
Python, handed on to TensorFlow as Keras' `fit` hands on a generator; seqrun cuts the windows out of one tensor inside
the compiled step. In turns; prints samples a second, the medians and the ratio, and by how much memory grew.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from collections.abc import Iterator

import numpy as np

from seqrun.components import SeriesTarget, Windows
from seqrun.device import import_tensorflow, select_device
from seqrun.trainers.samples import WindowSamples

ROWS, COLUMNS, LOOKBACK, STEP, DELAY, BATCH = 420_551, 14, 1440, 6, 144, 128


def classic_generator(data: np.ndarray, first: int, past: int, rng: np.random.Generator) -> Iterator[tuple]:
    """Endless random batches (samples, targets), filled one sample after another."""
    while True:
        rows = rng.integers(first + LOOKBACK, past, size=BATCH)
        samples = np.zeros((BATCH, LOOKBACK // STEP, data.shape[1]))
        targets = np.zeros((BATCH,))
        for number, row in enumerate(rows):
            samples[number] = data[range(row - LOOKBACK, row, STEP)]
            targets[number] = data[row + DELAY, 1]
        yield samples, targets


def classic(data: np.ndarray, batches: int):
    """Takes so many batches from the generator, as the tensors that a training step of `fit` would get."""
    tf = import_tensorflow()
    table = data.astype(np.float64)  # as pandas reads it
    dataset = tf.data.Dataset.from_generator(
        lambda: classic_generator(table, 0, 200_000 - DELAY, np.random.default_rng(0)),
        output_signature=(
            tf.TensorSpec((BATCH, LOOKBACK // STEP, COLUMNS), tf.float32),
            tf.TensorSpec((BATCH,), tf.float32),
        ),
    )
    batch = iter(dataset.prefetch(tf.data.AUTOTUNE))

    def run() -> None:
        for _ in range(batches):
            next(batch)

    return run


def gathered(data: np.ndarray, batches: int):
    """Cuts so many batches inside one call of a graph; something of each is kept so that none is optimised away."""
    tf = import_tensorflow()
    starts = np.arange(200_000 - LOOKBACK - DELAY)
    rows = np.arange(0, LOOKBACK, STEP)
    windows = Windows(data, data[:, 1:2], starts, rows, np.array([LOOKBACK + DELAY]), ((0, 200_000),))
    samples = WindowSamples(windows, SeriesTarget(("T (degC)",), 1))
    order = tf.constant(np.random.default_rng(0).permutation(len(starts))[: batches * BATCH].astype(np.int32))

    @tf.function
    def cut(tensors, order):
        total = 0.0
        for number in tf.range(batches):
            inputs, targets, _ = samples.batch(tensors, order[number * BATCH : (number + 1) * BATCH])
            total += tf.reduce_sum(inputs[:, -1, 0] + targets[:, 0, 0])
        return total

    def run() -> None:
        cut(samples.tensors, order).numpy()

    return run


def peak_memory() -> float:
    """The largest resident size of this process so far, in MB (getrusage)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=200)
    arguments = parser.parse_args()
    print("device:", select_device("cpu"), " TensorFlow", import_tensorflow().__version__)
    before = peak_memory()
    data = np.random.default_rng(0).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    runs = {"classic generator": classic(data, arguments.batches), "seqrun": gathered(data, arguments.batches)}
    for run in runs.values():
        run()
    speeds: dict[str, list[float]] = {name: [] for name in runs}
    for number in range(arguments.rounds):
        for name, run in runs.items():
            started = time.perf_counter()
            run()
            speeds[name].append(arguments.batches * BATCH / (time.perf_counter() - started))
        print(f"round {number + 1}:", "  ".join(f"{name} {rates[-1]:,.0f} samples/s" for name, rates in speeds.items()))
    slow, fast = (statistics.median(rates) for rates in speeds.values())
    print(f"medians: classic generator {slow:,.0f}, seqrun {fast:,.0f} samples/s: {fast / slow:.1f} times as many")
    print(f"peak memory grew by {peak_memory() - before:,.0f} MB, the table itself being {data.nbytes / 2**20:,.0f} MB")


if __name__ == "__main__":
    main()
