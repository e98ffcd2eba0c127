"""The columns of `history.csv`: which come first and last, and which of them are losses and metrics."""

from __future__ import annotations

from collections.abc import Iterable

FIRST = ("epoch", "loss", "val_loss")
TIMES = ("seconds", "samples_per_second")  # measured by the clock: no two runs agree in them
LAST = ("learning_rate", *TIMES)


def figure_names(names: Iterable[str]) -> list[str]:
    """Return the losses and metrics among the columns, in the same order."""
    return [name for name in names if name != "epoch" and name not in LAST]


def metric_names(names: Iterable[str]) -> list[str]:
    """Return the metrics among the columns, each once and without its split (`val_`), in the same order."""
    figures = dict.fromkeys(name.removeprefix("val_") for name in figure_names(names))
    return [name for name in figures if name != "loss"]


def in_order(names: Iterable[str]) -> list[str]:
    """Return the columns in the order of the file: the fixed ones at both ends, the metrics between them as given."""
    names = dict.fromkeys(names)
    middle = [name for name in names if name not in FIRST + LAST]
    return [name for name in (*FIRST, *middle, *LAST) if name in names]
