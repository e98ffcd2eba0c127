"""What is timed: shipped experiments, each of which has a Keras and a PyTorch twin (keras_fit.py, pytorch.py)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from seqrun.components.base import Experiment
from seqrun.components.splits import Split, Splits, Windows
from seqrun.components.targets import SeriesTarget
from seqrun.config.experiment import load_experiment

ROOT = Path(__file__).parent.parent
RIDERSHIP, JENA = "CTA_-_Ridership_-_Daily_Boarding_Totals.csv", "jena_climate_2009_2016.csv"
TAGGED = "tagged.txt"  # generated alone: the published ones may not be passed on
ENDLESS = ("trainer.epochs=1000000", "trainer.early_stopping=false", "trainer.reduce_lr=false")


FIT, BEST_PYTORCH, PYTORCH = "fit", "best PyTorch", "pytorch"  # what seqrun is compared with
TARGETS = {"cpu": {FIT: 3.0, BEST_PYTORCH: 2.0}, "gpu": {PYTORCH: 1.5}}  # how many times as fast it should be
SIDES = {  # of a step, by device; `products` are no training
    "cpu": ("fit", "pytorch", "pytorch fused", "seqrun", "products"),
    "gpu": ("fit", "pytorch", "pytorch fused", "pytorch compiled", "seqrun"),
}
PRECISE = ("pytorch bfloat16", "pytorch float16", "seqrun bfloat16", "seqrun float16")  # on a GPU, of some cases
PRECISIONS = {f"seqrun {kind}": (f"trainer.precision=mixed_{kind}",) for kind in ("bfloat16", "float16")}


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
    data: str = "imdb.npz"  # the file that it reads
    own: bool = False  # the config names its file by `dataset.path`
    alone: bool = False  # there are no twins, or none that compare
    precise: bool = False  # is also measured in 16 bits, on a GPU
    gpu_steps: int = 150  # as `steps`, on a GPU, where they are over sooner; as many as the data make
    variants: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # seqrun's again, with more settings
    targets: Mapping[str, float] = field(default_factory=dict)  # other ones than TARGETS, on a CPU

    def experiment(self, more: tuple[str, ...] = (), data_dir: Path | None = None) -> Experiment:
        """Return the experiment, with more settings; `data_dir` is where a file of one's own lies."""
        path = (f"dataset.path={data_dir / self.data}",) if self.own and data_dir else ()
        settings = (*ENDLESS, *self.settings, *path, *more)
        experiment = load_experiment(ROOT / "configs" / f"{self.config}.yaml", settings)
        if experiment.trainer.steps_per_epoch is not None:  # random windows of all there are
            return _with(experiment, trainer={"steps_per_epoch": self.steps})
        return _with(experiment, dataset={"limit": self.steps * experiment.trainer.batch_size})

    def on(self, device: str) -> Case:
        """Return the case as it is measured on a device: on a GPU in fewer rounds of more steps."""
        if device == "cpu":
            return self
        return replace(self, steps=self.gpu_steps, epochs=4 if self.gpu_steps < 60 else 1, rounds=5)

    def quick(self) -> Case:
        """Return the case cut down to what shows whether it works."""
        return replace(self, steps=max(4, self.steps // 8), rounds=2)

    @property
    def batch_size(self) -> int:
        """Return the samples of a step."""
        return self.experiment().trainer.batch_size

    @property
    def samples(self) -> int:
        """Return the samples of a turn."""
        return self.steps * self.epochs * self.batch_size

    def sides(self, device: str) -> tuple[str, ...]:
        """Return what is timed on a device."""
        if self.alone:
            return ("seqrun", *self.variants)
        adam = self.experiment().trainer.optimizer.name == "adam"
        kept = [side for side in SIDES[device] if adam or side != "pytorch fused"]
        return (*kept, *(PRECISE if self.precise and device == "gpu" else ()))

    def settings_of(self, side: str) -> tuple[str, ...]:
        """Return the settings of one side that the others do not have."""
        return self.variants.get(side) or PRECISIONS.get(side, ())

    def target(self, device: str) -> dict[str, float]:
        """Return what it is compared with -> how many times as fast a step should be."""
        return {**TARGETS[device], **(self.targets if device == "cpu" else {})}


@dataclass(frozen=True)
class Sizes:
    """Of the data and the config, what the twins of some cases are built by."""

    time: int
    words: int  # ids in the vocabulary; 0: there is none
    outputs: int  # of the target
    units: int  # of a recurrent layer; 0: there is none


@dataclass(frozen=True)
class Job:
    """What a worker process is told."""

    network: str
    experiment: Experiment
    splits: Splits
    steps: int
    epochs: int
    threads: int
    device: str = "cpu"

    @property
    def batch_size(self) -> int:
        return self.experiment.trainer.batch_size

    @property
    def train(self) -> Split | Windows:
        """Return the training split as the twins train on it: what they forecast is in the network's units."""
        train, target = self.splits.train, self.splits.spec.target
        if isinstance(train, Windows) and isinstance(target, SeriesTarget):
            return replace(train, values=target.units_of(None).scaled(train.values))
        return train

    @property
    def sizes(self) -> Sizes:
        spec = self.splits.spec
        units = getattr(self.experiment.architecture, "units", 0)
        words = 0 if spec.vocabulary is None else spec.vocabulary.size
        return Sizes(spec.input_shape[0], words, spec.target.units or 0, units if isinstance(units, int) else 0)


def _with(experiment: Experiment, **changes: dict) -> Experiment:
    parts = {name: getattr(experiment, name).model_copy(update=update) for name, update in changes.items()}
    return replace(experiment, **parts)


CASES = {
    "lstm": Case("LSTM(32), 10,000 words, 128 steps, batch 100", "imdb_lstm", "lstm", 60, precise=True),
    "gru": Case("GRU(128), 20,000 words, 100 steps, batch 32", "imdb20k_gru", "gru", 50),
    "simple_rnn": Case("SimpleRNN(32), 10,000 words, 128 steps, batch 100", "imdb_rnn", "simple_rnn", 60, epochs=2),
    "bilstm_autoencoder": Case(
        "BiLSTM autoencoder, 28 x 28, 100 latent, batch 100",
        "mnist_bilstm_autoencoder",
        "bilstm_autoencoder",
        60,
        epochs=2,
        data="mnist.npz",
    ),
    "wavenet": Case(
        "WaveNet, 2 x (1, 2, 4, 8), 112 steps, batch 32",
        "ridership_wavenet",
        "wavenet",
        30,
        epochs=8,
        data=RIDERSHIP,
        precise=True,
        gpu_steps=30,
    ),
    "conv1d": Case(
        "Conv1D, 10,000 words, 500 steps, batch 128",
        "imdb_conv1d",
        "conv1d",
        10,
        precise=True,
        targets={FIT: 2.0},
    ),
    "transformer": Case(
        "Transformer, 32 wide, 10,000 words, 200 steps, batch 32", "imdb_transformer", "transformer", 60, precise=True
    ),
    "conv_gru": Case("Conv1D+GRU(128), 20,000 words, 100 steps, batch 32", "imdb20k_conv_gru", "conv_gru", 60),
    "tagger": Case(
        "BiLSTM(100) tagger, masked, 60 steps, batch 32",
        "smoke/tagger",
        "tagger",
        60,
        settings=(
            "dataset.max_len=60",
            "architecture.embedding_dim=100",
            "architecture.units=100",
            "trainer.batch_size=32",
            "trainer.optimizer=adam",
        ),
        data=TAGGED,
        own=True,
        gpu_steps=60,
    ),
    "jena": Case(
        "Jena Conv1D+GRU, 240 steps, batch 128, classic generator",
        "jena_conv_gru",
        "jena",
        10,
        settings=("dataset.splits=[0.6, 0.2, 0.2]",),
        data=JENA,
        gpu_steps=20,
    ),
    "lstm500": Case(
        "LSTM(32), 10,000 words, masked, 500 steps, batch 100",
        "imdb_lstm_500_bucketed",
        "lstm500",
        30,
        settings=("trainer.batching=shuffled",),
        gpu_steps=60,
    ),
    "bucketed": Case(
        "LSTM(32), the same, 100 batches of it",
        "imdb_lstm_500_bucketed",
        "lstm500",
        100,
        rounds=15,
        settings=("trainer.batching=shuffled",),
        alone=True,
        variants={"bucketed": ("trainer.batching=bucketed",)},
    ),
}
