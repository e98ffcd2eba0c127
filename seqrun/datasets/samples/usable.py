"""The samples of a file that can be used; all that is wrong with the others, and with rows, is told at once."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from seqrun.datasets.samples.faults import unusable, without_faulty
from seqrun.datasets.samples.labels import group_faults, label_faults
from seqrun.datasets.samples.raw import RawSequences
from seqrun.datasets.shared.labelling import Labelling
from seqrun.datasets.shared.layout import BadRows
from seqrun.errors import DataError


def usable(
    path: Path, raw: RawSequences, labelling: Labelling | None, bad_rows: BadRows
) -> tuple[RawSequences, tuple[str, ...]]:
    """Return the samples that can be used, and a warning of the others, if there are any.

    Raises DataError if they may not be left out, or if none is left, be it of one of the file's own splits.
    """
    faults = {**group_faults(raw), **label_faults(raw, labelling), **raw.faults}
    kept, warnings = without_faulty(path, len(raw.values), faults, raw.where, bad_rows, raw.rows_told)
    if not faults:
        return raw, warnings
    found = raw.taken(kept)
    given = (first for first in (found.validation_from, found.test_from) if first is not None)
    if any(first == past for first, past in pairwise([0, *given, len(kept)])):
        raise DataError(
            f"{path}: one of the file's splits has no sample that can be used; {unusable(faults, raw.where)}"
        )
    return found, warnings
