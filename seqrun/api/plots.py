"""The plots of a run, as paths that a notebook shows as pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from seqrun.errors import UsageError
from seqrun.machine import opener
from seqrun.spelling import suggest

FOLDER = "plots"


class Plot:
    """A picture of a run's plots; where a path is wanted, its path."""

    def __init__(self, path: Path):
        self.path = path

    def __fspath__(self) -> str:
        return str(self.path)

    def __repr__(self) -> str:
        return f"<plot {self.path}>"

    def _repr_png_(self) -> bytes:
        return opener.read_bytes(self.path, opener.MOST_PICTURE)


class Plots(Mapping[str, Plot]):
    """Plots by name (the file's, without its ending); a notebook shows the names."""

    def __init__(self, run: Path, plots: Mapping[str, Plot]):
        self._run, self._plots = run, plots

    @classmethod
    def of(cls, run: Path) -> Plots:
        """Return the plots of the run directory."""
        return cls(run, {path.stem: Plot(path) for path in sorted((run / FOLDER).glob("*.png"))})

    def __getitem__(self, name: str) -> Plot:
        if name not in self._plots:
            there = f"there are {', '.join(self._plots)}" if self._plots else "it has none"
            raise NoPlotError(f"{self._run}: no plot is called {name!r}{suggest(name, self._plots)}; {there}")
        return self._plots[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._plots)

    def __len__(self) -> int:
        return len(self._plots)

    def __repr__(self) -> str:
        return f"<plots {', '.join(self._plots) or 'none'}>"


class NoPlotError(UsageError, KeyError):
    """A run has no plot of this name."""

    __str__ = UsageError.__str__
