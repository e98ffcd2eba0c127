"""The epochs of a run as a table that grows line by line, with as many columns as fit into the width."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from seqrun import readable
from seqrun.events.events import Epoch

GAP = "  "
MARK = " *"  # the best epoch so far

_NAMES = {"learning_rate": "lr", "seconds": "time", "samples_per_second": "samples/s"}
_FORMATS: dict[str, Callable[[float], str]] = {
    "epoch": lambda value: f"{int(value)}",
    "learning_rate": readable.rate,
    "seconds": readable.duration,
    "samples_per_second": lambda value: f"{value:,.0f}",
}
_WIDEST = {"epoch": 5, "learning_rate": 8, "seconds": 7, "samples_per_second": 9}


@dataclass(frozen=True)
class Column:
    """One key of the rows, with its heading and the way its values are written."""

    key: str

    @property
    def heading(self) -> str:
        return _NAMES.get(self.key, self.key)

    @property
    def width(self) -> int:
        return max(len(self.heading), _WIDEST.get(self.key, 8))

    def cell(self, row: dict[str, float]) -> str:
        """Return the row's value as text, or a dash if it has none."""
        return _FORMATS.get(self.key, readable.figure)(row[self.key]) if self.key in row else "-"


def choose_columns(epoch: Epoch, monitor: str, width: int) -> tuple[Column, ...]:
    """Return the most important columns that fit into `width` characters, in reading order."""
    left = width - len(MARK)
    chosen = set()
    for column in map(Column, _by_importance(epoch, monitor)):
        if column.width <= left:
            chosen.add(column.key)
            left -= column.width + len(GAP)
    return tuple(Column(key) for key in _reading_order(epoch) if key in chosen)


def _by_importance(epoch: Epoch, monitor: str) -> list[str]:
    figures, headlines = list(epoch.figures), epoch.headlines(monitor)
    losses = [key for key in (monitor, "loss", "val_loss") if key in figures]
    validated = [key for key in headlines if key.startswith("val_")]
    others = sorted(figures, key=lambda key: not key.startswith("val_"))
    keys = ["epoch", *losses, *validated, "seconds", "learning_rate", *headlines, "samples_per_second", *others]
    return list(dict.fromkeys(keys))


def _reading_order(epoch: Epoch) -> list[str]:
    pairs = [key for name in epoch.figures for key in (name.removeprefix("val_"), f"val_{name.removeprefix('val_')}")]
    return list(dict.fromkeys(["epoch", *pairs, "learning_rate", "seconds", "samples_per_second"]))


def heading(columns: Sequence[Column]) -> str:
    """Return the headings of the columns, as one line."""
    return GAP.join(f"{column.heading:>{column.width}}" for column in columns)


def line(columns: Sequence[Column], epoch: Epoch) -> str:
    """Return the epoch's values, aligned below the headings, with a mark if it is the best epoch so far."""
    cells = GAP.join(f"{column.cell(epoch.row):>{column.width}}" for column in columns)
    return f"{cells}{MARK if epoch.is_best else ''}"


def hidden_figures(columns: Sequence[Column], epoch: Epoch, monitor: str) -> dict[str, float]:
    """Return the losses and metrics that no column had room for, the most important ones first."""
    shown = {column.key for column in columns}
    figures = epoch.figures
    return {key: figures[key] for key in _by_importance(epoch, monitor) if key in figures and key not in shown}
