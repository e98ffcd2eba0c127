"""How `predict` is told of its input: its options are the datasets' settings, and messages name them as such."""

from __future__ import annotations

import pytest

from seqrun.cli.predict import command
from seqrun.cli.reading_options import OPTIONS, in_options
from seqrun.datasets.series.series import Series
from seqrun.inference.reading.written import Written


def test_the_options_are_the_settings_of_datasets():
    assert set(OPTIONS) == set(Written.model_fields) <= set(Series.model_fields)
    for name, field in Written.model_fields.items():
        assert field.annotation == Series.model_fields[name].annotation
        assert field.get_default(call_default_factory=True) == Series.model_fields[name].get_default()
    assert {f"--{name.replace('_', '-')}" for name in OPTIONS} <= {each for p in command.params for each in p.opts}


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("the header has one cell, 'a;b': dataset.delimiter: ';'", "the header has one cell, 'a;b': --delimiter ';'"),
        (
            "such as 1.234,5: dataset.decimal: ','; dataset.thousands: '.'",
            "such as 1.234,5: --decimal ','; --thousands '.'",
        ),
        (
            "seems to hold units: dataset.skip_rows: [2] leaves it out",
            "seems to hold units: --skip-rows 2, leaves it out",
        ),
        ("if empty: dataset.missing_values: ['?', '-']", "if empty: --missing-values '?' --missing-values '-'"),
        ("1 row left out (bad_rows: skip):\n  line 3", "1 row left out (--bad-rows skip):\n  line 3"),
        ("as UTF-16 does: dataset.encoding: utf-16", "as UTF-16 does: --encoding utf-16"),
        ("let dataset.missing: ffill (or interpolate, drop) do it", "let --missing ffill (or interpolate, drop) do it"),
        ("let dataset.duplicates: first (or last, mean) do it", "let --duplicates first (or last, mean) do it"),
        ("are written: dataset.time_format: '%d.%m.%Y %H:%M'", "are written: --time-format '%d.%m.%Y %H:%M'"),
        ("the run's dataset.gaps is break", "the run's dataset.gaps is break"),
        ("dataset.max_len: 3", "dataset.max_len: 3"),
    ],
)
def test_a_setting_that_would_help_is_told_as_the_option(message, expected):
    assert in_options(message) == expected
