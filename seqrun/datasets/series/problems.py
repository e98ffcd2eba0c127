"""What cannot work in the columns that a forecasting dataset names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from seqrun.errors import Problem


def column_problems(
    targets: Sequence[str], features: Sequence[str] | None, special: Mapping[str, str | None]
) -> Iterator[Problem]:
    """Yield columns that are named twice, or also have a `special` role (role -> column)."""
    for key, columns in (("targets", targets), ("features", features or ())):
        for number, column in enumerate(columns):
            if column in columns[:number]:
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
