"""The matrix products of a training step alone: what any step of this network has to compute.

Counted are those of dense, convolutional and recurrent layers, forward, and backward for the weights and for the input
(not for an input that is data). A convolution is a product for each step that a filter sees. A recurrent layer's input
projection, and the gradient of its weights, are one product each over all steps; what depends on the last state is one
product a step, forward and backward. Nothing else is counted: no gates, no embedding, no loss, no update. Each is a
`torch.mm` into memory that was allocated before, with as many threads as the other sides have.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch

from benchmarks.cases import Job

Products = list[tuple[int, int, int, int]]  # how often, and the three sizes of (a, b) @ (b, c)


def dense(rows: int, inputs: int, outputs: int, *, kernel: int = 1, data: bool = False) -> Products:
    """A layer on so many rows; a convolution has a `kernel`; `data`: its input needs no gradient."""
    products = [(kernel, rows, inputs, outputs), (kernel, inputs, rows, outputs)]
    return products if data else [*products, (kernel, rows, outputs, inputs)]


def recurrent(batch: int, time: int, inputs: int, units: int, gates: int, *, data: bool = False) -> Products:
    """One direction of a recurrent layer."""
    width = gates * units
    steps = [(time, batch, units, width), (time, batch, width, units), (1, units, batch * time, width)]
    return [*dense(batch * time, inputs, width, data=data), *steps]


def autoencoder(batch: int, time: int) -> Products:
    """Rows of 28 pixels to a code of 100 numbers, and back, in both directions."""
    reading = 2 * recurrent(batch, time, 28, 28, 4, data=True) + dense(batch, 56, 100)
    return reading + 2 * recurrent(batch, time, 100, 28, 4) + dense(batch * time, 56, 28)


def wavenet(batch: int, time: int) -> Products:
    rows = batch * time
    return dense(rows, 5, 32, kernel=2, data=True) + 7 * dense(rows, 32, 32, kernel=2) + dense(rows, 32, 14)


def conv1d(batch: int, time: int) -> Products:
    first = time - 6
    last = first // 5 - 6
    return dense(batch * first, 128, 32, kernel=7) + dense(batch * last, 32, 32, kernel=7) + dense(batch, 32, 1)


def jena(batch: int, time: int) -> Products:
    first = time - 4
    last = first // 3 - 4
    convolutions = dense(batch * first, 14, 32, kernel=5, data=True) + dense(batch * last, 32, 32, kernel=5)
    return convolutions + recurrent(batch, last, 32, 32, 3) + dense(batch, 32, 1)


def transformer(batch: int, time: int) -> Products:
    """Projections, the products of each head's attention, forward and backward, and the feed-forward layer."""
    rows, heads = batch * time, 2 * batch
    scores = [(3 * heads, time, 16, time), (3 * heads, time, time, 16)]
    return 6 * dense(rows, 32, 32) + scores + dense(batch, 32, 1)


def conv_gru(batch: int, time: int) -> Products:
    first = time - 4
    return dense(batch * first, 128, 64, kernel=5) + recurrent(batch, first // 4, 64, 128, 3) + dense(batch, 128, 1)


PRODUCTS: dict[str, Callable[[int, int], Products]] = {
    "lstm": lambda batch, time: recurrent(batch, time, 64, 32, 4) + dense(batch, 32, 1),
    "gru": lambda batch, time: recurrent(batch, time, 128, 128, 3) + dense(batch, 128, 1),
    "simple_rnn": lambda batch, time: recurrent(batch, time, 64, 32, 1) + dense(batch, 32, 1),
    "bilstm_autoencoder": autoencoder,
    "wavenet": wavenet,
    "conv1d": conv1d,
    "transformer": transformer,
    "conv_gru": conv_gru,
    "tagger": lambda batch, time: 2 * recurrent(batch, time, 100, 100, 4) + dense(batch * time, 200, 9),
    "jena": jena,
    "lstm500": lambda batch, time: recurrent(batch, time, 64, 32, 4) + dense(batch, 32, 1),
}


def train(job: Job, turns: Callable[[int], Iterator[None]]) -> None:
    """Computes a turn's products whenever asked."""
    torch.set_num_threads(job.threads)
    products = PRODUCTS[job.network](job.batch_size, job.sizes.time)
    made = [(count, torch.rand(a, b), torch.rand(b, c), torch.empty(a, c)) for count, a, b, c in products]
    for _ in turns(0):
        for _ in range(job.epochs * job.steps):
            for count, left, right, out in made:
                for _ in range(count):
                    torch.mm(left, right, out=out)
