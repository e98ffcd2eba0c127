"""Columns of numbers from CSV text in regular form, by pandas' parser."""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from seqrun.datasets.shared.layout import MISSING_WORDS, Layout

if TYPE_CHECKING:
    from pandas import DataFrame


def parsed(
    body: io.BytesIO, width: int, places: Iterable[int], numbers: Iterable[int], layout: Layout, *, text: bool = False
) -> DataFrame:
    """Return columns of rows in UTF-8 without a header, all with `width` cells, separated by the layout's delimiter.

    The columns are named by their `places`, from 0. Those of `numbers` have NaN where a cell says that it is empty;
    where not all other cells are numbers, they hold text. What is no number stays as it is, with `text` in any case.
    """
    import pandas as pd

    empty: dict[Any, list[str]] = {place: [*MISSING_WORDS, *layout.missing_values] for place in numbers}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", pd.errors.DtypeWarning)  # text among numbers is reported by `numbers`, by row
        return pd.read_csv(
            body,
            sep=layout.delimiter or ",",
            header=None,
            names=range(width),
            usecols=sorted(set(places)),
            index_col=False,
            quoting=csv.QUOTE_MINIMAL,
            encoding="utf-8",
            decimal=layout.decimal,
            low_memory=layout.decimal == ".",  # in pieces, where a faulty column mixes text with numbers: 1,5 is 1.5
            keep_default_na=False,
            na_values=empty,
            dtype=str if text or layout.thousands else None,
            skip_blank_lines=False,
        )
