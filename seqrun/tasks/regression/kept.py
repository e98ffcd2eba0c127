"""What a regressor predicted of its test split, as a table."""

from __future__ import annotations

from seqrun.components.reading import ROW
from seqrun.components.targets import NumbersTarget
from seqrun.inference.evaluated_rows import PARTS
from seqrun.inference.kept import Columns, KeptPredictions


def columns(kept: KeptPredictions) -> Columns:
    """Return a row a sample: its numbers and the predicted ones, with their intervals if the run has such."""
    found = {ROW: kept.rows}
    for number, name in enumerate(kept.spec.of(NumbersTarget).target.names):
        for what, array in PARTS.items():
            if array in kept.arrays:
                found[what.format(name)] = kept.arrays[array][:, number]
    return found
