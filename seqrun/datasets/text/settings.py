"""The settings of the dataset `text`, at which its checks before the run look."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from seqrun.components.vocabulary import SPECIALS, Kind
from seqrun.datasets.shared.fields import Fractions, MaxLen, Padding, Truncating
from seqrun.datasets.shared.grouping import Grouped
from seqrun.datasets.shared.layout import WrittenAsRows
from seqrun.datasets.shared.merging import Merging, names_of

FRACTIONS = [0.8, 0.1, 0.1]  # for train, validation, test


class TextSettings(WrittenAsRows):
    """Those of the dataset's own, beside `name`; mixed into it."""

    path: Path = Field(description="a .csv, .tsv, .jsonl or .parquet file, or a folder with one sub-folder a class")
    text: str | None = Field(None, min_length=1, description="the column that holds the text (not for folders)")
    label: str | None = Field(None, min_length=1, description="the column that holds the class (not for folders)")
    labels_separator: str | None = Field(
        None, min_length=1, description="several labels a text: what stands between them in a cell of the column label"
    )
    labels: list[str] | Merging | None = Field(
        None,
        description="several labels a text: in place of label a column for each, of 0 and 1; or {merge: {SPORT: "
        "sport}}: labels that are counted as others",
    )
    target: str | None = Field(None, min_length=1, description="the column of the number that the regressor predicts")
    targets: list[str] | None = Field(
        None, min_length=1, description="the columns of the numbers that the regressor predicts, if there are several"
    )
    tokens: Kind = Field(
        "words", description="what a token is; words end at white space (the no-break space too) and at punctuation"
    )
    lowercase: bool = Field(True, description="make upper and lower case one")
    num_words: int = Field(
        10_000, gt=len(SPECIALS), description="ids in the vocabulary, the three special ones included"
    )
    max_len: MaxLen = 128
    padding: Padding = "pre"
    truncating: Truncating = "pre"
    splits: Fractions | Grouped = Field(
        FRACTIONS,
        description="fractions for train, validation, test; sub-folders train/ and test/ are kept as such; or "
        "{keep_together: author}: texts with one value in this column stand in one split",
    )

    @property
    def label_columns(self) -> list[str] | None:
        """The columns of 0 and 1 that `labels` names, if it names any."""
        names = names_of(self.labels)
        return [names] if isinstance(names, str) else names
