"""All that is wrong with a file, told at once: reading goes on without the rows that stop it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TypeVar

from seqrun.datasets.shared.layout import Layout
from seqrun.errors import DataError

T = TypeVar("T")


@dataclass
class AtOnce:
    """The steps in which a file is read, and what has stopped some of them, in the order of the steps."""

    layout: Layout
    told: list[str] = field(default_factory=list)

    def read(self, step: Callable[[Layout], T]) -> T:
        """Return what a step gives with the layout; if rows stop it, what it gives without them, and keep its message.

        Raises DataError if it cannot go on without some rows either.
        """
        try:
            return step(self.layout)
        except DataError as error:
            if self.layout.bad_rows == "skip":
                raise
            try:
                found = step(replace(self.layout, bad_rows="skip"))
            except DataError:  # it is no matter of rows, or none is left
                raise error from None
            self.told.append(str(error))
            return found

    @contextmanager
    def all_told(self) -> Iterator[None]:
        """Add what has been told so far to a DataError of the block."""
        try:
            yield
        except DataError as error:
            raise DataError("\n".join([*self.told, str(error)])) from error
