"""Splits whose kind of samples and target a task asks for."""

from __future__ import annotations

import numpy as np
import pytest

from seqrun.components import ClassTarget, Reconstruction, Spec, Split, Splits, Windows


def tokens() -> Splits:
    part = Split(np.ones((2, 3), np.int32), np.zeros(2, np.int32), np.arange(2))
    return Splits(Spec((3,), ClassTarget(("neg", "pos"))), part, part, part)


def test_splits_of_the_wanted_kinds_are_given_as_they_are():
    splits = tokens()
    assert splits.of(Split, ClassTarget) is splits


@pytest.mark.parametrize(
    ("samples", "target", "told"),
    [
        (Windows, ClassTarget, "for Windows, not for Split"),
        (Split, Reconstruction, "for Reconstruction, not for ClassTarget"),
    ],
)
def test_splits_of_other_kinds_are_refused(samples, target, told):
    with pytest.raises(TypeError, match=told):
        tokens().of(samples, target)
