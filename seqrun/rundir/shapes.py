"""What a value that was read from JSON must look like: shapes, put together from smaller ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

Shape = Callable[[Any], None]  # raises Misshapen for a value that is not of the shape

LARGEST_COUNT = 2**63
LARGEST = 1e300  # sums and squares of numbers beyond it overflow
LONGEST = 1e11  # seconds: some 3,000 years
EXCERPT = 40  # characters of a value in a message


class Misshapen(ValueError):
    """A value is not of its shape; the message says where it stands, what it is and what it must be."""

    def __init__(self, fault: str, place: str = ""):
        self.fault, self.place = fault, place
        super().__init__(f"{place} {fault}" if place else f"it {fault}")

    def below(self, name: object) -> Misshapen:
        """Return the same of a value that holds the misshapen one under this name."""
        return Misshapen(self.fault, f"{name}.{self.place}" if self.place else str(name)[:EXCERPT])


def instead_of(wanted: str, value: Any) -> Misshapen:
    """Return the error that a value is something else than what is wanted."""
    shown = json.dumps(value)
    return Misshapen(f"must be {wanted}, not {shown if len(shown) <= EXCERPT else f'{shown[:EXCERPT]}...'}")


def anything(value: Any) -> None:
    """Accept every value."""


def text(value: Any) -> None:
    """Accept text."""
    if type(value) is not str:
        raise instead_of("text", value)


def flag(value: Any) -> None:
    """Accept true and false."""
    if type(value) is not bool:
        raise instead_of("true or false", value)


def count(value: Any) -> None:
    """Accept whole numbers from 0 on."""
    if type(value) is not int or not 0 <= value < LARGEST_COUNT:
        raise instead_of("a whole number from 0 on", value)


def number(value: Any) -> None:
    """Accept finite numbers that can be averaged."""
    if (type(value) is not float and type(value) is not int) or not -LARGEST <= value <= LARGEST:
        raise instead_of("a finite number", value)


def real(value: Any) -> None:
    """Accept all numbers, NaN and infinity too."""
    if type(value) is not float:
        number(value)


def a_figure(value: Any) -> None:
    """Accept what `number` does, and null, which stands for NaN and infinity."""
    if value is not None and type(value) is not float:
        number(value)
    elif value is not None and not -LARGEST <= value <= LARGEST:
        raise instead_of("a finite number or null", value)


def seconds(value: Any) -> None:
    """Accept spans of time."""
    if (type(value) is not float and type(value) is not int) or not 0 <= value <= LONGEST:
        raise instead_of("a number of seconds", value)


def time(value: Any) -> None:
    """Accept times in ISO 8601."""
    from datetime import datetime

    text(value)
    try:
        datetime.fromisoformat(value)
    except ValueError:
        raise instead_of("a time such as 2026-11-22T04:15:30+00:00", value) from None


def one_of(*words: str) -> Shape:
    """Return the shape of these words alone."""
    listed = f"{', '.join(words[:-1])} or {words[-1]}"

    def check(value: Any) -> None:
        if type(value) is not str or value not in words:
            raise instead_of(listed, value)

    return check


def optional(shape: Shape) -> Shape:
    """Return the shape that null has too."""

    def check(value: Any) -> None:
        if value is not None:
            shape(value)

    return check


def listing(shape: Shape) -> Shape:
    """Return the shape of lists with items of this shape."""

    def check(value: Any) -> None:
        if type(value) is not list:
            raise instead_of("a list", value)
        _check_all(enumerate(value), shape)

    return check


def mapping(shape: Shape) -> Shape:
    """Return the shape of objects with values of this shape, under any names."""

    def check(value: Any) -> None:
        if type(value) is not dict:
            raise instead_of("an object", value)
        _check_all(value.items(), shape)

    return check


def _check_all(items: Iterable[tuple[object, Any]], shape: Shape) -> None:
    for name, item in items:
        try:
            shape(item)
        except Misshapen as error:
            raise error.below(name) from None


class Fields:
    """The shape of objects with certain values under certain names; under other names there may be anything."""

    def __init__(self, needed: Mapping[str, Shape], others: Mapping[str, Shape], own: Collection[str]):
        self.needed, self.own = frozenset(needed), frozenset(own)
        self.known = {**needed, **others}

    def __call__(self, value: Any) -> None:
        if type(value) is not dict:
            raise instead_of("an object", value)
        name = ""
        try:
            for name, shape in self.known.items():
                if name in value:
                    shape(value[name])
                elif name in self.needed:
                    raise Misshapen("is missing")
        except Misshapen as error:
            raise error.below(name) from None


def fields(
    needed: Mapping[str, Shape], others: Mapping[str, Shape] | None = None, *, own: Collection[str] = ()
) -> Fields:
    """Return the shape of objects with certain values under certain names.

    What is `needed` must be there, the `others` may be. Under other names there may be anything. `own` are the names
    under which hardly two of many such objects have the same.
    """
    return Fields(needed, others or {}, own)


def fits(value: Any, shape: Shape) -> bool:
    """Return whether the value is of the shape."""
    try:
        shape(value)
    except Misshapen:
        return False
    return True
