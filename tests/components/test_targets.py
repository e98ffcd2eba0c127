"""What a target says of itself is all that networks, runs and listings need to know of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from seqrun import components as parts
from seqrun.components.answers import TASKS, Answers
from seqrun.components.spec_json import spec_artifacts, spec_from_artifacts
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import KINDS
from seqrun.components.vocabulary import Vocabulary
from seqrun.registry import REGISTRIES


@dataclass(frozen=True)
class Heights(parts.Target):
    """A target of a kind that nothing but this test knows: two numbers a sample."""

    kind = "heights"
    task = "measuring"
    people: tuple[str, ...]
    labels = property(lambda self: self.people)
    answers = property(lambda self: Answers.ONCE)
    units = property(lambda self: len(self.people))
    activation = property(lambda self: "relu")

    def shape(self, input_shape):
        return (self.units,)


HEIGHTS = Heights(("Ann", "Bob"))
TARGETS = {
    "two classes": (parts.ClassTarget(("no", "yes")), (1,)),
    "three classes": (parts.ClassTarget(("a", "b", "c")), (3,)),
    "labels": (parts.LabelsTarget(("a", "b")), (2,)),
    "a forecast": (parts.SeriesTarget(("x", "y"), 4), (4, 2)),
    "a sequence of forecasts": (parts.SeriesTarget(("x", "y"), 4, steps=(0, 1, 2, 3, 4, 5)), (6, 4, 2)),
    "a forecast of series with scales of their own": (
        parts.SeriesTarget(("x", "y"), 4, offset=((1.0, 2.0),) * 3, scale=((3.0, 4.0),) * 3, series=("a", "b", "c")),
        (4, 2),
    ),
    "an iterated forecast": (parts.SeriesTarget(("x",), 4, iterated=True), (1, 1)),
    "tags": (parts.TagTarget(("O", "B", "I")), (6, 3)),
    "numbers": (parts.NumbersTarget(("x", "y"), (1.5, -2.0), (0.1, 3.0)), (2,)),
    "another's": (HEIGHTS, (2,)),
}


@pytest.mark.parametrize(("target", "shape"), TARGETS.values(), ids=TARGETS)
@pytest.mark.parametrize("name", ["gru", "wavenet", "conv1d"])
def test_a_network_ends_as_its_target_says(name, target, shape):
    settings = {"kernel_size": 1, "pool_size": 1} if name == "conv1d" else {}
    network = REGISTRIES["architecture"].get(name)(name=name, **settings)
    spec = network.accept(Spec((6, 2), target, target_features=(0, 1)))
    model = network.build(spec)
    assert model.output_shape[1:] == shape == spec.output_shape
    assert model.get_layer("output").activation.__name__ == target.activation
    assert [layer.name for layer in model.layers].count("forecast") == isinstance(target, parts.SeriesTarget)


def test_a_reconstructions_shape_is_its_inputs():
    assert Spec((6, 2), parts.Reconstruction()).output_shape == (6, 2)


def test_a_new_kind_is_stored_and_read_once_it_is_in_the_table(monkeypatch):
    monkeypatch.setitem(KINDS, "heights", Heights)
    spec = Spec((6,), HEIGHTS, Vocabulary(5, None))
    assert spec_from_artifacts(spec_artifacts(spec)) == spec


def test_labels_are_counted_in_the_targets_of_a_split():
    assert parts.ClassTarget(("a", "b", "c")).counts(np.array([2, 0, 2])) == {"a": 1, "b": 0, "c": 2}
    assert parts.TagTarget(("O", "B")).counts(np.array([[0, 0, 1], [1, -1, -1]])) == {"O": 2, "B": 2}  # -1 is no tag
    assert parts.LabelsTarget(("a", "b")).counts(np.array([[1, 0], [1, 0], [0, 0]])) == {"a": 2, "b": 0}
    assert parts.Reconstruction().counts(np.zeros((3, 0))) == {}
    assert parts.SeriesTarget(("x",), 1).counts(np.ones(3)) == {}


@pytest.mark.parametrize(("target", "shape"), TARGETS.values(), ids=TARGETS)
def test_a_target_is_stored_and_read_as_it_was(monkeypatch, target, shape):
    monkeypatch.setitem(KINDS, "heights", Heights)
    assert spec_from_artifacts(spec_artifacts(Spec((6, 2), target))).target == target


def test_series_with_scales_of_their_own_need_to_be_named():
    target = parts.SeriesTarget(("x",), 1, offset=((10.0,), (20.0,)), scale=((1.0,), (2.0,)), series=("a", "b"))
    values = np.ones((3, 4, 1), np.float32)
    found = target.units_of(np.array([1, 0, 1])).original(values)
    np.testing.assert_array_equal(found, np.array([22.0, 11.0, 22.0])[:, None, None] * np.ones((3, 4, 1)))
    with pytest.raises(ValueError, match="of which these samples are"):
        target.original(values)


@pytest.mark.parametrize("offset_and_scale_of", [
    lambda offset, scale: parts.SeriesTarget(("x", "y"), 1, offset=offset, scale=scale),
    lambda offset, scale: Values(("x", "y"), offset, scale),
])  # fmt: skip
def test_original_units_are_in_64_bits(offset_and_scale_of):
    outputs = np.array([[0.1, -3.0]], np.float32)
    found = offset_and_scale_of((1e6, 0.5), (1 / 3, 2.0)).original(outputs)
    assert found.dtype == np.float64
    by_hand = [[float(np.float32(0.1)) * (1 / 3) + 1e6, -5.5]]
    np.testing.assert_array_equal(found, by_hand)


# --- tasks ------------------------------------------------------------------------------------------------------------

PLUGIN = '''
from seqrun.components import Dataset, Trainer

class People(Dataset):
    """Pictures of people, to be measured."""

    tasks = frozenset({"measuring"})
    inputs = "values"

    def sample_shape(self):
        return (6, 2)

    def load(self, locations): ...


class Measurer(Trainer):
    """Measures them."""

    tasks = frozenset({"measuring"})
    metrics = ("error",)

    def fit(self, model, splits, session): ...
'''


@pytest.fixture
def problems(tmp_path, told_of):
    """problems("lstm"): what is wrong with that network for the plugin's task."""

    def problems(architecture: str) -> dict[str, str]:
        (tmp_path / "people.py").write_text(PLUGIN, encoding="utf-8")
        config = tmp_path / "config.yaml"
        sections = f"dataset: people\narchitecture: {architecture}\ntrainer: measurer\n"
        config.write_text(f"plugins: [people.py]\n{sections}", encoding="utf-8")
        return told_of(config)

    return problems


def test_a_task_that_asks_for_one_answer_is_served_by_all_networks_that_classify(problems, monkeypatch):
    refused = "it is for classification or forecasting or tagging, but the dataset is for measuring"
    assert problems("lstm") == {"architecture.name": refused}
    monkeypatch.setitem(TASKS, "measuring", Answers.ONCE)
    for name in ("lstm", "dense", "wavenet", "transformer", "{name: conv1d, kernel_size: 2, pool_size: 1}"):
        assert problems(name) == {}
    for name, task in (("dlinear", "forecasting"), ("conv_autoencoder", "reconstruction")):
        refused = f"it is for {task}, but the dataset is for measuring"
        assert problems(name) == {"architecture.name": refused}


def test_a_networks_checks_hold_for_a_task_that_they_do_not_name(problems, monkeypatch):
    monkeypatch.setitem(TASKS, "measuring", Answers.ONCE)
    assert "7 is more than the 6 time steps" in problems("conv1d")["architecture.kernel_size"]
    assert set(problems("{name: gru, output_layer: false}")) == {"architecture.output_layer"}
    monkeypatch.setitem(TASKS, "measuring", Answers.TAGS)
    assert set(problems("{name: transformer, pooling: last}")) == {"architecture.pooling"}
