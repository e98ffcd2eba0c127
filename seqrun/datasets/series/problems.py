"""What cannot work in the columns that a forecasting dataset names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seqrun.datasets.shared.fields import Gaps, Missing
from seqrun.errors import Problem

WORDS = ("number", "ISO8601", "mixed")  # in place of a format of times; the last two are pandas' own


def column_problems(
    targets: Sequence[str], features: Sequence[str] | None, special: Mapping[str, str | None]
) -> Iterator[Problem]:
    """Yield columns that are named twice, or also have a `special` role (role -> column)."""
    for key, columns in (("targets", targets), ("features", features or ())):
        first = {column: number for number, column in reversed([*enumerate(columns)])}
        for number, column in enumerate(columns):
            if first[column] < number:
                yield Problem(("dataset", key, number), f"{column!r} is named twice")
            for what, taken in special.items():
                if column == taken:
                    yield Problem(("dataset", key, number), f"{column!r} is {what}")


def iterated_problems(
    forecast: str, targets: Sequence[str], features: Sequence[str] | None, calendar: Sequence[str] = ()
) -> Iterator[Problem]:
    """Yield a problem if an iterated forecast would have to know features in advance; features None are all columns."""
    if forecast != "iterated":
        return
    if calendar:
        yield Problem(
            ("dataset", "calendar"), "an iterated forecast is made from its own output, which has no calendar"
        )
    if features is None or list(features) != list(targets):
        message = "an iterated forecast is made from its own output: features must be the targets, in their order"
        yield Problem(("dataset", "features"), message)


def gaps_problems(gaps: Gaps, missing: Missing) -> Iterator[Problem]:
    """Yield a problem if gaps are filled with rows that `missing` does not fill."""
    if gaps == "fill" and missing in ("error", "drop"):
        why = f"fill makes rows of empty cells, and missing: {missing} has none"
        yield Problem(("dataset", "gaps"), f"{why}; set dataset.missing to ffill or interpolate")


def zone_problems(name: str | None) -> Iterator[Problem]:
    """Yield a problem if a time zone is not known."""
    if name is None:
        return
    from seqrun.datasets.series.zone_names import zone

    try:
        zone(name)
    except ValueError as error:
        yield Problem(("dataset", "time_zone"), str(error))


def format_problems(time_format: str | None) -> Iterator[Problem]:
    """Yield a problem if a format of times names no part of a time, as yyyy-mm-dd does not."""
    if time_format is not None and "%" not in time_format and time_format not in WORDS:
        why = (
            f"{time_format!r} says of no part of a time where it stands: %Y is a year, %m a month, %d a day, %H an hour"
        )
        yield Problem(("dataset", "time_format"), f"{why}, %M a minute, %S a second; or give {' or '.join(WORDS)}")
