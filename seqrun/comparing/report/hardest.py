"""What a run found hardest in its test split, as small drawings: forecasts as lines, reconstructions as images."""

from __future__ import annotations

import base64
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqrun.comparing.report.scale import Scale, drawable
from seqrun.errors import DataError
from seqrun.machine.opener import open_file
from seqrun.readable import size
from seqrun.rundir.reading import RunRecord
from seqrun.tasks.pages import Drawn, worst_of

FILE = "predictions.npz"
LARGEST = 200_000_000  # bytes of all arrays
WIDTH, HEIGHT = 240, 120  # of a drawing, in its own units
LEFT, ROOM = 44, 12  # around it


@dataclass(frozen=True)
class Sketch:
    """A test sample drawn beside what the network made of it."""

    title: str
    lines: tuple[tuple[str, str], ...]  # name and SVG path
    band: str | None  # SVG path of an interval
    ticks: tuple[tuple[float, str], ...]  # of the upright axis
    images: tuple[tuple[str, str], ...]  # name and URL


def sketches(run: RunRecord) -> list[Sketch]:
    """Return drawings of what the run found hardest; none of a run without predictions.

    Raises DataError for predictions that are damaged, or too large for a page to be made of.
    """
    path = run.path / FILE
    trainer = (run.record.get("config", {}).get("trainer") or {}).get("name")
    if run.status != "finished" or not path.is_file():
        return []
    try:
        return [_sketch(drawn) for drawn in worst_of(trainer, Arrays(path))]
    except (OSError, ValueError, KeyError, IndexError, TypeError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path}: nothing of it is drawn: {error}") from None


class Arrays(Mapping[str, Any]):
    """The arrays of an npz file, each read when it is first asked for."""

    def __init__(self, path: Path):
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            members = archive.infolist()
        self._path = path
        self._read: dict[str, Any] = {}
        self._names = [each.filename.removesuffix(".npy") for each in members]
        if (total := sum(each.file_size for each in members)) > LARGEST:
            raise ValueError(f"it unpacks to {size(total)}, and {size(LARGEST)} are the most")

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._read:
            from seqrun.datasets.files.npz import read_array  # here: it imports numpy

            with open_file(self._path) as file, zipfile.ZipFile(file) as archive:
                self._read[name] = read_array(archive, name)
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _sketch(drawn: Drawn) -> Sketch:
    if not drawn.lines:
        return Sketch(drawn.title, (), None, (), tuple(_images(drawn.images)))
    bounds = [*drawn.band] if drawn.band else []
    values = [value for line in (*drawn.lines.values(), *bounds) for value in line if drawable(value)]
    if not values:
        return Sketch(drawn.title, (), None, (), ())
    scale = Scale.of(values, HEIGHT - 2 * ROOM, may_be_logarithmic=False)
    lines = tuple((name, _path(line, scale)) for name, line in drawn.lines.items())
    band = _band(drawn.band, scale) if drawn.band else None
    ticks = tuple((_up(tick, scale), f"{tick:,.6g}") for tick in scale.ticks(3))
    return Sketch(drawn.title, lines, band, ticks, ())


def _path(line: Sequence[float], scale: Scale) -> str:
    """Return the line as an SVG path, with gaps where it has no value."""
    parts, pen = [], "M"
    for step, value in enumerate(line):
        if drawable(value):
            parts.append(f"{pen}{_across(step, line):.1f},{_up(value, scale):.1f}")
        pen = "L" if drawable(value) else "M"
    return "".join(parts)


def _band(band: tuple[Sequence[float], Sequence[float]], scale: Scale) -> str | None:
    lower, upper = band
    if not all(map(drawable, (*lower, *upper))):
        return None  # an interval without bounds
    there = [f"{_across(step, upper):.1f},{_up(value, scale):.1f}" for step, value in enumerate(upper)]
    back = [f"{_across(step, lower):.1f},{_up(value, scale):.1f}" for step, value in enumerate(lower)]
    return f"M{' '.join([*there, *reversed(back)])}Z"


def _across(step: int, line: Sequence[float]) -> float:
    return LEFT + (WIDTH - LEFT - ROOM) * step / max(len(line) - 1, 1)


def _up(value: float, scale: Scale) -> float:
    return HEIGHT - ROOM - scale.at(value)


def _images(images: Mapping[str, Sequence[Sequence[float]]]) -> Iterator[tuple[str, str]]:
    """Yield each image as name and URL; all have the same grey for the same value."""
    values = [value for rows in images.values() for row in rows for value in row if drawable(value)]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    for name, rows in images.items():
        grey = [bytes(_level(value, low, high) for value in row) for row in rows]
        yield name, f"data:image/png;base64,{base64.b64encode(png(grey)).decode()}"


def _level(value: float, low: float, high: float) -> int:
    return round(255 * (value - low) / (high - low)) if drawable(value) and high > low else 0


def png(rows: Sequence[bytes]) -> bytes:
    """Return an image as PNG: a byte a pixel, 0 black and 255 white, all rows of equal length."""
    header = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    content = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", content) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
