"""Data shapes and experiments for the architectures' tests."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from seqrun.components.base import Architecture, Dataset
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import ClassTarget, SeriesTarget, TagTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.registry import REGISTRIES

TWO, THREE = ClassTarget(("negative", "positive")), ClassTarget(("bad", "fair", "good"))


@pytest.fixture
def make():
    """make("lstm", units=8): the architecture of that name with those settings."""

    def make(name: str, **settings) -> Architecture:
        return REGISTRIES["architecture"].get(name)(name=name, **settings)

    return make


@pytest.fixture
def tokens():
    """tokens(size=10, length=5, classes=3): what a dataset of token ids tells an architecture."""

    def tokens(size: int = 50, length: int = 12, classes: int = 2, words: tuple[str, ...] | None = None) -> Spec:
        return Spec((length,), TWO if classes == 2 else THREE, Vocabulary(size, words))

    return tokens


@pytest.fixture
def values():
    """values(5, 2): what a dataset of numbers tells an architecture; (time, features)."""

    def values(*shape: int, classes: int = 2) -> Spec:
        return Spec(shape, TWO if classes == 2 else THREE)

    return values


@pytest.fixture
def ragged():
    """ragged(9, 2): the same of a dataset of numbers whose samples differ in length, and are padded."""

    def ragged(time: int, features: int, target=THREE) -> Spec:
        columns = Values(tuple("abcdef"[:features]), (0.0,) * features, (1.0,) * features, padded=True)
        return Spec((time, features), target, values=columns)

    return ragged


@pytest.fixture
def tagged():
    """tagged(9): what a dataset of tagged tokens tells an architecture."""

    def tagged(time: int) -> Spec:
        return Spec((time,), TagTarget(("O", "B", "I")), Vocabulary(20, None))

    return tagged


@pytest.fixture
def series():
    """series(12, 3, targets=2, horizon=4, forecast="sequence"): what a dataset of series tells an architecture."""

    def series(time: int, features: int = 1, *, targets: int = 1, horizon: int = 1, forecast: str = "direct") -> Spec:
        target = SeriesTarget(
            names=tuple(f"y{number}" for number in range(targets)),
            horizon=horizon,
            steps=tuple(range(time)) if forecast == "sequence" else None,
            iterated=forecast == "iterated",
            offset=(0.0,) * targets,
            scale=(1.0,) * targets,
        )
        return Spec((time, features), target, target_features=tuple(range(targets)))

    return series


@pytest.fixture
def seen():
    """seen(model): (input step, step of the output), which when changed changes which."""

    def seen(model) -> np.ndarray:
        _, time, features = model.input_shape
        draw = np.random.default_rng(0)
        windows = draw.normal(size=(16, 1, time, features)).astype("float32")
        changed = np.repeat(windows, time, axis=1)  # (16, changed step, time, features)
        changed[:, np.arange(time), np.arange(time)] += draw.normal(size=features)
        before = model(windows[:, 0]).numpy()[:, None]
        after = model(changed.reshape(-1, time, features)).numpy().reshape(16, time, *model.output_shape[1:])
        differences = abs(after - before).max(axis=(0, *range(3, before.ndim)))
        return differences > 1e-5

    return seen


@pytest.fixture
def latest_seen(seen):
    """latest_seen(model): of each step of its output the last input step that, when changed, changes it."""
    return lambda model: [int(np.flatnonzero(column).max()) for column in seen(model).T]


@pytest.fixture
def problems_of(tmp_path: Path, told_of):
    """problems_of("architecture: lstm", max_len=10): what `seqrun validate` finds wrong, as {dotted key: message}."""

    def problems_of(architecture: str, max_len: int = 128) -> dict[str, str]:
        config = tmp_path / "experiment.yaml"
        dataset = f"dataset: {{name: imdb, num_words: 50, max_len: {max_len}}}"
        config.write_text(f"{dataset}\ntrainer: classifier\n{architecture}\n", encoding="utf-8")
        return told_of(config)

    return problems_of


@pytest.fixture
def problems_on_numbers():
    """problems_on_numbers(architecture, (50, 2)): its problems on numbers, as {dotted key: message}.

    Further fields are the dataset's: forecast="sequence", horizon=3, tasks={"tagging"}; `trained` are the trainer's.
    """

    def problems_on_numbers(
        architecture: Architecture, shape: tuple[int, ...], trained=None, **fields
    ) -> dict[str, str]:
        known = {"name": "waves", "inputs": "values", "tasks": {"forecasting"}, **fields}
        dataset = SimpleNamespace(sample_shape=lambda: shape, vocabulary_size=lambda: None, **known)
        trainer = SimpleNamespace(tasks=trained or known["tasks"])
        experiment = SimpleNamespace(dataset=dataset, trainer=trainer)
        outline = Dataset.outline(dataset, trainer.tasks)
        found = [*architecture.problems(experiment), *architecture.outline_problems(outline)]
        return {".".join(map(str, problem.path)): problem.message for problem in found}

    return problems_on_numbers
