"""The axes of curves and sketches."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqrun.comparing.report.scale import Scale, drawable

VALUES = st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=20)


@given(VALUES)
def test_every_value_and_every_tick_lies_on_the_axis(values):
    scale = Scale.of(values, 100.0)
    for value in (*values, *scale.ticks()):
        assert -1e-6 <= scale.at(value) <= 100 + 1e-6
    assert len(scale.ticks()) <= 30


@given(VALUES)
def test_larger_values_lie_farther(values):
    scale = Scale.of(values, 100.0)
    places = [scale.at(value) for value in sorted(values)]
    assert places == sorted(places)


def test_ticks_are_round_numbers():
    assert Scale(0.13, 0.97, 100).ticks() == pytest.approx([0.2, 0.4, 0.6, 0.8])
    assert Scale(0.01, 12.0, 100, logarithmic=True).ticks() == pytest.approx(
        [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10]
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1.7e308])
def test_what_has_no_place_is_not_drawn(value):
    assert not drawable(value)
