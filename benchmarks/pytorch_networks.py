"""PyTorch: each case's network as one would write it, with its loss and its optimizer.

A recurrent layer of PyTorch has two biases where Keras has one (a GRU's are two in both); all else is equal: the sizes,
the rates of dropout, the momentum and epsilon of normalisation and of the optimizers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from benchmarks.cases import Sizes
from seqrun.components.padding import NO_TAG


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
            lengths = (tokens != 0).sum(dim=1).cpu()  # where packing wants them
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
        state = x.new_zeros(len(x), 32)
        of_inputs = functional.dropout(torch.ones_like(x[..., :1]), 0.1, self.training)  # the same at every step
        of_state = functional.dropout(torch.ones_like(state), 0.5, self.training)
        for inputs in (x * of_inputs).unbind(dim=2):
            state = self.cell(inputs, state * of_state)
        return self.output(state)[:, 0]


class ConvGRU(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding, self.dropout = nn.Embedding(20_000, 128), nn.Dropout(0.2)
        self.stack = nn.Sequential(nn.Conv1d(128, 64, 5), nn.ReLU(), nn.MaxPool1d(4))
        self.recurrent, self.output = nn.GRU(64, 128, batch_first=True), nn.Linear(128, 1)

    def forward(self, tokens: Tensor) -> Tensor:
        x = self.stack(self.dropout(self.embedding(tokens)).transpose(1, 2))  # (batch, filters, steps)
        _, state = self.recurrent(x.transpose(1, 2))
        return self.output(state[-1])


class Transformer(nn.Module):
    """One block of an encoder that normalises first; positions are counted from the first word, 0 is padding."""

    def __init__(self, time: int):
        super().__init__()
        self.embedding, self.positions = nn.Embedding(10_000, 32), nn.Embedding(time + 1, 32)
        self.norms = nn.ModuleList(nn.LayerNorm(32, eps=1e-6) for _ in range(3))
        self.attention = nn.MultiheadAttention(32, 2, dropout=0.1, batch_first=True)
        self.wide, self.narrow, self.output = nn.Linear(32, 32), nn.Linear(32, 32), nn.Linear(32, 1)
        self.dropout = nn.Dropout(0.1)

    def forward(self, tokens: Tensor) -> Tensor:
        real = tokens != 0  # (batch, time)
        x = self.embedding(tokens) + self.positions(real.cumsum(dim=1) * real)
        h = self.norms[0](x)
        h, _ = self.attention(h, h, h, key_padding_mask=~real, need_weights=False)
        x = x + self.dropout(h)
        x = x + self.dropout(self.narrow(functional.relu(self.wide(self.norms[1](x)))))
        x = self.norms[2](x) * real[..., None]
        return self.output(self.dropout(x.sum(dim=1) / real.sum(dim=1, keepdim=True)))


class Tagger(nn.Module):
    """A recurrent layer in both directions that skips padding, and a logit for each tag at every step."""

    def __init__(self, sizes: Sizes):
        super().__init__()
        self.embedding = nn.Embedding(sizes.words, 100)
        self.recurrent = nn.LSTM(100, sizes.units, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * sizes.units, sizes.outputs)

    def forward(self, tokens: Tensor) -> Tensor:
        lengths = (tokens != 0).sum(dim=1).cpu()  # where packing wants them
        packed = nn.utils.rnn.pack_padded_sequence(
            self.embedding(tokens), lengths, batch_first=True, enforce_sorted=False
        )
        states, _ = nn.utils.rnn.pad_packed_sequence(
            self.recurrent(packed)[0], batch_first=True, total_length=tokens.shape[1]
        )
        return self.output(states).transpose(1, 2)  # (batch, tags, time), as its loss wants them


ADAM = partial(torch.optim.Adam, lr=1e-3, eps=1e-7)  # its epsilon and the others' options are Keras' defaults
RMSPROP = partial(torch.optim.RMSprop, alpha=0.9, eps=1e-7)


def small(recurrent: type[nn.RNNBase], sizes: Sizes, *, normed: bool = True, mask: bool = False) -> nn.Module:
    return Sentiment(recurrent(64, sizes.units, batch_first=True), 10_000, (0.3, 0.2), normed=normed, mask=mask)


CROSS_ENTROPY = nn.BCEWithLogitsLoss()
# network -> how it is built of sizes, its loss, its optimizer
NETWORKS: dict[str, tuple[Callable[[Sizes], nn.Module], nn.Module, Callable[..., torch.optim.Optimizer]]] = {
    "lstm": (partial(small, nn.LSTM), CROSS_ENTROPY, ADAM),
    "gru": (
        lambda sizes: Sentiment(nn.GRU(128, 128, batch_first=True), 20_000, (0.2,), normed=False),
        CROSS_ENTROPY,
        ADAM,
    ),
    "simple_rnn": (partial(small, nn.RNN), CROSS_ENTROPY, ADAM),
    "bilstm_autoencoder": (lambda sizes: Autoencoder(), CROSS_ENTROPY, ADAM),
    "wavenet": (lambda sizes: WaveNet(), nn.HuberLoss(), partial(torch.optim.SGD, lr=0.1, momentum=0.9)),
    "conv1d": (lambda sizes: Conv1D(), CROSS_ENTROPY, partial(RMSPROP, lr=1e-4)),
    "transformer": (lambda sizes: Transformer(sizes.time), CROSS_ENTROPY, ADAM),
    "conv_gru": (lambda sizes: ConvGRU(), CROSS_ENTROPY, ADAM),
    "tagger": (Tagger, nn.CrossEntropyLoss(ignore_index=NO_TAG), ADAM),
    "jena": (lambda sizes: Jena(), nn.L1Loss(), partial(RMSPROP, lr=1e-3)),
    "lstm500": (partial(small, nn.LSTM, normed=False, mask=True), CROSS_ENTROPY, ADAM),
}
LARGEST_NORM = {"lstm500": 1.0}  # to which all gradients together are clipped
