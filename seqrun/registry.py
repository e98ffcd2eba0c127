"""The names that a config can use and the class behind each; for a finished run, what its task can answer and show.

There is one table for each kind. An entry is imported only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqrun.errors import UsageError
from seqrun.machine.optional import keep_optional
from seqrun.spelling import suggest

if TYPE_CHECKING:
    from seqrun.components.base import Component

DATASETS = {
    "imdb": "seqrun.datasets.text.imdb:Imdb",
    "text": "seqrun.datasets.text.text:Text",
    "waves": "seqrun.datasets.series.waves:Waves",
    "jena_climate": "seqrun.datasets.series.jena_climate:JenaClimate",
    "ridership": "seqrun.datasets.series.ridership:Ridership",
    "series": "seqrun.datasets.series.series:Series",
    "conll": "seqrun.datasets.tagged.conll:Conll",
    "mnist": "seqrun.datasets.samples.mnist:Mnist",
    "sequences": "seqrun.datasets.samples.sequences:Sequences",
}
ARCHITECTURES = {
    "simple_rnn": "seqrun.architectures.recurrent:Recurrent",
    "lstm": "seqrun.architectures.recurrent:Recurrent",
    "gru": "seqrun.architectures.recurrent:Recurrent",
    "conv1d": "seqrun.architectures.conv1d:Conv1D",
    "conv_rnn": "seqrun.architectures.conv_rnn:ConvRNN",
    "transformer": "seqrun.architectures.transformer:Transformer",
    "bag_of_words": "seqrun.architectures.bag_of_words:BagOfWords",
    "linear": "seqrun.architectures.linear:Linear",
    "dense": "seqrun.architectures.dense:Dense",
    "dlinear": "seqrun.architectures.dlinear:DLinear",
    "ln_rnn": "seqrun.architectures.ln_rnn:LayerNormRNN",
    "wavenet": "seqrun.architectures.wavenet:WaveNet",
    "lstm_autoencoder": "seqrun.architectures.lstm_autoencoder:LSTMAutoencoder",
    "conv_autoencoder": "seqrun.architectures.conv_autoencoder:ConvAutoencoder",
    "variational_autoencoder": "seqrun.architectures.variational_autoencoder:VariationalAutoencoder",
    "sequential": "seqrun.architectures.sequential:Sequential",
}
TRAINERS = {
    "classifier": "seqrun.tasks.classification.trainer:Classifier",
    "multilabel": "seqrun.tasks.multilabel.trainer:Multilabel",
    "forecaster": "seqrun.tasks.forecasting.trainer:Forecaster",
    "autoencoder": "seqrun.tasks.reconstruction.trainer:Autoencoder",
    "tagger": "seqrun.tasks.tagging.trainer:Tagger",
    "regressor": "seqrun.tasks.regression.trainer:Regressor",
}
LOGGERS = {
    "tensorboard": "seqrun.loggers.tensorboard:TensorBoard",
    "mlflow": "seqrun.loggers.mlflow:Mlflow",
}
PREDICTIONS = {  # what a run can be asked, by the kind of its target: a Prediction of seqrun.inference.questions
    "classes": "seqrun.tasks.classification.predict:PREDICTION",
    "labels": "seqrun.tasks.multilabel.predict:PREDICTION",
    "series": "seqrun.tasks.forecasting.predict:PREDICTION",
    "tags": "seqrun.tasks.tagging.predict:PREDICTION",
    "reconstruction": "seqrun.tasks.reconstruction.predict:PREDICTION",
    "numbers": "seqrun.tasks.regression.predict:PREDICTION",
}
ITEMS = {  # the metrics of the test split by item, by the kind of the target: see seqrun.tasks.items
    "classes": "seqrun.tasks.classification.items:items",
    "labels": "seqrun.tasks.multilabel.items:items",
    "series": "seqrun.tasks.forecasting.items:items",
    "tags": "seqrun.tasks.tagging.items:items",
    "reconstruction": "seqrun.tasks.reconstruction.items:items",
    "numbers": "seqrun.tasks.regression.items:items",
}
KEPT = {  # what `Run.predictions` shows of the test split, by the kind of the target
    "classes": "seqrun.tasks.classification.kept:columns",
    "labels": "seqrun.tasks.multilabel.kept:columns",
    "series": "seqrun.tasks.forecasting.kept:columns",
    "tags": "seqrun.tasks.tagging.kept:columns",
    "reconstruction": "seqrun.tasks.reconstruction.kept:columns",
    "numbers": "seqrun.tasks.regression.kept:columns",
}
PAGES = {  # what `seqrun show` adds of a run, by its trainer
    "classifier": "seqrun.tasks.classification.show:PAGE",
    "multilabel": "seqrun.tasks.multilabel.show:PAGE",
    "forecaster": "seqrun.tasks.forecasting.show:PAGE",
    "autoencoder": "seqrun.tasks.reconstruction.show:PAGE",
    "tagger": "seqrun.tasks.tagging.show:PAGE",
    "regressor": "seqrun.tasks.regression.show:PAGE",
}
BASES = {
    "dataset": "seqrun.components.base:Dataset",
    "architecture": "seqrun.components.base:Architecture",
    "trainer": "seqrun.components.base:Trainer",
    "logger": "seqrun.components.base:Logger",
}


def load(reference: str) -> Any:
    """Return the object that a table's "module:name" stands for; its module is imported now."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)


def base_of(kind: str) -> type[Component]:
    """Return the base class of all components of a kind."""
    return load(BASES[kind])


class NoComponentError(UsageError):
    """No component has this name, or the one that has it cannot be loaded."""


@dataclass(frozen=True)
class Registry:
    """The components of one kind: `table` lists those of seqrun, the other two mappings those that a user added."""

    kind: str  # dataset, architecture or trainer, the config's section, or logger
    table: Mapping[str, str]
    installed: Mapping[str, str] = field(default_factory=dict)  # by packages, as entry points
    plugins: Mapping[str, type[Component]] = field(default_factory=dict)  # by a config's `plugins`

    def names(self) -> list[str]:
        """Return all names: those of seqrun, of installed packages and of plugins."""
        return [*self.table, *self.installed, *self.plugins]

    def get(self, name: str) -> type[Component]:
        """Return the class of that name; raise NoComponentError, suggesting the nearest name, if there is none."""
        if name in self.plugins:
            return self.plugins[name]
        if name in self.table:
            return load(self.table[name])
        if name in self.installed:
            return self._load_installed(name)
        near = suggest(name, self.names())
        raise NoComponentError(f"unknown {self.kind} {name!r}{near}; there are {', '.join(self.names())}")

    def _load_installed(self, name: str) -> type[Component]:
        base = base_of(self.kind)
        keep_optional()
        try:
            component = load(self.installed[name])
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        else:
            if isinstance(component, type) and issubclass(component, base):
                return component
            reason = f"it is no subclass of seqrun.components.{base.__name__}"
        raise NoComponentError(
            f"the installed {self.kind} {name!r} ({self.installed[name]}) cannot be loaded: {reason}"
        )


REGISTRIES: dict[str, Registry] = {
    "dataset": Registry("dataset", DATASETS),
    "architecture": Registry("architecture", ARCHITECTURES),
    "trainer": Registry("trainer", TRAINERS),
    "logger": Registry("logger", LOGGERS),
}
