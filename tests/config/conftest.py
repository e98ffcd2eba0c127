"""A folder with components of its own, in which configs are written and loaded."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from seqrun.components.base import Experiment
from seqrun.config.experiment import load_experiment
from seqrun.errors import ConfigError

PARTS = '''
"""Small components, one for each kind of field."""
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from seqrun.components import Architecture, Dataset, Trainer
from seqrun.errors import Problem
from seqrun.components.options import Options


class Letters(Dataset):
    """Letters."""

    tasks: ClassVar = frozenset({"classification"})
    inputs: ClassVar = "tokens"
    path: Path = Field(description="the file of letters")
    more: list[Path] = Field([], description="further files")
    words: Path | None = Field(None, description="a list of words")
    max_len: int = Field(128, ge=1, description="letters of a sample")
    fraction: float = Field(0.5, gt=0, lt=1, description="a fraction")
    splits: tuple[float, float] = Field((0.5, 0.5), description="two fractions")

    def load(self, locations):
        raise NotImplementedError


class Readings(Dataset):
    """Readings of an instrument."""

    tasks: ClassVar = frozenset({"forecasting"})
    inputs: ClassVar = "values"

    def load(self, locations):
        raise NotImplementedError


class Noise(Options):
    """Noise."""

    amount: float = Field(description="how much")
    table: Path | None = Field(None, description="a file of noise")


class SmallNet(Architecture):
    """A small network."""

    inputs = frozenset({"tokens"})
    tasks = frozenset({"classification"})
    units: int | list[Annotated[int, Field(ge=1)]] = Field(32, description="units")
    deep: bool = Field(False, description="more layers")
    activation: Literal["relu", "tanh"] = Field("relu", description="the activation")
    noise: Literal["none"] | Noise = Field("none", description="noise on the inputs")

    def problems(self, experiment):
        if self.deep and experiment.dataset.max_len < 10:
            yield Problem(("architecture", "deep"), f"needs 10 letters, not {experiment.dataset.max_len}")

    def build(self, spec):
        raise NotImplementedError


class Teacher(Trainer):
    """A trainer."""

    tasks = frozenset({"classification"})
    metrics = ("accuracy",)

    def fit(self, model, splits, session):
        raise NotImplementedError
'''

VALID = """\
plugins: [parts.py]
dataset: {name: letters, path: letters.txt}
architecture: small_net
trainer: teacher
"""


class Project:
    """The current directory."""

    folder: Path
    valid = VALID

    def __init__(self, folder: Path):
        self.folder = folder

    def write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
        return path

    def load(self, text: str, *overrides: str, **options) -> Experiment:
        self.write("exp.yaml", text)
        return load_experiment("exp.yaml", overrides, **options)

    def problems(self, text: str, *overrides: str, **options) -> list[tuple[str, str, str]]:
        """(place, key, message) of every problem, in order; the place is file:line:column or an option."""
        with pytest.raises(ConfigError) as caught:
            self.load(text, *overrides, **options)
        return [told(problem) for problem in caught.value.problems]

    def problem(self, text: str, *overrides: str, **options) -> tuple[str, str, str]:
        """The only one."""
        (found,) = self.problems(text, *overrides, **options)
        return found


def told(problem) -> tuple[str, str, str]:
    mark = problem.mark
    place = mark.source if mark.line is None else f"{mark.source}:{mark.line}:{mark.column}"
    return place, ".".join(map(str, problem.path)), problem.message


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "parts.py").write_text(PARTS, encoding="utf-8")
    return Project(tmp_path)
