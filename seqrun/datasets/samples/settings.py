"""The settings of the dataset `sequences`, at which its checks before the run look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from seqrun.datasets.shared.fields import Fractions, Scaler
from seqrun.datasets.shared.grouping import Grouped
from seqrun.datasets.shared.layout import WrittenAsRows
from seqrun.datasets.shared.merging import Merging

FRACTIONS = [0.6, 0.2, 0.2]  # for train, validation, test


class SampleSettings(WrittenAsRows):
    """Those of the dataset's own, beside `name`; mixed into it."""

    path: Path = Field(description="a .npz, .parquet, .csv or .tsv file; text can be packed (.csv.gz)")
    values: str = Field("x", min_length=1, description="npz: the array of samples; x stands for x_train and x_test too")
    lengths: str | None = Field(None, min_length=1, description="npz: the array of their lengths, if there is one")
    sample: str | None = Field(
        None, min_length=1, description="tables: the column that says of which sample a row is; null: a row is one"
    )
    time: str | None = Field(
        None, min_length=1, description="tables: the column that orders a sample's rows; null: they are in order"
    )
    features: list[str] | None = Field(
        None, min_length=1, description="tables: the columns of values, null: all others; npz: the features' names"
    )
    labels: Annotated[str, Field(min_length=1)] | Annotated[list[str], Field(min_length=2)] | Merging | None = Field(
        None,
        description="the array or column of labels; null: there are none; several labels a sample: an npz array "
        "(samples, labels) of 0 and 1, or a list of such Parquet columns; {names: y, merge: {SPORT: sport}} counts "
        "some as others",
    )
    label_each: Literal["sample", "step"] = Field("sample", description="what a label is of; step is for the tagger")
    label_names: list[str] | None = Field(
        None,
        min_length=2,
        description="npz, several labels a sample: what the array's columns are called; null: label_0, label_1, ...",
    )
    targets: str | list[str] | None = Field(
        None,
        min_length=1,
        description="the array, column or columns of the numbers that the regressor predicts",
    )
    max_len: int | None = Field(
        None, ge=1, description="steps of each sample: longer ones are cut; null: the longest training sample's"
    )
    scaler: Scaler = "standard"
    splits: Fractions | Grouped = Field(
        FRACTIONS,
        description="fractions for train, validation, test; splits that the file has are kept; or {keep_together: "
        "patient}: samples with one value in this column or array stand in one split",
    )
