"""The loggers of a run: each is told of its events in a thread of its own, and what goes wrong there is a warning."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from seqrun.components.base import Logger
from seqrun.components.logged import LoggedEnd, LoggedRun, RunLog
from seqrun.components.repeat import Repeat
from seqrun.events.events import Emit, Epoch, Event, Finished, Message, Warned
from seqrun.readable import shortened
from seqrun.rundir.directory import RunDirectory

PATIENCE = 30.0  # seconds that the end of a run waits for its loggers
PATIENCE_AFTER_SIGNAL = 3.0
LONGEST = 300  # characters of an error

Task = Callable[[RunLog], None]


class Loggers:
    """A follower of one run that passes its epochs and its end on to loggers.

    Loggers work beside the training. One that fails is told of once and left alone from then on; the end of a run
    waits for them a while, and goes on without one that hangs.
    """

    def __init__(self, emit: Emit) -> None:
        self._emit = emit
        self._threads: list[_LoggerThread] = []

    def begin(self, loggers: Sequence[Logger], directory: RunDirectory) -> None:
        """Begin to log the run in this directory, in which its start is recorded."""
        if not loggers:
            return
        record = directory.record
        repeat = Repeat(**record["repeat"]) if record.get("repeat") else None
        run = LoggedRun(directory.path, record["started"], record["config"], repeat, len(directory.rows))
        self._threads = [_LoggerThread(logger, run) for logger in loggers]
        for thread in self._threads:
            thread.start()

    def __call__(self, event: Event) -> None:
        if isinstance(event, Epoch):
            row = dict(event.row)
            for thread in self._threads:
                thread.tasks.put(lambda log: log.epoch(row))
        elif isinstance(event, Finished):
            self._end(event)
        self._tell()

    def _end(self, event: Finished) -> None:
        end = LoggedEnd(event.status, event.metrics, event.baselines, event.skill, event.best_epoch)
        for thread in self._threads:
            thread.tasks.put(lambda log: log.end(end))
            thread.tasks.put(None)
        patience = PATIENCE_AFTER_SIGNAL if event.status == "interrupted" else PATIENCE
        for thread in self._threads:
            thread.join(patience)
            if thread.is_alive():
                told = f"logger {thread.logger.name}: not done {patience:g} s after the end of the run: left alone"
                self._emit(Warned(told))
        self._tell()
        self._threads = []

    def _tell(self) -> None:
        for thread in self._threads:
            for news in thread.news():
                self._emit(news)


class _LoggerThread(threading.Thread):
    """Opens a logger and does its tasks, one after the other, until one fails."""

    def __init__(self, logger: Logger, run: LoggedRun) -> None:
        super().__init__(name=f"logger {logger.name}", daemon=True)
        self.logger, self._run_logged = logger, run
        self.tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()  # None: the last is done
        self._news: queue.SimpleQueue[Event] = queue.SimpleQueue()

    def run(self) -> None:
        try:
            log = self.logger.open(self._run_logged)
            if log.where:
                self._news.put(Message(f"logger {self.logger.name}: {log.where}"))
            while (task := self.tasks.get()) is not None:
                task(log)
        except Exception as error:  # there is no end to what a tool of others can raise
            reason = shortened(" ".join(str(error).split()), LONGEST)
            self._news.put(Warned(f"logger {self.logger.name} failed: {type(error).__name__}: {reason}"))

    def news(self) -> list[Event]:
        """Return what the thread has to say since it was asked last."""
        found = []
        while not self._news.empty():
            found.append(self._news.get())
        return found
