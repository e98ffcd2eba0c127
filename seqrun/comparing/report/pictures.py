"""A run's plots as pictures that stand in the page itself, each with words for those who do not see it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from seqrun.machine.opener import read_bytes
from seqrun.rundir.reading import RunRecord

PLOTS = "plots"
LARGEST = 2_000_000  # bytes of a picture
SIGNATURE = b"\x89PNG\r\n\x1a\n"
HEADER = 24  # bytes of a PNG file up to its width and height


@dataclass(frozen=True)
class Picture:
    """A plot of a run."""

    name: str
    alt: str
    url: str  # its content, base64
    width: int
    height: int
    bytes: int


def pictures(run: RunRecord) -> Iterator[Picture | str]:
    """Yield the run's plots in the order of their names, and why of those that cannot be shown."""
    for path in sorted((run.path / PLOTS).glob("*.png")):
        try:
            yield _picture(run, path)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            yield f"{PLOTS}/{path.name} is not shown: {reason}"


def _picture(run: RunRecord, path: Path) -> Picture:
    content = read_bytes(path, LARGEST)
    if not content.startswith(SIGNATURE) or len(content) < HEADER:
        raise ValueError("it is no PNG file")
    width, height = (int.from_bytes(content[start : start + 4], "big") for start in (16, 20))
    name = path.stem.replace("_", " ")
    url = f"data:image/png;base64,{base64.b64encode(content).decode()}"
    return Picture(name, f"Plot of {run.path.name}: {name}", url, width, height, len(content))
