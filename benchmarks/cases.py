"""What is timed: shipped experiments, each of which has a Keras and a PyTorch twin (keras_fit.py, pytorch.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqrun.components.base import Experiment
from seqrun.components.splits import Splits
from seqrun.config.experiment import load_experiment

ROOT = Path(__file__).parent.parent
ENDLESS = ("trainer.epochs=1000000", "trainer.early_stopping=false", "trainer.reduce_lr=false")


@dataclass(frozen=True)
class Case:
    """A shipped config with some settings changed; an epoch is `steps` whole batches, a turn so many `epochs`."""

    title: str
    config: str
    network: str  # which twin
    steps: int
    epochs: int = 1
    rounds: int = 7
    settings: tuple[str, ...] = ()  # as for --set
    sides: tuple[str, ...] = ("fit", "pytorch", "seqrun", "products")
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # seqrun's again, with more settings

    def experiment(self, more: tuple[str, ...] = ()) -> Experiment:
        settings = (*ENDLESS, *self.settings, *more)
        experiment = load_experiment(ROOT / "configs" / f"{self.config}.yaml", settings)
        if experiment.trainer.steps_per_epoch is not None:  # random windows of all there are
            return _with(experiment, trainer={"steps_per_epoch": self.steps})
        return _with(experiment, dataset={"limit": self.steps * experiment.trainer.batch_size})


@dataclass(frozen=True)
class Job:
    """What a worker process is told."""

    network: str
    experiment: Experiment
    splits: Splits
    steps: int
    epochs: int
    threads: int

    @property
    def batch_size(self) -> int:
        return self.experiment.trainer.batch_size

    @property
    def samples(self) -> int:
        """Of one turn."""
        return self.steps * self.epochs * self.batch_size


def _with(experiment: Experiment, **changes: dict) -> Experiment:
    parts = {name: getattr(experiment, name).model_copy(update=update) for name, update in changes.items()}
    return replace(experiment, **parts)


CASES = {
    "lstm": Case("LSTM(32), 10,000 words, 128 steps, batch 100", "imdb_lstm", "lstm", 60),
    "gru": Case("GRU(128), 20,000 words, 100 steps, batch 32", "imdb20k_gru", "gru", 50),
    "simple_rnn": Case("SimpleRNN(32), 10,000 words, 128 steps, batch 100", "imdb_rnn", "simple_rnn", 60, epochs=2),
    "bilstm_autoencoder": Case(
        "BiLSTM autoencoder, 28 x 28, 100 latent, batch 100",
        "mnist_bilstm_autoencoder",
        "bilstm_autoencoder",
        60,
        epochs=2,
    ),
    "wavenet": Case("WaveNet, 2 x (1, 2, 4, 8), 112 steps, batch 32", "ridership_wavenet", "wavenet", 30, epochs=8),
    "conv1d": Case("Conv1D, 10,000 words, 500 steps, batch 128", "imdb_conv1d", "conv1d", 10),
    "jena": Case(
        "Jena Conv1D+GRU, 240 steps, batch 128, classic generator",
        "jena_conv_gru",
        "jena",
        10,
        settings=("dataset.splits=[0.6, 0.2, 0.2]",),
    ),
    "lstm500": Case(
        "LSTM(32), 10,000 words, masked, 500 steps, batch 100",
        "imdb_lstm_500_bucketed",
        "lstm500",
        30,
        settings=("trainer.batching=shuffled",),
    ),
    "bucketed": Case(
        "LSTM(32), the same, 100 batches of it",
        "imdb_lstm_500_bucketed",
        "lstm500",
        100,
        rounds=15,
        settings=("trainer.batching=shuffled",),
        sides=("seqrun",),
        variants={"bucketed": ("trainer.batching=bucketed",)},
    ),
}

BATCHES, LENGTHS = (16, 32, 64, 128, 256, 512), (32, 64, 128, 256, 512)
GROWTH_TOKENS = 4_000 * 128  # a turn's, however they are cut into batches


def grown(*, batch: int = 100, length: int = 128, tokens: int = GROWTH_TOKENS) -> Case:
    """The LSTM's case at another batch size or length."""
    settings = (f"trainer.batch_size={batch}", f"dataset.max_len={length}")
    steps = max(4, min(tokens // length, 16_000) // batch)
    return replace(CASES["lstm"], steps=steps, settings=settings)
