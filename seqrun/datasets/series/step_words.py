"""The step of a time axis in words, for messages: an hour (h), 15 minutes (15min), a quarter (QS-FEB)."""

from __future__ import annotations

import re

from seqrun.datasets.series.steps import BY_THE_WALL, Frequency

# What pandas' names of offsets begin with, after their count.
_WORDS = {
    "us": "microsecond",
    "ms": "millisecond",
    "s": "second",
    "min": "minute",
    "h": "hour",
    "bh": "business hour",
    "D": "day",
    "B": "business day",
    "W": "week",
    "SMS": "half month",
    "SME": "half month",
    **{f"{day}M{end}": "month" for day in ("", "B") for end in "SE"},
    "WOM": "month",
    "LWOM": "month",
    **{f"{day}Q{end}": "quarter" for day in ("", "B") for end in "SE"},
    **{f"{day}Y{end}": "year" for day in ("", "B") for end in "SE"},
    "REQ": "quarter of 13 or 14 weeks",
    "RE": "year of 52 or 53 weeks",
    "MonthDays": "part of a month",
}


def in_words(step: Frequency) -> str:
    """Return a step in words, with its name behind them; numbers, and names without words, stand alone."""
    if not isinstance(step, str):
        return str(step)
    name = step.removesuffix(BY_THE_WALL)
    if found := re.match(r"DateOffset\(months=(\d+)", name):
        count, word = int(found[1]), "month"
    elif name.startswith("CustomBusinessDay"):
        count, word = 1, "working day"
    elif (found := re.match(r"(\d*)([A-Za-z]+)", name)) and found[2] in _WORDS:
        count, word = int(found[1] or 1), _WORDS[found[2]]
    else:
        return step
    article = "an" if word == "hour" else "a"
    return f"{article if count == 1 else count} {word}{'s' * (count > 1)} ({step})"
