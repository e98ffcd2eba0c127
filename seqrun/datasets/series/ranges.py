"""The values that training saw, and new ones that are far from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from seqrun.datasets.series.splits import Segments
from seqrun.readable import listed

if TYPE_CHECKING:
    from pandas import DataFrame

MARGIN = 1.0  # of the range, by which values may lie outside and be as usual: many series grow


class Range(NamedTuple):
    """The least and the greatest value of a column."""

    least: float
    greatest: float


def seen(frame: DataFrame, columns: Iterable[str], training: Segments) -> dict[str, Range]:
    """Return the range of each column in the rows of `training`."""
    rows = np.zeros(len(frame), bool)
    for first, past in training:
        rows[first:past] = True
    values = {name: frame[name].to_numpy()[rows] for name in dict.fromkeys(columns)}
    return {name: Range(float(np.nanmin(each)), float(np.nanmax(each))) for name, each in values.items()}


def far_outside(path: Path, frame: DataFrame, ranges: Mapping[str, Range]) -> Iterator[str]:
    """Yield a warning if values of a table lie outside of their column's range by more than its width."""
    lines = []
    for name, (least, greatest) in ranges.items():
        if name not in frame.columns:
            continue
        values, margin = frame[name].to_numpy(), MARGIN * (greatest - least)
        outside = values[(values < least - margin) | (values > greatest + margin)]
        if len(outside):
            found = f"{outside.min():g}" if len(outside) == 1 else f"{outside.min():g} to {outside.max():g}"
            lines.append(
                f"{name}: {len(outside):,} of {len(values):,} rows, {found}; training saw {least:g} to {greatest:g}"
            )
    if lines:
        yield f"{path}: values far outside of what training saw, so that the forecast may mean nothing:{listed(lines)}"
