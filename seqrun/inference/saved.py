"""A run's network as its directory holds it, without the data that it was trained on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from seqrun.architectures.layers.embedding import EmbeddingOptions
from seqrun.components.base import Architecture, Experiment
from seqrun.components.reading import Reader
from seqrun.components.spec_json import spec_from_artifacts
from seqrun.components.splits import Spec
from seqrun.config.recorded import own_plugins, recorded_experiment
from seqrun.errors import DataError, SeqrunError, UsageError
from seqrun.inference.artifacts import ARTIFACTS, artifacts_of
from seqrun.inference.network import Network
from seqrun.inference.reading.readers import reader_for
from seqrun.inference.reading.written import checked
from seqrun.inference.so_far import BestSoFar, best_so_far, counts_so_far
from seqrun.inference.weights import WEIGHTS, check_weights, embedding_dim, load_weights
from seqrun.machine.opener import open_file
from seqrun.readable import counted
from seqrun.rundir.checkpoints import checkpoints_of
from seqrun.rundir.json_files import parsed
from seqrun.rundir.reading import RECORD, RunRecord
from seqrun.rundir.shapes import Shape
from seqrun.training.forward import forward_pass

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class SavedRun:
    """What a run directory says about its network; nothing is built before `model` is asked for."""

    run: RunRecord
    experiment: Experiment
    spec: Spec  # as the architecture refined it
    artifacts: dict[str, bytes]  # file name -> content
    so_far: BestSoFar | None = None  # the weights of a run that is going on, or was killed
    other_reader: Reader | None = None
    network: Network = field(default_factory=Network, compare=False)  # that of all readings of the run

    def unfinished(self) -> str | None:
        """Return what is to be known of a run that ended before its results; None for a finished one."""
        if self.run.status == "finished":
            return None
        epochs = counted(len(self.run.history), "epoch")
        which = "the best weights so far" if self.run.metrics is None else "the weights of its former end"
        which += f", {self.so_far}" if self.so_far else ""
        return f"{self.run.path}: {self.run.status} after {epochs}: these are {which}"

    @cached_property
    def reader(self) -> Reader:
        """What reads new input: as the run's own data were read, if there is no other reader."""
        with _told_of(self.run):
            return self.other_reader or reader_for(self.experiment.dataset, self.spec, self.artifacts)

    def kept(self, name: str, shape: Shape) -> Any:
        """Return what an artifact in JSON holds; None if the run has none of this name, UsageError if it is damaged."""
        content = self.artifacts.get(name)
        return None if content is None else parsed(content, self.run.path / ARTIFACTS / name, shape, nan=True)

    def reading(self, settings: Mapping[str, Any], path: Path) -> SavedRun:
        """Return the run with a reader for a file that is written otherwise than its own; see `Reader.written`."""
        return replace(self, other_reader=self.reader.written(checked(settings), path))

    @property
    def model(self) -> keras.Model:
        """The network with the best epoch's weights; UsageError if they do not fit it."""
        return self.network.once("model", self._built)

    def _built(self) -> keras.Model:
        from seqrun.running.phases import build_model

        found = 0 if self.so_far else check_weights(self.run)
        architecture = self.experiment.architecture
        architecture = architecture if self.so_far else _without_vectors(architecture, self.run.path / WEIGHTS)
        try:
            model = build_model(replace(self.experiment, architecture=architecture), self.spec)
        except SeqrunError:
            raise
        except Exception as error:
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise UsageError(f"{self.run.path}: its network cannot be built as it is recorded: {reason}") from error
        if self.so_far:
            self.so_far.load(model, self.run)
        else:
            load_weights(model, self.run, found)
        return model

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the network's outputs, (samples, ...) float32, for inputs (samples, *input_shape) as it reads them."""
        return self.network.passing("outputs", lambda: forward_pass(self.model))(inputs)


def read_saved(run: RunRecord, *, allow_plugins: bool = False) -> SavedRun:
    """Return what the run says about its network; its plugins, which are code, are run only with `allow_plugins`.

    Raises UsageError for a run that has no weights, or that needs plugins which are not allowed.
    """
    _check_weights(run)
    plugins = own_plugins(run, allowed=allow_plugins)
    borrowed = run.record.get("from_environment", [])
    experiment = recorded_experiment(run.record["config"], str(run.path / RECORD), plugins, borrowed)
    artifacts = artifacts_of(run)
    with _told_of(run):
        kept = spec_from_artifacts(artifacts)
    so_far = best_so_far(run, experiment.trainer)
    if so_far is None and not (run.path / WEIGHTS).is_file():
        raise UsageError(f"{run.path}: its last checkpoint is of its first epoch, and has no best weights yet")
    return SavedRun(run, experiment, experiment.architecture.accept(kept), artifacts, so_far)


@contextmanager
def _told_of(run: RunRecord) -> Iterator[None]:
    """Name the run's artifacts in errors of the block, which come from what is in them."""
    try:
        yield
    except (DataError, UsageError) as error:
        raise UsageError(f"{run.path / ARTIFACTS}: damaged: {error}") from error


def _check_weights(run: RunRecord) -> None:
    """Raise UsageError, with the reason, if the run has no weights."""
    if "config" in run.record and ((run.path / WEIGHTS).is_file() or (counts_so_far(run) and checkpoints_of(run.path))):
        return
    try:
        open_file(run.path / WEIGHTS).close()
    except FileNotFoundError:
        pass  # why is told below
    except OSError as error:  # a pipe, a folder, a link to itself
        raise UsageError(f"{run.path / WEIGHTS}: cannot be read: {error.strerror}") from None
    states = {
        "running": "is still running, and has no checkpoint yet: wait for the end of an epoch",
        "finished": f"has no {WEIGHTS} any more",
    }
    ended = f"{run.status if run.status != 'interrupted' else 'was interrupted'} before it had weights to keep"
    raise UsageError(f"{run.path}: {states.get(run.status, ended)}")


def _without_vectors(architecture: Architecture, weights: Path) -> Architecture:
    """Return the architecture with an embedding of the weights' size, and no file of vectors, which may be gone."""
    options = getattr(architecture, "embedding", None)
    if not isinstance(options, EmbeddingOptions) or options.path is None:
        return architecture
    fresh = options.model_copy(update={"path": None})
    return architecture.model_copy(update={"embedding": fresh, "embedding_dim": embedding_dim(weights)})
