"""The base classes of the kinds of components that a config names, and the experiment made of one of each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from seqrun.components.answers import Answers, asked_by
from seqrun.components.borrowed import Borrowed, with_references
from seqrun.components.optimizers import Adam, Optimizer, Precision
from seqrun.components.options import Checkpoints, EarlyStopping, ReduceLR, Switchable
from seqrun.components.outline import Outline
from seqrun.errors import ConfigError, Problem
from seqrun.metrics import Direction, direction

if TYPE_CHECKING:
    import keras

    from seqrun.components.evaluating import Kept, Measured
    from seqrun.components.locations import Locations
    from seqrun.components.logged import LoggedRun, RunLog
    from seqrun.components.outcome import Outcome
    from seqrun.components.reading import Reader
    from seqrun.components.repeat import Repeat
    from seqrun.components.session import Session
    from seqrun.components.splits import Spec, Split, Splits, Windows

Monitoring = TypeVar("Monitoring", EarlyStopping, ReduceLR)

# --- components -------------------------------------------------------------------------------------------------------


class Component(BaseModel, ABC):
    """What a section of a config names: `name` is the registered name, the other fields are the section's keys."""

    # The validators of the many components that a command does not use need not be built.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    name: str = Field(description="the component's name")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield what cannot work in this experiment, though each field is valid alone.

        The paths of the problems start at the experiment's root.
        """
        yield from ()


class Dataset(Component):
    """Reads or makes samples. `tasks` are the tasks that they can be used for, `inputs` what a sample consists of."""

    tasks: ClassVar[frozenset[str]]  # from seqrun.components.targets.TASKS, or a plugin's own
    inputs: ClassVar[str]  # tokens (ids) or values (numbers)

    classes: ClassVar[tuple[str, ...] | None] = None  # where the config alone tells them
    whole_texts: ClassVar[bool] = False  # whether its splits have `whole`

    limit: int | None = Field(None, ge=1, description="use at most so many samples of each split")
    train_fraction: float = Field(
        1.0,
        gt=0,
        le=1,
        description="train on this share of the training samples alone: a stratified draw; of series, the latest rows",
    )
    split_seed: int = Field(0, ge=0, description="seed of every draw that makes the splits (not the run's seed)")

    @abstractmethod
    def load(self, locations: Locations) -> Splits:
        """Return the splits; raise DataError if the data cannot be had."""

    def look(self) -> Iterator[Problem]:
        """Yield what is wrong with the files that the config names, as far as a quick look at them tells.

        They are not there (MissingData), have no such columns, or begin with something else than the fields say. Read
        only the beginning of a file, and import nothing that takes long: `seqrun validate` answers at once.
        """
        yield from ()

    def sample_shape(self) -> tuple[int | None, ...] | None:
        """Return the shape of one sample as far as the config alone tells it; None if it tells nothing."""
        return None

    def vocabulary_size(self) -> int | None:
        """Return the number of token ids if the config alone tells it, else None."""
        return None

    def outline(self, tasks: frozenset[str]) -> Outline:
        """Return what the config alone tells a network of the samples and of what a trainer of these tasks wants.

        It is derived from `sample_shape`, `vocabulary_size` and the fields `forecast`, `horizon`, `step`, `targets`,
        `features` and `scaler`. Fields that the dataset lacks are skipped; the others must mean what they do in the
        dataset `series`.
        """
        length, features, *_ = (*(self.sample_shape() or ()), None, None)
        asked, forecast = asked_by(self.tasks & tasks), getattr(self, "forecast", None)
        answers = Answers.FORECASTS if forecast == "sequence" else Answers.ONCE
        named, seen = getattr(self, "targets", None), getattr(self, "features", None)
        features_seen = frozenset(seen or ())  # of which a list may have thousands
        horizon = 1 if forecast == "iterated" else getattr(self, "horizon", 1)
        scaler = getattr(self, "scaler", None)
        return Outline(
            inputs=self.inputs,
            answers=Answers.TAGS if Answers.TAGS in asked else answers,
            length=length,
            features=features,
            vocabulary_size=self.vocabulary_size(),
            rows_a_step=getattr(self, "step", 1),
            ahead=horizon if Answers.FORECASTS in asked else None,
            unseen_targets=tuple(name for name in named if name not in features_seen) if named and seen else (),
            scaler=getattr(scaler, "name", scaler),
        )

    def reader(self, spec: Spec, artifacts: Mapping[str, bytes]) -> Reader | None:
        """Return the reader of new input for a run with this spec and these artifacts; None: the default reader."""
        return None


class Architecture(Component):
    """Builds a network."""

    inputs: ClassVar[frozenset[str]]  # the kinds of samples that it can read
    tasks: ClassVar[frozenset[str]]  # that it has an output for, or that ask the same of it (TASKS)

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        """Yield why this network cannot work on such samples; paths start at the experiment's root.

        Called when a config is checked, and again when the data have told what the config does not.
        """
        yield from ()

    def accept(self, spec: Spec) -> Spec:
        """Return the spec as `refine` changes it; raise ConfigError if this network cannot work on such samples."""
        if found := list(self.outline_problems(spec.outline())):
            raise ConfigError(found)
        return self.refine(spec)

    def refine(self, spec: Spec) -> Spec:
        """Return the spec as this network changes it.

        One that skips input steps, for example, sets those at which it forecasts.
        """
        return spec

    def least_weights(self, outline: Outline) -> int:
        """Return a number that the network's weights are not fewer than on such samples, as far as they are known."""
        return 0

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield why the network needs samples of one length, or why its output depends on the amount of padding.

        `trainer.batching: bucketed` requires a network that yields nothing here. It is called on samples of any length,
        with padding at the end or (of a text's tokens) in front. A network that needs a minimum of steps sets it in
        `refine`.
        """
        message = f"bucketed is for networks on which padding has no effect, and {self.name} is not known as one"
        yield Problem(("trainer", "batching"), f"{message}; take shuffled")

    @abstractmethod
    def build(self, spec: Spec) -> keras.Model:
        """Return a functional, uncompiled model from `spec.input_shape` to the target; `spec` is what `accept`
        returned.

        Its output is (batch, *spec.output_shape): probabilities for a ClassTarget or LabelsTarget and, at each step,
        for a TagTarget; values in the network's units for a SeriesTarget or NumbersTarget. For a Reconstruction the
        output is the input again, and the network consists of two models: `encoder`, from the input to a code (batch,
        latent_dim), and `decoder`, from the code to the output. Outside training the model is
        decoder(encoder(inputs)).
        """


class Trainer(Component):
    """Trains a model for one task and measures it. The fields here are those of the one training loop."""

    tasks: ClassVar[frozenset[str]]
    # The metrics that it writes to history.csv beside loss (those of validation with val_ in front), the most telling
    # first, and which way each is better. Names alone are enough for well-known metrics, and for those that are never
    # monitored with mode `auto`.
    metrics: ClassVar[Mapping[str, Direction] | tuple[str, ...]]
    # What metrics.json may have beside them and loss; None: anything.
    measured: ClassVar[tuple[str, ...] | None] = None

    epochs: int = Field(100, ge=1, description="train for at most so many epochs")
    batch_size: int = Field(32, ge=1, description="samples a step")
    batching: Literal["shuffled", "bucketed"] = Field(
        "shuffled",
        description="bucketed: the samples of a batch are of similar length and padded no further than the longest "
        "needs, which saves most of the steps that are padding",
    )
    optimizer: Optimizer = Field(default_factory=Adam, description="a Keras optimizer and its arguments")
    early_stopping: Switchable[EarlyStopping] = Field(
        default_factory=EarlyStopping, description="stop when the monitored metric no longer improves; false: never"
    )
    reduce_lr: Switchable[ReduceLR] = Field(
        default=None, description="reduce the learning rate when the monitored metric stands still; false: never"
    )
    steps_per_epoch: int | None = Field(None, ge=1, description="steps an epoch; by default one pass over the data")
    precision: Precision = Field(
        "float32", description="the arithmetic: mixed_* computes in 16 bits, keeps weights in 32"
    )
    refit: bool = Field(
        False, description="after training, train anew on training + validation for the best epoch's count, then test"
    )
    checkpoint: Checkpoints = Field(
        default_factory=Checkpoints, description="how often training is saved, and what a finished run keeps of it"
    )

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield why `refit` or `batching` cannot work in this experiment.

        Refitting would train on a validation split that is the test split.
        """
        if self.refit and getattr(experiment.dataset, "validation", None) == "test":
            yield Problem(
                ("trainer", "refit"), "cannot be true where validation is the test split: it would train on it"
            )
        if self.batching == "bucketed":
            yield from self._bucketing_problems(experiment)

    def _bucketing_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield why samples or network are unfit for batches of similar length."""
        path, asked = ("trainer", "batching"), asked_by(self.tasks & experiment.dataset.tasks)
        if asked == {Answers.FORECASTS}:
            yield Problem(path, "bucketed is for samples of different lengths, and windows have one; take shuffled")
        elif asked == {Answers.INPUT}:
            yield Problem(path, "bucketed has no effect on a decoder, which writes every step; take shuffled")
        else:
            yield from experiment.architecture.padding_problems(experiment)

    @property
    def scheduled(self) -> bool:
        """Whether the learning rate follows a schedule."""
        return not isinstance(self.optimizer.learning_rate, float)

    def directions(self) -> dict[str, Direction]:
        """Return which way each metric is better, as far as this trainer declares it."""
        return dict(self.metrics) if isinstance(self.metrics, Mapping) else {}

    def directed(self, options: Monitoring) -> Monitoring:
        """Return the options with `min` or `max` in place of the mode `auto`.

        Raises KeyError if it is not known which way the monitored metric is better.
        """
        if options.mode != "auto":
            return options
        return options.model_copy(update={"mode": direction(options.monitor, self.directions())})

    def monitors(self) -> tuple[str, ...]:
        """Return the history columns that early stopping and learning-rate reduction can monitor."""
        names = ("loss", *self.metrics)
        return (*names, *(f"val_{name}" for name in names))

    def figures(self) -> tuple[str, ...] | None:
        """Return the names of all metrics that a run may come to, whatever the split; None if they are not known."""
        return None if self.measured is None else ("loss", *self.metrics, *self.measured)

    def fit(self, model: keras.Model, splits: Splits, session: Session) -> Outcome:
        """Train the model, leave the best weights in it, and return the outcome, measured once on the test split.

        A trainer of your own defines either this method or its two steps, `train` and `measure`. With the two steps, a
        trained network can be measured again without training.
        """
        return self.measure(model, splits, self.train(model, splits, session), session)

    def train(self, model: keras.Model, splits: Splits, session: Session) -> Any:
        """Train the model, leave the best weights in it, and return what `measure` needs to know of the training."""
        raise NotImplementedError(f"{type(self).__name__} defines neither fit() nor train()")

    def measure(self, model: keras.Model, splits: Splits, trained: Any, session: Session) -> Outcome:
        """Return the trained model's scores on the test split, beside those of the baselines."""
        raise NotImplementedError(f"{type(self).__name__} defines neither fit() nor measure()")

    def evaluate(self, model: keras.Model, samples: Split | Windows, kept: Kept) -> Measured:
        """Return what a trained model is worth on any samples, measured as `measure` does on the test split.

        What was chosen or fitted in training, such as a threshold, is what the run has `kept`. Without this method a
        run of the trainer cannot be evaluated again.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no evaluate()")

    @classmethod
    def steps_defined(cls) -> tuple[bool, bool]:
        """Return whether the class defines `fit`, and whether it defines both `train` and `measure`."""
        both = cls.train is not Trainer.train and cls.measure is not Trainer.measure
        return cls.fit is not Trainer.fit, both


class Logger(Component):
    """Tells another tool what happens in a run.

    What goes wrong in it is a warning, and never ends or delays a run: it works in a thread of its own.
    """

    package: ClassVar[str | None] = None  # the module that it needs, and the extra of seqrun that brings it
    extra: ClassVar[str | None] = None

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield that the package it needs is not installed."""
        if self.package is not None and find_spec(self.package) is None:
            number = next(number for number, each in enumerate(experiment.loggers) if each is self)
            wanted = f"seqrun[{self.extra}]" if self.extra else self.package
            yield Problem(("loggers", number), f"{self.name} needs the package {self.package}: pip install '{wanted}'")

    @abstractmethod
    def open(self, run: LoggedRun) -> RunLog:
        """Return the log of a run that begins, or goes on."""


# --- the experiment ---------------------------------------------------------------------------------------------------

SECTIONS = ("dataset", "architecture", "trainer")


@dataclass(frozen=True)
class Experiment:
    """The whole, valid config of one run. Paths are absolute."""

    name: str
    seed: int
    dataset: Dataset
    architecture: Architecture
    trainer: Trainer
    tags: tuple[str, ...] = ()
    notes: str = ""
    plugins: tuple[Path, ...] = ()
    sweep: Mapping[str, Any] = field(default_factory=dict)
    loggers: tuple[Logger, ...] = ()
    borrowed: tuple[Borrowed, ...] = ()  # what in the sections, tags, notes and sweep came from the environment
    private: bool = False  # whether anything at all did
    repeat: Repeat | None = None  # which of several runs of one command it is

    def resolved(self, write: Callable[[Borrowed], str] = Borrowed.marked) -> dict[str, Any]:
        """Return the experiment as plain data for JSON, with every default filled in.

        What came from the environment is what `write` makes of it: a reference, for records are read by others.
        """
        return with_references(self.values(), self.borrowed, write)

    def values(self) -> dict[str, Any]:
        """Return the plain data with all values as they are, what came from the environment among them."""
        return {
            "name": self.name,
            "seed": self.seed,
            **{section: getattr(self, section).model_dump(mode="json") for section in SECTIONS},
            "tags": list(self.tags),
            "notes": self.notes,
            "plugins": [str(path) for path in self.plugins],
            "sweep": dict(self.sweep),
            "loggers": [logger.model_dump(mode="json") for logger in self.loggers],
        }
