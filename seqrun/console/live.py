"""The live view: finished epochs scroll by; a few lines below them follow the running epoch."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Self

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from seqrun import readable
from seqrun.console import epoch_table
from seqrun.console.estimate import Estimate
from seqrun.console.text import literal, packed
from seqrun.events.events import Batch, Download, Epoch, Event, Finished, Started, Warned

REFRESHES_PER_SECOND = 4  # the training loop reports that often
WIDTH = 78  # of the live lines at most: a wider terminal may shrink to this without lines being left over


class LiveView:
    """A follower (Emit) that draws on a terminal; a context manager that restores the terminal.

    Events inside an epoch are only remembered; a thread draws them, so that training is not held up.
    """

    def __init__(self, console: Console | None = None):
        self._console = console or Console(stderr=True, highlight=False)
        self._live: Live | None = None
        self._estimate: Estimate | None = None  # of the run that is going on
        self._columns: tuple[epoch_table.Column, ...] = ()
        self._runs_before = 0
        self._downloads: dict[str, tuple[float, Download]] = {}  # label -> (when it began, how far it is)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def __call__(self, event: Event) -> None:
        match event:
            case Batch():
                self._running().batch_done(event, time.monotonic())
            case Epoch():
                self._epoch(event)
            case Download():
                self._download(event)
            case Started():
                self._start(event)
            case Finished():
                self._finish(event)
            case _ if (line := event.line()) is not None:
                self._say(literal(line, "yellow" if isinstance(event, Warned) else ""))

    # --- the live lines' life

    def _open(self) -> None:
        if self._live is None:
            self._live = Live(
                console=self._console,
                get_renderable=self._draw,
                refresh_per_second=REFRESHES_PER_SECOND,
                transient=True,
                redirect_stdout=sys.stdout.isatty(),  # what goes to a file or a pipe must arrive there
            )
            self._live.start(refresh=True)

    def _close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _say(self, *lines: Text) -> None:
        """Print lines above the live ones, to stay; a word that is too wide, such as a path, is not broken."""
        for line in lines:
            line.overflow = "ignore"
        self._console.print(Group(*lines), crop=False)

    # --- events

    def _start(self, run: Started) -> None:
        self._close()
        self._downloads.clear()
        self._estimate, self._columns = Estimate(run, time.monotonic()), ()
        facts = (
            f"{run.parameters:,} parameters",
            f"{run.samples:,} training samples",
            f"{run.steps_per_epoch:,} steps an epoch",
            f"up to {run.epochs:,} epochs",
            run.device,
        )
        self._say(
            *([Text()] if self._runs_before else []),
            literal(run.name, "bold cyan"),
            literal(packed(facts, self._console.width)),
            literal(run.run, "dim"),
            Text(),
        )
        self._open()

    def _running(self) -> Estimate:
        """Return the estimate of the current run: its start is reported before its batches and epochs."""
        if self._estimate is None:
            raise RuntimeError("no run has started")
        return self._estimate

    def _epoch(self, event: Epoch) -> None:
        estimate = self._running()
        estimate.epoch_done(event, time.monotonic())
        columns = epoch_table.choose_columns(event, estimate.run.monitor, self._console.width)
        if columns != self._columns:
            self._columns = columns
            self._say(literal(epoch_table.heading(columns), "bold"))
        self._say(literal(epoch_table.line(columns, event), "green" if event.is_best else ""))

    def _download(self, event: Download) -> None:
        if event.done == event.total:
            self._downloads.pop(event.label, None)
            self._say(literal(f"downloaded {event.label} ({readable.size(event.done)})"))
        else:
            began, _ = self._downloads.get(event.label, (time.monotonic(), event))
            self._downloads[event.label] = (began, event)
        if self._downloads:
            self._open()
        elif self._estimate is None:
            self._close()

    def _finish(self, event: Finished) -> None:
        self._close()
        self._downloads.clear()
        self._estimate = None
        self._say(Text())
        for number, line in enumerate(event.results()):
            self._say(literal(line, "" if number else "bold"))
        if problem := event.problem():
            self._say(literal(problem, "red"))
        self._say(literal(event.summary(), "bold green" if event.status == "finished" else "bold red"))
        if (
            event.run is not None and not sys.stdout.isatty()
        ):  # there the command's own result, the run directory, stands below the summary
            self._say(literal(event.run, "dim"))
        for line in event.advice():
            self._say(literal(line))
        self._runs_before += 1

    # --- drawing, by the refreshing thread

    def _draw(self) -> RenderableType:
        now, width, estimate = time.monotonic(), min(self._console.width, WIDTH), self._estimate
        downloads = list(self._downloads.values())
        lines: list[RenderableType] = [_download_bar(began, event, now, width) for began, event in downloads]
        if estimate is not None:
            lines += [Text(), _epoch_bar(estimate, now, width)]
            lines += [literal(facts) for facts in self._facts(estimate, now, width) if facts]
        return Group(*lines)

    def _facts(self, estimate: Estimate, now: float, width: int) -> Iterator[str]:
        """Yield facts of the running epoch, the values of the last epoch without a column, and facts of the whole
        run.
        """
        batch, last = estimate.batch, estimate.last
        rate = batch.learning_rate if batch else None
        if rate is None and last is not None:
            rate = last.row["learning_rate"]
        facts = [f"loss {readable.figure(batch.loss)}"] if batch else []
        facts += [f"{batch.samples_per_second:,.0f} samples/s"] if batch else []
        facts += [f"lr {readable.rate(rate)}"] if rate is not None else []
        yield packed([*facts, f"{readable.clock(now - estimate.started)} so far"], width)
        if last is not None:
            hidden = epoch_table.hidden_figures(self._columns, last, estimate.run.monitor)
            figures = packed((f"{name} {readable.figure(value)}" for name, value in hidden.items()), width)
            yield figures.partition("\n")[0]
        yield packed(_outlook(estimate, now), width)


def _epoch_bar(estimate: Estimate, now: float, width: int) -> Table:
    batch, last = estimate.batch, estimate.last
    if batch is not None and batch.phase != "training":
        return _bar(
            f"{batch.phase}: epoch {batch.epoch}", batch.step, batch.steps, f"{batch.step:,}/{batch.steps:,}", width
        )
    if batch is None:
        number, done, total = estimate.finished, float(last is not None), 1.0
        state = "preparing" if last is None else "done"
    else:
        number, done, total = batch.epoch, batch.step, batch.steps
        left = estimate.epoch_left(now) if done < total else None
        remark = "validating" if done >= total else f"{readable.clock(left)} left" if left is not None else ""
        state = f"{done:,}/{total:,}  {remark}"
    return _bar(f"epoch {max(number, 1)}/{estimate.run.epochs}", done, total, state, width)


def _download_bar(began: float, event: Download, now: float, width: int) -> Table:
    speed = readable.size(round(event.done / max(now - began, 0.1)))
    total = "" if event.total is None else f" of {readable.size(event.total)}"
    return _bar(event.label, event.done, event.total, f"{readable.size(event.done)}{total}  {speed}/s", width)


def _bar(label: str, done: float, total: float | None, state: str, width: int) -> Table:
    row = Table.grid(padding=(0, 1))
    room = max(8, min(40, width - len(label) - len(state) - 3))
    row.add_row(literal(label), ProgressBar(total=total, completed=done, width=room), literal(state))
    return row


def _outlook(estimate: Estimate, now: float) -> list[str]:
    """Return the best epoch so far, and when the run will end."""
    run, last, facts = estimate.run, estimate.last, []
    if last is not None and last.best_epoch:
        facts.append(f"best {run.monitor} {readable.figure(last.best_value)} in epoch {last.best_epoch}")
    stop = estimate.stops_after
    if stop is not None and stop <= estimate.finished:
        return facts
    if stop is not None and stop < run.epochs and (left := estimate.until(stop, now)) is not None:
        facts.append(f"stops after epoch {stop} ({readable.clock(left)}) unless it improves")
    longest = estimate.until(run.epochs, now)
    if longest is not None:
        facts.append(f"at most {readable.clock(longest)} left")
    return facts
