"""TensorBoard: event files, written without TensorFlow."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Logger
from seqrun.components.logged import LoggedEnd, LoggedRun, RunLog
from seqrun.machine import opener

if TYPE_CHECKING:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

VALIDATION = "val_"
NO_FIGURES = ("epoch",)


class TensorBoard(Logger):
    """Scalars, settings and plots for TensorBoard: `tensorboard --logdir runs` shows all runs."""

    package: ClassVar[str | None] = "tensorboard"
    extra: ClassVar[str | None] = "tensorboard"

    name: Literal["tensorboard"] = "tensorboard"
    folder: Path | None = Field(
        None, description="where each run gets a folder of event files; by default, tensorboard in the run directory"
    )

    def open(self, run: LoggedRun) -> RunLog:
        folder = run.path / "tensorboard" if self.folder is None else self.folder / run.path.name
        return _EventFiles(run, folder)


class _EventFiles(RunLog):
    """Three folders of event files: the run's own, with settings and results, and one each for train and validation.

    TensorBoard draws figures of one name into one plot, so that both curves of a metric stand side by side.
    """

    def __init__(self, run: LoggedRun, folder: Path) -> None:
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        self.run = run
        self.whole = EventFileWriter(str(folder))
        self.parts = {part: EventFileWriter(str(folder / part)) for part in ("train", "validation")}
        self.where = f"tensorboard --logdir {folder.parent if run.path not in folder.parents else run.path.parent}"
        if run.epochs:
            for writer in (self.whole, *self.parts.values()):
                _go_on(writer, run.epochs + 1)
        self._settings()

    def epoch(self, row: Mapping[str, float]) -> None:
        figures: dict[str, dict[str, float]] = {"train": {}, "validation": {}}
        for name, value in row.items():
            if name not in NO_FIGURES:
                part = "validation" if name.startswith(VALIDATION) else "train"
                figures[part][name.removeprefix(VALIDATION)] = value
        for part, values in figures.items():
            _add(self.parts[part], map(_scalar, values.keys(), values.values()), int(row["epoch"]))
            self.parts[part].flush()

    def end(self, end: LoggedEnd) -> None:
        step = end.best_epoch or 0
        figures = {f"test/{name}": value for name, value in end.metrics.items()}
        for baseline, metrics in end.baselines.items():
            figures |= {f"baselines/{baseline}/{name}": value for name, value in metrics.items()}
        if end.skill is not None:
            figures["skill"] = end.skill
        _add(self.whole, map(_scalar, figures.keys(), figures.values()), step)
        plots = sorted((self.run.path / "plots").glob("*.png"))
        _add(self.whole, map(_image, plots), step)
        self._close_session(finished=end.status == "finished")
        for writer in (self.whole, *self.parts.values()):
            writer.close()

    def _settings(self) -> None:
        """Write the config as TensorBoard's hyperparameters, numbers and truth values as such, all else as text."""
        from tensorboard.plugins.hparams.summary_v2 import hparams_pb

        values = {key: value for key, value in self.run.settings.items() if value is not None}
        hparams = {key: value if isinstance(value, (bool, int, float)) else str(value) for key, value in values.items()}
        started = time.time()
        _add_summary(self.whole, hparams_pb(hparams, trial_id=self.run.path.name, start_time_secs=started), 0)

    def _close_session(self, *, finished: bool) -> None:
        from tensorboard.plugins.hparams.api_pb2 import STATUS_FAILURE, STATUS_SUCCESS
        from tensorboard.plugins.hparams.summary import session_end_pb

        _add_summary(self.whole, session_end_pb(STATUS_SUCCESS if finished else STATUS_FAILURE), 0)


def _add(writer: EventFileWriter, values: Iterable[Summary.Value], step: int) -> None:
    from tensorboard.compat.proto.summary_pb2 import Summary

    found = [*values]
    if found:
        _add_summary(writer, Summary(value=found), step)


def _add_summary(writer: EventFileWriter, summary: Any, step: int) -> None:
    """Add a summary, which may be of TensorFlow's class or of TensorBoard's own: they write the same bytes."""
    from tensorboard.compat.proto.event_pb2 import Event

    event = Event(wall_time=time.time(), step=step)
    event.summary.ParseFromString(summary.SerializeToString())
    writer.add_event(event)


def _go_on(writer: EventFileWriter, step: int) -> None:
    """Void what an earlier file of the folder holds of this step and of those after it."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog

    writer.add_event(Event(wall_time=time.time(), step=step, file_version="brain.Event:2"))
    writer.add_event(Event(wall_time=time.time(), step=step, session_log=SessionLog(status=SessionLog.START)))


def _scalar(name: str, value: float) -> Summary.Value:
    from tensorboard.compat.proto.summary_pb2 import Summary

    return Summary.Value(tag=name, simple_value=value)


def _image(path: Path) -> Summary.Value:
    """Return a PNG file as an image; its size stands in its first chunk (PNG specification, 11.2.2)."""
    from tensorboard.compat.proto.summary_pb2 import Summary

    png = opener.read_bytes(path, opener.MOST_PICTURE)
    width, height = int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")
    return Summary.Value(
        tag=f"plots/{path.stem}",
        image=Summary.Image(width=width, height=height, colorspace=4, encoded_image_string=png),
    )
