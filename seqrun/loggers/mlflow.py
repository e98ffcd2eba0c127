"""MLflow: a run of an experiment, with the run directory as its artifacts."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar

from pydantic import Field

from seqrun.components.base import Logger
from seqrun.components.logged import LoggedEnd, LoggedRun, RunLog
from seqrun.readable import shortened
from seqrun.rundir.names import MLFLOW_DB, MLFLOW_FILES

if TYPE_CHECKING:
    from mlflow.entities import Metric, Param
    from mlflow.tracking import MlflowClient

URI = "MLFLOW_TRACKING_URI"
MOST_PARAMS, MOST_METRICS = 100, 1000  # that MLflow takes in one request
LONGEST_PARAM = 5900  # characters; MLflow takes 6,000
STATUSES = {"finished": "FINISHED", "interrupted": "KILLED"}  # all else: FAILED
Value = TypeVar("Value")
NO_ARTIFACTS = ("checkpoints", "tensorboard", ".lock")
IS, GROUP = "seqrun.run", "seqrun.group"  # tags by which a run, and that of its repeats, is found again


class Mlflow(Logger):
    """A run of MLflow: settings, metrics by epoch, plots and the run directory; repeats are children of one run."""

    package: ClassVar[str | None] = "mlflow"
    extra: ClassVar[str | None] = "mlflow"

    name: Literal["mlflow"] = "mlflow"
    uri: str | None = Field(
        None,
        min_length=1,
        description="of the tracking server or database; by default MLFLOW_TRACKING_URI, else mlflow.db (SQLite) "
        "beside the run directories",
    )
    experiment: str | None = Field(None, min_length=1, description="MLflow's experiment; by default the run's name")

    def open(self, run: LoggedRun) -> RunLog:
        return _MlflowRun(run, self.uri, self.experiment or run.name)


class _MlflowRun(RunLog):
    def __init__(self, run: LoggedRun, uri: str | None, experiment: str) -> None:
        self.run = run
        uri = uri or os.environ.get(URI) or f"sqlite:///{run.path.parent / MLFLOW_DB}"
        self.client = _client(uri)
        self.where = f"mlflow ui --backend-store-uri {uri}" if "://" in uri and not uri.startswith("http") else uri
        self.experiment = self._experiment(experiment, uri)
        self.parent = self._parent() if run.repeat else None
        self.id = self._run()
        self._settings()

    def epoch(self, row: Mapping[str, float]) -> None:
        figures = {name: value for name, value in row.items() if name != "epoch"}
        self._log(figures, int(row["epoch"]))

    def end(self, end: LoggedEnd) -> None:
        figures = {f"test_{name}": value for name, value in end.metrics.items()}
        for baseline, metrics in end.baselines.items():
            figures |= {f"{baseline}_{name}": value for name, value in metrics.items()}
        if end.skill is not None:
            figures["skill"] = end.skill
        self._log(figures, end.best_epoch or 0)
        for path in _files(self.run.path):
            folder = path.parent.relative_to(self.run.path)
            self.client.log_artifact(self.id, str(path), None if folder == Path() else folder.as_posix())
        status = STATUSES.get(end.status, "FAILED")
        for each in filter(None, (self.id, self.parent)):
            self.client.set_terminated(each, status)

    def _settings(self) -> None:
        """Log the config; a setting changed since becomes a tag, because MLflow lets no parameter change."""
        known = self.client.get_run(self.id).data.params
        params = {key: shortened(str(value), LONGEST_PARAM) for key, value in self.run.settings.items()}
        for part in _portions(_params({key: params[key] for key in params.keys() - known.keys()}), MOST_PARAMS):
            self.client.log_batch(self.id, params=part)
        for key, value in params.items():
            if known.get(key, value) != value:
                self.client.set_tag(self.id, f"resumed.{key}", value)

    def _log(self, figures: Mapping[str, float], step: int) -> None:
        now = round(time.time() * 1000)  # ms, as MLflow counts
        for part in _portions(_metrics(figures, now, step), MOST_METRICS):
            self.client.log_batch(self.id, metrics=part)

    def _experiment(self, name: str, uri: str) -> str:
        """Return the id of the experiment, made if there is none; beside a local database lie its artifacts."""
        from mlflow.exceptions import MlflowException

        if found := self.client.get_experiment_by_name(name):
            return found.experiment_id
        artifacts = (self.run.path.parent / MLFLOW_FILES).as_uri() if uri.startswith("sqlite:") else None
        try:
            return self.client.create_experiment(name, artifact_location=artifacts)
        except MlflowException:  # another run has made it meanwhile
            if found := self.client.get_experiment_by_name(name):
                return found.experiment_id
            raise

    def _run(self) -> str:
        """Return the id of this run, which MLflow has already if it is gone on with."""
        this = f"{self.run.path.name} {self.run.started}"
        if found := self._found(IS, this):
            self.client.update_run(found, status="RUNNING")
            return found
        tags = {IS: this, "seqrun.path": str(self.run.path), **{f"tag.{tag}": "" for tag in self.run.config["tags"]}}
        if self.run.config["notes"]:
            tags["mlflow.note.content"] = self.run.config["notes"]
        if self.parent:
            tags["mlflow.parentRunId"] = self.parent
        return self.client.create_run(self.experiment, tags=tags, run_name=self.run.path.name).info.run_id

    def _parent(self) -> str:
        """Return the id of the run whose children are the repeats, made by the first of them."""
        assert self.run.repeat is not None
        if found := self._found(GROUP, self.run.repeat.group):
            self.client.update_run(found, status="RUNNING")
            return found
        name = f"{self.run.name}: {self.run.repeat.count} repeats"
        tags = {GROUP: self.run.repeat.group}
        return self.client.create_run(self.experiment, tags=tags, run_name=name).info.run_id

    def _found(self, tag: str, value: str) -> str | None:
        quoted = value.replace("'", "")
        runs = self.client.search_runs([self.experiment], f"tags.`{tag}` = '{quoted}'", max_results=1)
        return runs[0].info.run_id if runs else None


def _client(uri: str) -> MlflowClient:
    """Return a client of the tracking server or database; MLflow's reports of its own use are switched off."""
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    from mlflow.tracking import MlflowClient

    for name in ("mlflow", "alembic"):  # after the import, which sets its own levels
        logging.getLogger(name).setLevel(logging.ERROR)
    return MlflowClient(tracking_uri=uri)


def _params(settings: Mapping[str, str]) -> Iterator[Param]:
    from mlflow.entities import Param

    for key, value in settings.items():
        yield Param(key, value)


def _metrics(figures: Mapping[str, float], now: int, step: int) -> Iterator[Metric]:
    from mlflow.entities import Metric

    for name, value in figures.items():
        yield Metric(name, value, now, step)


def _portions(values: Iterable[Value], size: int) -> Iterator[Sequence[Value]]:
    """Yield the values in lists of at most so many."""
    rest = iter(values)
    while portion := [*islice(rest, size)]:
        yield portion


def _files(run: Path) -> Iterator[Path]:
    """Yield the files of a run directory, without what only a resumption needs."""
    for path in sorted(run.rglob("*")):
        if path.is_file() and path.relative_to(run).parts[0] not in NO_ARTIFACTS:
            yield path
