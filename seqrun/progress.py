"""Where events go without a live view: plain lines, JSON lines, the log; and how messages become events."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import warnings
from collections.abc import Callable, Iterator, Mapping
from numbers import Integral, Real
from typing import Any, TextIO

from seqrun.events import Download, Emit, Epoch, Event, Finished, Message, Started, Warned

# --- plain


class PlainLines:
    """The plain line of each event, or None; a download has one at its start and one at each tenth."""

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


def plain_emit(stream: TextIO) -> Emit:
    """Writes a line for each event that has one."""
    lines = PlainLines()

    def emit(event: Event) -> None:
        line = lines(event)
        if line is not None:
            _write(stream, line)

    return emit


def quiet_emit(stream: TextIO) -> Emit:
    """Writes warnings and errors only."""

    def emit(event: Event) -> None:
        if isinstance(event, Warned):
            _write(stream, event.line())
        elif isinstance(event, Finished) and event.error:
            _write(stream, event.problem())

    return emit


def _write(stream: TextIO, line: str) -> None:
    stream.write(f"{line}\n")
    stream.flush()


# --- JSON


def json_emit(stream: TextIO) -> Emit:
    """Writes each event as a line of strict JSON: NaN and infinity, which JSON does not know, are null."""

    def emit(event: Event) -> None:
        _write(stream, json.dumps(plain_data(event.as_json()), allow_nan=False))

    return emit


def plain_data(value: Any) -> Any:
    """The value in JSON's own types; numbers may be numpy's, what JSON does not know becomes text."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, Mapping):
        return {str(key): plain_data(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain_data(item) for item in value]
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real):
        return float(value) if math.isfinite(value) else None
    return str(value)


# --- the log


def logged(emit: Emit, log: Callable[[str], None]) -> Emit:
    """Passes each event on, and its plain line, if it has one, to the log."""
    lines = PlainLines()

    def tee(event: Event) -> None:
        emit(event)
        line = lines(event)
        if line is not None:
            log(line)

    return tee


class _EmitHandler(logging.Handler):
    def __init__(self, emit: Emit):
        super().__init__(logging.INFO)
        self._emit = emit

    def emit(self, record: logging.LogRecord) -> None:
        kind = Warned if record.levelno >= logging.WARNING else Message
        self._emit(kind(self.format(record)))


@contextlib.contextmanager
def logging_to(emit: Emit) -> Iterator[None]:
    """Makes events of what the logger "seqrun" (from INFO on) and `warnings.warn` say in the block."""
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
