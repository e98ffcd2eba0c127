"""The live view in a notebook: one output below the cell, drawn anew as the run goes on; no widgets are needed."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Self

from seqrun import readable
from seqrun.console import epoch_table
from seqrun.console.estimate import Estimate
from seqrun.console.html import Cell, table_html, text
from seqrun.console.text import SEPARATOR
from seqrun.events.events import Batch, Epoch, Event, Finished, Started, Warned

INTERVAL = 0.25  # seconds between two drawings
EPOCHS = 12  # the last ones are shown
WIDTH = 100  # characters of the table of epochs
COLOUR = "#3b8ee0"  # of the bar: to be seen on white and on black


class Drawing:
    """What an output shows: as HTML, or as text where there is none."""

    def __init__(self, html: str, plain: str):
        self._html, self._plain = html, plain

    def _repr_html_(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return self._plain


class NotebookView:
    """A follower (Emit); a context manager that draws for the last time at its end."""

    def __init__(self) -> None:
        self._handle: Any = None  # IPython's, of the output
        self._drawn = 0.0
        self._estimate: Estimate | None = None
        self._epochs: deque[Epoch] = deque(maxlen=EPOCHS)
        self._said = ""  # the last message, or download
        self._warned: list[str] = []
        self._finished: Finished | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            self._draw()

    def __call__(self, event: Event) -> None:
        now = time.monotonic()
        if isinstance(event, Started):
            self._estimate = Estimate(event, now)
        elif isinstance(event, Batch) and self._estimate is not None:
            self._estimate.batch_done(event, now)
        elif isinstance(event, Epoch) and self._estimate is not None:
            self._estimate.epoch_done(event, now)
            self._epochs.append(event)
        elif isinstance(event, Warned):
            self._warned.append(event.text)
        elif isinstance(event, Finished):
            self._finished = event
        elif line := event.line():
            self._said = line
        if now - self._drawn >= INTERVAL or isinstance(event, Finished):
            self._draw()

    def _draw(self) -> None:
        drawing = Drawing(self._as_html(), self._as_text())
        if self._handle is None:
            self._handle = import_module("IPython.display").display(drawing, display_id=True)
        else:
            self._handle.update(drawing)
        self._drawn = time.monotonic()

    def _as_text(self) -> str:
        lines = [line for event in self._epochs if (line := event.line())]
        return "\n".join([*lines, self._finished.summary() if self._finished else self._said])

    def _as_html(self) -> str:
        parts = [*self._head(), *self._state(), self._table()]
        parts += [_line(f"⚠ {warning}") for warning in self._warned]
        if self._finished is not None:
            parts += [_line(self._finished.problem() or self._finished.summary(), "font-weight:bold")]
        return f'<div style="color:inherit">{"".join(parts)}</div>'

    def _head(self) -> Iterator[str]:
        if self._estimate is None:
            return
        run = self._estimate.run
        facts = (f"{run.parameters:,} parameters", f"{run.samples:,} training samples", run.device, run.run)
        yield f'<div><b>{text(run.name)}</b> <span style="opacity:.75">{text(SEPARATOR.join(facts))}</span></div>'

    def _state(self) -> Iterator[str]:
        """Yield the bar of the running epoch and its figures; before the first, what is being done."""
        estimate = self._estimate
        if self._finished is not None:
            return
        if estimate is None or (estimate.batch is None and estimate.last is None):
            yield _line(self._said, "opacity:.75")
            return
        batch, number = estimate.batch, estimate.finished
        share, facts = 1.0, [self._said] if batch is None and number >= estimate.run.epochs else []
        if batch is not None:
            number, share = batch.epoch, batch.step / batch.steps
            facts = [f"{batch.step:,}/{batch.steps:,}", f"loss {readable.figure(batch.loss)}"]
            facts += [f"{batch.samples_per_second:,.0f} samples/s"]
        left = estimate.until(estimate.run.epochs, time.monotonic())
        facts += [f"at most {readable.clock(left)} left"] if left else []
        yield _bar(share)
        yield _line(SEPARATOR.join([f"epoch {number}/{estimate.run.epochs}", *facts]), "opacity:.75")

    def _table(self) -> str:
        if not self._epochs or self._estimate is None:
            return ""
        last = self._epochs[-1]
        columns = epoch_table.choose_columns(last, self._estimate.run.monitor, WIDTH)
        rows = [
            [Cell(column.cell(event.row), numeric=True, strong=event.number == last.best_epoch) for column in columns]
            for event in self._epochs
        ]
        return table_html([column.heading for column in columns], rows)


def _bar(share: float) -> str:
    back = "height:6px;max-width:40em;margin:.4em 0;background:color-mix(in srgb, currentColor 18%, transparent)"
    return f'<div style="{back}"><div style="height:6px;width:{100 * share:.0f}%;background:{COLOUR}"></div></div>'


def _line(content: str, style: str = "") -> str:
    return f'<div style="margin:.2em 0;{style}">{text(content)}</div>' if content else ""
