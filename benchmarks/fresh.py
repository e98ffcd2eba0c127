"""Virtual environments without seqrun, made by pip, that hold what runs an export and nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

HOLD: Mapping[str, tuple[str, ...]] = {  # format -> what pip installs for it
    "savedmodel": (f"tensorflow=={version('tensorflow')}",),
    "onnx": ("numpy", "onnxruntime"),
}
VERSIONS = "import importlib.metadata as m; print(*(f'{n} {m.version(n)}' for n in %r), sep=', ')"


@dataclass(frozen=True)
class Python:
    """The interpreter of an environment, and the packages that it was made for."""

    path: Path
    holds: str


@contextmanager
def fresh_environments(folder: Path) -> Iterator[dict[str, Python]]:
    """Format -> the interpreter of a new environment in the folder; RuntimeError if packages cannot be had."""
    yield {kind: environment(folder / kind, packages) for kind, packages in HOLD.items()}


def environment(folder: Path, packages: tuple[str, ...]) -> Python:
    """A new environment with these packages."""
    checked([sys.executable, "-m", "venv", str(folder)])
    python = folder / "bin" / "python"
    checked([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages])
    checked(
        [str(python), "-I", "-c", "import importlib.util as u; raise SystemExit(u.find_spec('seqrun') is not None)"]
    )
    names = tuple(package.partition("==")[0] for package in packages)
    return Python(python, checked([str(python), "-I", "-c", VERSIONS % (names,)]).strip())


def checked(command: list[str]) -> str:
    """What a command prints; RuntimeError, with its last words, if it fails."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()[-2000:]}")
    return done.stdout
