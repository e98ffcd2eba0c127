"""Ids and labels as text: what stands in the file, whatever it looks like."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from seqrun.datasets.shared.written import as_written


@pytest.mark.parametrize("text", ["007", "1e3", "1.10", "NA", "None", "null", "true", "True", "nan", " a b ", "é"])
def test_a_string_stays_as_it_is(text):
    assert as_written(text) == text


@pytest.mark.parametrize("value", [7, -3, 0, 2**70, 1.5, 0.1, 1e-7, True, False])
def test_typed_values_are_written_as_json_has_them(value):
    assert as_written(value) == json.dumps(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1"),
        (-0.0, "0"),
        (1e300, "1e+300"),
        (np.int32(7), "7"),
        (np.float32(1.1), "1.1"),
        (np.float64(20200131), "20200131"),
        (np.bool_(True), "true"),
        (Decimal("1.10"), "1.10"),
        (datetime.date(2020, 1, 31), "2020-01-31"),
    ],
)
def test_whole_floats_are_integers_and_other_types_have_their_own_digits(value, text):
    assert as_written(value) == text


@pytest.mark.parametrize("value", [None, "", " \t", math.nan, np.float32("nan"), pd.NA, pd.NaT])
def test_what_is_missing_is_none(value):
    assert as_written(value) is None
