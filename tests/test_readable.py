"""Numbers as people read them."""

import math

import pytest

from seqrun import readable


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.693147, "0.6931"),
        (-0.5, "-0.5000"),
        (0.0, "0.0000"),
        (0.000949, "9.5e-04"),
        (0.00096, "0.0010"),
        (1e-9, "1.0e-09"),
        (99.99996, "100.000"),
        (123.4567, "123.457"),
        (999.9999, "1000.00"),
        (12345.678, "12345.7"),
        (999_999.4, "999999"),
        (1e6, "1.0e+06"),
        (math.nan, "nan"),
        (math.inf, "inf"),
    ],
)
def test_a_figure_keeps_four_to_six_digits(value, text):
    assert readable.figure(value) == text


@pytest.mark.parametrize("exponent", range(-12, 13))
def test_a_figure_has_at_most_eight_characters_and_is_near_the_value(exponent):
    for mantissa in (1.0, 3.14159265, 9.4999, 9.99999):
        value = mantissa * 10.0**exponent
        text = readable.figure(value)
        assert len(text) <= 8
        assert float(text) == pytest.approx(value, rel=0.06)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (3.21, "3.2 s"), (59.94, "59.9 s"), (59.96, "1:00"), (3599.7, "1:00:00"), (7384, "2:03:04")],
)
def test_a_duration_shows_the_precision_that_matters(seconds, text):
    assert readable.duration(seconds) == text


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (17_464_789, "17.5 MB"), (999_960, "1.0 MB"), (5 * 10**15, "5000.0 TB")],
)
def test_a_size_is_in_decimal_units(count, text):
    assert readable.size(count) == text
