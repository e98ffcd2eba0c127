"""What distinguishes each row's config, short enough for a table or a plot's label."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from seqrun.comparing.differences import MISSING, short_names, show
from seqrun.comparing.table import TableRow

NOTHING = "—"
LONGEST = 30  # characters of a value among others; a longer one is cut to its end


@dataclass(frozen=True)
class Settings:
    """The config keys in which rows differ, under short labels, with values as people read them."""

    rows: Sequence[TableRow]
    keys: Sequence[str]
    taken: Collection[str] = ()  # words that no label may be

    @cached_property
    def labels(self) -> dict[str, str]:
        return short_names(self.keys, self.taken)

    def cell(self, row: TableRow, key: str) -> str:
        """Return the value as text.

        A section that other rows have switched off is `off`, or else its name (`on` without one).
        """
        return _cell(row.config.get(key, MISSING), key in self._switched)

    def text(self, row: TableRow) -> str:
        """Return all settings of a row that are not the usual ones, on one line."""
        labels, usual, words = self.labels, self.usual, []
        for key in self.keys:
            value = self.cell(row, key)
            if value not in (NOTHING, usual.get(key)) and not self._is_spelled_out(row, key):
                words.append(f"{labels[key]}={_shortened(value)}")
        return ", ".join(words)

    @cached_property
    def usual(self) -> dict[str, str]:
        """The most frequent value of each key for which more than two rows, and more than half of them, agree."""
        found = {}
        for key in self.keys:
            (value, count), *_ = Counter(self.cell(row, key) for row in self.rows).most_common(1)
            if count > 2 and 2 * count > len(self.rows) and value != NOTHING:
                found[key] = value
        return found

    @cached_property
    def _switched(self) -> set[str]:
        found = {key: [row.config[key] for row in self.rows if key in row.config] for key in self.keys}
        return {key for key, values in found.items() if any(map(_is_off, values)) and any(map(_is_section, values))}

    def _is_spelled_out(self, row: TableRow, key: str) -> bool:
        """Return whether the row has this section and other keys show settings in it, so that it is clearly on."""
        return _is_section(row.config.get(key)) and any(
            other.startswith(f"{key}.") and other in row.config for other in self.keys
        )


def _is_off(value: Any) -> bool:
    return value is None or value is False


def _is_section(value: Any) -> bool:
    return isinstance(value, dict)


def _cell(value: Any, switched: bool) -> str:
    if switched and (_is_off(value) or _is_section(value)):
        return "off" if _is_off(value) else str(value.get("name", "on"))
    if isinstance(value, float) and float(f"{value:g}") == value:
        return f"{value:g}"
    return NOTHING if value is MISSING else show(value)


def _shortened(value: str) -> str:
    return value if len(value) <= LONGEST else f"…{value[1 - LONGEST :]}"
