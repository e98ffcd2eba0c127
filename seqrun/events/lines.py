"""Followers of a run without a live view: plain lines, JSON lines, the log; and messages turned into events."""

from __future__ import annotations

import contextlib
import json
import logging
import warnings
from collections.abc import Callable, Iterator

from seqrun.events.events import Download, Emit, Epoch, Event, Finished, Message, Started, Warned
from seqrun.machine.streams import Writable
from seqrun.readable import printable
from seqrun.rundir.atomic import plain

# --- plain


class PlainLines:
    """The plain line of each event, or None. A download gets one at its start and one at each tenth."""

    def __init__(self) -> None:
        self._downloads: dict[str, int] = {}  # label -> tenths told
        self._monitor: str | None = None

    def __call__(self, event: Event) -> str | None:
        if isinstance(event, Download) and not self._is_news(event):
            return None
        if isinstance(event, Started):
            self._monitor = event.monitor
        return event.line(self._monitor) if isinstance(event, Epoch) else event.line()

    def _is_news(self, event: Download) -> bool:
        tenths = 10 * event.done // event.total if event.total else 0
        news = self._downloads.get(event.label) != tenths
        self._downloads[event.label] = tenths
        return news


def plain_emit(stream: Writable) -> Emit:
    """Return a follower that writes a line for each event that has one."""
    lines = PlainLines()

    def emit(event: Event) -> None:
        line = lines(event)
        if line is not None:
            _write(stream, line)

    return emit


def quiet_emit(stream: Writable) -> Emit:
    """Return a follower that writes warnings and errors only."""

    def emit(event: Event) -> None:
        if isinstance(event, Warned):
            _write(stream, event.line())
        elif isinstance(event, Finished) and event.error:
            _write(stream, "\n".join([event.problem() or event.summary(), *event.advice()]))

    return emit


def _write(stream: Writable, line: str) -> None:
    stream.write(f"{printable(line)}\n")
    stream.flush()


# --- JSON


def json_emit(stream: Writable) -> Emit:
    """Return a follower that writes each event as a line of strict JSON, with null for NaN and infinity."""

    def emit(event: Event) -> None:
        _write(stream, json.dumps(plain(event.as_json()), allow_nan=False))

    return emit


# --- the log


def log_emit(log: Callable[[str], None]) -> Emit:
    """Return a follower that hands the plain line of each event, if it has one, to `log`."""
    lines = PlainLines()

    def emit(event: Event) -> None:
        line = lines(event)
        if line is not None:
            log(line)

    return emit


class EarlyLog:
    """Keeps the lines of a log until there is a file for them."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._write: Callable[[str], None] = self._kept.append

    def __call__(self, line: str) -> None:
        self._write(line)

    def into(self, write: Callable[[str], None]) -> None:
        """Hand over the lines kept so far, and all that come, to `write`."""
        self._write = write
        for line in self._kept:
            write(line)


class _EmitHandler(logging.Handler):
    def __init__(self, emit: Emit):
        super().__init__(logging.INFO)
        self._emit = emit

    def emit(self, record: logging.LogRecord) -> None:
        kind = Warned if record.levelno >= logging.WARNING else Message
        self._emit(kind(self.format(record)))


@contextlib.contextmanager
def logging_to(emit: Emit) -> Iterator[None]:
    """Turn into events what the logger "seqrun" (from INFO on) and `warnings.warn` say inside the block."""
    logger, handler = logging.getLogger("seqrun"), _EmitHandler(emit)
    level, propagate = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(min(logger.getEffectiveLevel(), logging.INFO))
    logger.propagate = False
    try:
        with warnings.catch_warnings():
            warnings.showwarning = lambda message, category, *_, **__: emit(Warned(f"{category.__name__}: {message}"))
            yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
