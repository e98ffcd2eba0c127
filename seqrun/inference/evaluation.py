"""A finished run measured again: on one of its own splits, or on a file of new, labelled samples."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.base import Trainer
from seqrun.components.evaluating import Confusion, Kept, Measured
from seqrun.components.locations import Locations
from seqrun.components.reading import LabelledSamples
from seqrun.errors import InputError, Parameter, UsageError
from seqrun.events.events import Emit, Message, Warned
from seqrun.inference.reading.samples import read_labelled
from seqrun.inference.reading.streams import is_stream
from seqrun.inference.request import between
from seqrun.readable import counted
from seqrun.rundir import atomic
from seqrun.rundir.directory import utc_now
from seqrun.rundir.environment import environment
from seqrun.rundir.evaluations import check_name, name_of, weights_hash, write_evaluation
from seqrun.rundir.npz import compressed_npz
from seqrun.running.recorded_data import recorded_sources, recorded_splits
from seqrun.training.drawing import drawn
from seqrun.training.figures import renamed

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.splits import Splits
    from seqrun.inference.saved import SavedRun

STREAM = "input"  # what an evaluation on the standard input, or on a pipe without a name of its own, is called
SPLITS = ("train", "validation", "test")
BY_CLASS = ("by_class", "tags", "labels")  # under which of these names a task has the scores of each class


@dataclass(frozen=True)
class Evaluated:
    """On what a run is to be measured: one of its own splits (by default test), or a file."""

    split: str | None = None
    path: Path | None = None
    column: str | None = None
    label: str | None = None
    reading: Mapping[str, Any] = field(default_factory=dict)  # how the file is written otherwise than the run's own
    name: str | None = None  # of the evaluation; None: the split's, or the file's without its ending

    def check(self) -> None:
        """Raise InputError for what excludes each other, and for what is only for a file."""
        if self.split is not None and self.split not in SPLITS:
            raise InputError(Parameter("split", self.split), f": there are {', '.join(SPLITS)}")
        if self.split is not None and self.path is not None:
            raise InputError("give either ", *between([Parameter("split"), Parameter("input")], " or "))
        for name, given in {"column": self.column, "label": self.label, **self.reading}.items():
            if given is not None and self.path is None:
                raise InputError(Parameter(name), " says how to read ", Parameter("input", form="FILE"))
        if self.name is not None:
            check_name(self.name)

    @property
    def called(self) -> str:
        """What the evaluation is called, where nothing else is in its place."""
        if self.name is not None:
            return self.name
        if self.path is None:
            return self.split or "test"
        return STREAM if is_stream(self.path) and not self.path.suffix else name_of(self.path)


@dataclass(frozen=True)
class Evaluation:
    """What a run is worth on some samples."""

    name: str
    data: Mapping[str, Any]  # the split, or the file's path; its SHA-256, and how many samples
    measured: Measured
    recorded: Mapping[str, Mapping[str, float]]  # what training has recorded, to be shown beside: name -> metrics
    labelled: LabelledSamples
    warnings: tuple[str, ...] = ()
    path: Path | None = None  # where it is kept; None: nowhere

    @property
    def metrics(self) -> dict[str, float]:
        """The task's metrics."""
        return dict(self.measured.metrics)

    @property
    def by_class(self) -> Mapping[str, Mapping[str, float]]:
        """Precision, recall, f1 and support of each class, label or tag; empty for other tasks."""
        return next((self.measured.details[name] for name in BY_CLASS if name in self.measured.details), {})

    @property
    def confusion(self) -> Confusion | None:
        """How often samples, or steps, of each class were taken for each; None for other tasks."""
        return self.measured.confusion

    @property
    def predictions(self) -> Mapping[str, np.ndarray]:
        """Targets, predictions, index and others, as predictions.npz holds them."""
        return self.measured.predictions

    def results(self) -> dict[str, Any]:
        """Return the content of the evaluation's metrics.json."""
        found: dict[str, Any] = {"metrics": self.metrics, **self.measured.details}
        if self.confusion is not None:
            found["confusion"] = {"names": self.confusion.names, "counts": self.confusion.counts}
        return atomic.plain(found)


def evaluate(
    saved: SavedRun,
    wanted: Evaluated | None = None,
    *,
    data_dir: Path | None = None,
    cache: Path | None = None,
    emit: Emit = lambda event: None,
    keep: bool = True,
) -> Evaluation:
    """Return what the run is worth on a split of its own data or on a file, and keep that in `RUN/evaluations/`.

    It is measured as training measured test; what was chosen or fitted in training stays as the run has it. `data_dir`
    and `cache` are as in `Locations`. Raises InputError for parameters that do not fit, DataError for data that cannot
    be had or used, UsageError for a run that cannot be measured.
    """
    wanted, started = wanted or Evaluated(), time.perf_counter()
    wanted.check()
    _check_trainer(saved)
    if (told := saved.unfinished()) is not None:
        emit(Warned(told))
    labelled, data, splits = _data(saved, wanted, data_dir, cache, emit)
    spec = labelled.spec or saved.spec
    emit(Message(f"measuring on {counted(data['samples'], 'sample')}"))
    kept = Kept(spec, saved.kept, saved.artifacts, saved.run.metrics or {}, splits, labelled.series)
    measured = saved.experiment.trainer.evaluate(saved.model, labelled.split, kept)
    figures = {name: renamed(figure, wanted.called) for name, figure in measured.figures.items()}
    warnings = (*labelled.warnings, *measured.warnings, *_doubts(saved, wanted))
    for warning in warnings:
        emit(Warned(warning))
    measured = replace(measured, figures=figures)
    found = Evaluation(wanted.called, data, measured, _recorded(saved, wanted), labelled, warnings)
    return _kept(saved, found, wanted, time.perf_counter() - started, emit) if keep else found


def _check_trainer(saved: SavedRun) -> None:
    trainer = saved.experiment.trainer
    if type(trainer).evaluate is Trainer.evaluate:
        raise UsageError(
            f"{saved.run.path}: its trainer {trainer.name} is a user's own and defines no evaluate(), which would say "
            "how a trained network is measured again"
        )


def _data(
    saved: SavedRun, wanted: Evaluated, data_dir: Path | None, cache: Path | None, emit: Emit
) -> tuple[LabelledSamples, dict[str, Any], Splits | None]:
    """Return the samples, what is to be recorded of them, and the run's own data if they are among these."""
    if wanted.path is None:
        name = wanted.split or "test"
        splits = own_data(saved, Locations(data_dir, emit, cache, recorded_sources(saved.run.record)))
        split = getattr(splits, name)
        data = {"split": name, "sha256": split.fingerprint(), "samples": len(split)}
        return LabelledSamples(split, series=[*splits.series.get("train", {})]), data, splits
    labelled, content = read_labelled(saved, wanted.path, wanted.column, wanted.label, wanted.reading)
    path = wanted.path if is_stream(wanted.path) else wanted.path.absolute()
    return labelled, {"path": path, "sha256": content, "samples": len(labelled.split)}, None


def own_data(saved: SavedRun, locations: Locations) -> Splits:
    """Return the data that the run was trained on, split and encoded as then; DataError if they cannot be had."""
    return replace(recorded_splits(saved.run, saved.experiment, locations), spec=saved.spec)


def _doubts(saved: SavedRun, wanted: Evaluated) -> tuple[str, ...]:
    """Return what is to be known before the metrics are believed."""
    if wanted.path is None and wanted.split in ("train", "validation") and saved.experiment.trainer.refit:
        return (f"the network was trained on {wanted.split} too (trainer.refit): this is no test of it",)
    return ()


def _recorded(saved: SavedRun, wanted: Evaluated) -> dict[str, Mapping[str, float]]:
    """Return what the run's metrics.json has to be shown beside: of the split, and on test of the baselines."""
    metrics = saved.run.metrics or {}
    if wanted.path is not None or wanted.split == "train":  # which training measures with dropout, as it goes on
        found = {"run's test": metrics.get("test")}
    elif wanted.split == "validation":
        found = {"in training": metrics.get("validation")}
    else:
        found = {"in training": metrics.get("test"), **(metrics.get("baselines") or {})}
    return {name: values for name, values in found.items() if values}


def _kept(saved: SavedRun, found: Evaluation, wanted: Evaluated, seconds: float, emit: Emit) -> Evaluation:
    """Return the evaluation, kept in the run's directory; a warning says so where that cannot be written."""
    plots, doubts = drawn(found.measured.figures)
    for doubt in doubts:
        emit(Warned(doubt))
    files = {
        "metrics.json": atomic.json_bytes(found.results()),
        "predictions.npz": compressed_npz(found.predictions),
        **{f"plots/{name}.png": content for name, content in plots.items()},
    }
    try:
        path = write_evaluation(saved.run.path, _record(saved, found, wanted, seconds), files)
    except OSError as error:
        told = f"not kept: {error.filename or saved.run.path} cannot be written: {error.strerror}"
        emit(Warned(told))
        return replace(found, warnings=(*found.warnings, told))
    emit(Message(f"kept in {path}"))
    return replace(found, name=path.name, path=path)


def _record(saved: SavedRun, found: Evaluation, wanted: Evaluated, seconds: float) -> dict[str, Any]:
    """Return the content of evaluation.json."""
    return {
        "name": found.name,
        "data": found.data,
        "reading": {"column": wanted.column, "label": wanted.label, **wanted.reading} if wanted.path else {},
        "evaluated": utc_now(),
        "seconds": seconds,
        "warnings": found.warnings,
        "weights_sha256": weights_hash(saved.run.record),
        **environment(),
    }
