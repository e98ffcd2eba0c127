"""PyTorch: each case's network as one would write it, eager, with the fast batches of an index into whole tensors.

A recurrent layer of PyTorch has two biases where Keras has one (a GRU's are two in both); all else is equal: the sizes,
the rates of dropout, the momentum and epsilon of normalisation and of the optimizers.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.cases import Job
from benchmarks.data import arrays, classic_generator


def norm(width: int) -> nn.BatchNorm1d:
    return nn.BatchNorm1d(width, eps=1e-3, momentum=0.01)  # Keras' defaults


class Sentiment(nn.Module):
    """An embedding, a recurrent layer, a logit."""

    def __init__(
        self, recurrent: nn.RNNBase, words: int, rates: tuple[float, ...], *, normed: bool, mask: bool = False
    ):
        super().__init__()
        width = recurrent.hidden_size
        self.embedding, self.recurrent, self.mask = nn.Embedding(words, recurrent.input_size), recurrent, mask
        self.dropout = nn.Dropout(rates[0])
        self.after = nn.Sequential(norm(width) if normed else nn.Identity(), *map(nn.Dropout, rates[1:]))
        self.output = nn.Linear(width, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.dropout(self.embedding(tokens))
        if self.mask:
            lengths = (tokens != 0).sum(dim=1)
            x = nn.utils.rnn.pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        _, state = self.recurrent(x)
        state = state[0] if isinstance(state, tuple) else state  # an LSTM has two
        return self.output(self.after(state[-1]))


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.reader = nn.LSTM(28, 28, batch_first=True, bidirectional=True)
        self.summary = nn.Sequential(norm(56), nn.Dropout(0.5), nn.Linear(56, 100), nn.Sigmoid(), nn.Dropout(0.1))
        self.writer = nn.LSTM(100, 28, batch_first=True, bidirectional=True)
        self.norm, self.output = norm(56), nn.Linear(56, 28)

    def forward(self, rows: Tensor) -> Tensor:
        time = rows.shape[1]
        _, (state, _) = self.reader(functional.dropout(rows, 0.5, self.training))
        code = self.summary(torch.cat([state[0], state[1]], dim=1))
        states, _ = self.writer(code[:, None].expand(-1, time, -1))
        return self.output(self.norm(states.flatten(0, 1))).unflatten(0, (-1, time))


class WaveNet(nn.Module):
    def __init__(self):
        super().__init__()
        rates = (1, 2, 4, 8) * 2
        self.stack = nn.ModuleList(nn.Conv1d(32 if n else 5, 32, 2, dilation=rate) for n, rate in enumerate(rates))
        self.output = nn.Conv1d(32, 14, 1)

    def forward(self, values: Tensor) -> Tensor:
        x = values.transpose(1, 2)  # (batch, features, time)
        for convolution in self.stack:
            x = functional.relu(convolution(functional.pad(x, (convolution.dilation[0], 0))))
        return self.output(x).transpose(1, 2)


class Conv1D(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10_000, 128)
        first, second = nn.Conv1d(128, 32, 7), nn.Conv1d(32, 32, 7)
        self.stack = nn.Sequential(first, nn.ReLU(), nn.MaxPool1d(5), second, nn.ReLU())
        self.output = nn.Linear(32, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.stack(self.embedding(tokens).transpose(1, 2))
        return self.output(x.amax(dim=2))


class Jena(nn.Module):
    """nn.GRU has no dropout of the state, so its cell is called step by step."""

    def __init__(self):
        super().__init__()
        first, second = nn.Conv1d(14, 32, 5), nn.Conv1d(32, 32, 5)
        self.stack = nn.Sequential(first, nn.ReLU(), nn.MaxPool1d(3), second, nn.ReLU())
        self.cell, self.output = nn.GRUCell(32, 32), nn.Linear(32, 1)

    def forward(self, values: Tensor) -> Tensor:
        x = self.stack(values.transpose(1, 2))  # (batch, filters, time)
        state = torch.zeros(len(x), 32)
        of_inputs = functional.dropout(torch.ones_like(x[..., :1]), 0.1, self.training)  # the same at every step
        of_state = functional.dropout(torch.ones_like(state), 0.5, self.training)
        for inputs in (x * of_inputs).unbind(dim=2):
            state = self.cell(inputs, state * of_state)
        return self.output(state)[:, 0]


ADAM = partial(torch.optim.Adam, lr=1e-3, eps=1e-7)  # its epsilon and the others' options are Keras' defaults
RMSPROP = partial(torch.optim.RMSprop, alpha=0.9, eps=1e-7)


def small(recurrent: type[nn.RNNBase], *, normed: bool = True, mask: bool = False) -> Callable[[], nn.Module]:
    return lambda: Sentiment(recurrent(64, 32, batch_first=True), 10_000, (0.3, 0.2), normed=normed, mask=mask)


CROSS_ENTROPY = nn.BCEWithLogitsLoss()
# network -> how it is built, its loss, its optimizer
NETWORKS = {
    "lstm": (small(nn.LSTM), CROSS_ENTROPY, ADAM),
    "gru": (
        lambda: Sentiment(nn.GRU(128, 128, batch_first=True), 20_000, (0.2,), normed=False),
        CROSS_ENTROPY,
        ADAM,
    ),
    "simple_rnn": (small(nn.RNN), CROSS_ENTROPY, ADAM),
    "bilstm_autoencoder": (Autoencoder, CROSS_ENTROPY, ADAM),
    "wavenet": (WaveNet, nn.HuberLoss(), partial(torch.optim.SGD, lr=0.1, momentum=0.9)),
    "conv1d": (Conv1D, CROSS_ENTROPY, partial(RMSPROP, lr=1e-4)),
    "jena": (Jena, nn.L1Loss(), partial(RMSPROP, lr=1e-3)),
    "lstm500": (small(nn.LSTM, normed=False, mask=True), CROSS_ENTROPY, ADAM),
}
LARGEST_NORM = {"lstm500": 1.0}  # to which all gradients together are clipped


def batches(job: Job) -> Callable[[], Iterator[tuple[Tensor, Tensor]]]:
    """What gives an epoch's batches."""
    if job.network == "jena":
        generator = classic_generator(job.splits.train, job.batch_size)
        return lambda: (tuple(torch.from_numpy(part).float() for part in next(generator)) for _ in range(job.steps))
    x, y = map(torch.from_numpy, arrays(job.splits.train))
    if job.network == "lstm500":  # nn.LSTM wants padding at the end
        x = torch.stack([torch.roll(row, int((row != 0).sum())) for row in x])
    return lambda: ((x[index], y[index]) for index in torch.randperm(len(x)).split(job.batch_size))


def train(job: Job, turns: Callable[[int], Iterator[None]], *, fused: bool = False) -> None:
    """Runs a turn of steps whenever asked; `fused`: with Adam's one kernel, which is not PyTorch's default on a CPU."""
    torch.set_num_threads(job.threads)
    torch.manual_seed(1)
    build, measure, optimizer_of = NETWORKS[job.network]
    model, epoch = build(), batches(job)
    optimizer = optimizer_of(model.parameters(), **({"fused": True} if fused else {}))
    for _ in turns(sum(parameter.numel() for parameter in model.parameters())):
        total = 0.0
        for _ in range(job.epochs):
            for inputs, targets in epoch():
                optimizer.zero_grad()
                loss = measure(model(inputs), targets)
                loss.backward()
                if job.network in LARGEST_NORM:
                    nn.utils.clip_grad_norm_(model.parameters(), LARGEST_NORM[job.network])
                optimizer.step()
                total += loss.item()
        if not math.isfinite(total):
            raise ValueError(f"the loss of {job.network} is {total}")
