"""The results, kept by what they were measured on: a measurement replaces one of the same conditions, and no other."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

NUMBERS = re.compile(r"\[\s+([^\[\]{}]*?)\s+\]")


@dataclass(frozen=True)
class Result:
    """What was measured of a part: a case, growth, startup, memory or job."""

    part: str
    data: Mapping[str, str]  # the files that it read: each is `published` or `generated`
    date: str
    taken: Any


@dataclass(frozen=True)
class Setting:
    """A machine with its device, threads and versions, and all that was measured there."""

    machine: Mapping[str, str]
    results: tuple[Result, ...]

    @property
    def newest(self) -> str:
        """Return the date of its last result."""
        return max(result.date for result in self.results)

    def lacks(self, parts: Iterable[str]) -> list[str]:
        """Return which of these parts were not measured here."""
        measured = {result.part for result in self.results}
        return [part for part in parts if part not in measured]

    def of(self, part: str) -> list[Result]:
        """Return the results of a part: one for each kind of data that it was measured on."""
        return [result for result in self.results if result.part == part]


class Kept:
    """The results in `results.json`, which is written whenever one is added."""

    def __init__(self, file: Path, settings: Iterable[Setting] = ()):
        self.file, self.settings = file, [*settings]

    @classmethod
    def read(cls, file: Path) -> Self:
        """Return the results that a file has; none if there is no file."""
        if not file.exists():
            return cls(file)
        return cls(
            file,
            (
                Setting(setting["machine"], tuple(Result(**result) for result in setting["results"]))
                for setting in json.loads(file.read_text("utf-8"))["settings"]
            ),
        )

    def keep(self, machine: Mapping[str, str], part: str, data: Mapping[str, str], taken: Any) -> None:
        """Add what was measured today, in place of the result of the same part, machine and data; write the file."""
        self._put(machine, Result(part, data, f"{datetime.now(UTC):%Y-%m-%d}", rounded(taken)))
        self.write()

    def add(self, other: Kept) -> None:
        """Add the results of another file, measured elsewhere, in the same way; write the file."""
        for setting in other.settings:
            for result in setting.results:
                self._put(setting.machine, result)
        self.write()

    def _put(self, machine: Mapping[str, str], result: Result) -> None:
        for number, setting in enumerate(self.settings):
            if setting.machine == machine:
                key = (result.part, result.data)
                others = (other for other in setting.results if (other.part, other.data) != key)
                self.settings[number] = Setting(machine, (*others, result))
                return
        self.settings.append(Setting(machine, (result,)))

    def ordered(self, parts: Iterable[str]) -> list[Setting]:
        """Return the settings as they are shown: those with the most of these parts first, and of equals the newest."""
        parts = [*parts]
        newest = sorted(self.settings, key=lambda setting: setting.newest, reverse=True)
        return sorted(newest, key=lambda setting: len(setting.lacks(parts)))

    def write(self) -> None:
        """Write the file, a list of numbers on one line."""
        whole = {"settings": [*map(_plain, self.settings)]}
        text = json.dumps(whole, indent=1)
        self.file.write_text(NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text) + "\n", "utf-8")


def _plain(setting: Setting) -> dict[str, Any]:
    return {"machine": setting.machine, "results": [vars(result) for result in setting.results]}


def rounded(taken: Any) -> Any:
    """Return the same with three decimals, which is more than the spread leaves."""
    if isinstance(taken, dict):
        return {name: rounded(value) for name, value in taken.items()}
    if isinstance(taken, list):
        return [*map(rounded, taken)]
    return round(taken, 3) if isinstance(taken, float) else taken
