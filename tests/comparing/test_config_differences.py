"""Only what differs between configs is shown, under names that can't be confused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqrun.comparing.differences import MISSING, differing_keys, short_names, show, value_at

LSTM = {"name": "lstm", "units": 32, "dropout": 0.0}
CONV = {"name": "conv1d", "filters": 32}


def test_equal_configs_differ_in_nothing():
    assert differing_keys([{"a": {"b": [1, {"c": 2}]}}] * 3) == []


def test_only_differing_leaves_are_named():
    configs = [{"dataset": {"max_len": n, "num_words": 5}, "trainer": {"optimizer": {"name": "adam"}}} for n in (1, 2)]
    assert differing_keys(configs) == ["dataset.max_len"]


def test_keys_that_follow_from_a_components_name_are_left_out():
    assert differing_keys([{"architecture": LSTM}, {"architecture": CONV}]) == ["architecture.name"]


def test_keys_of_one_component_that_vary_within_it_are_shown():
    configs = [{"architecture": LSTM}, {"architecture": {**LSTM, "units": 64}}, {"architecture": CONV}]
    assert differing_keys(configs) == ["architecture.name", "architecture.units"]
    assert value_at(configs[2], "architecture.units") is MISSING


def test_a_key_that_only_some_configs_have_differs():
    assert differing_keys([{"a": {"x": 1}}, {"a": {"x": 1, "y": 2}}]) == ["a.y"]


def test_a_section_that_is_switched_off_differs_from_one_that_is_on():
    on, off = {"early_stopping": {"patience": 3}}, {"early_stopping": None}
    assert differing_keys([on, off]) == ["early_stopping"]
    assert differing_keys([on, off, {"early_stopping": {"patience": 5}}]) == [
        "early_stopping",
        "early_stopping.patience",
    ]
    assert [show(value_at(config, "early_stopping")) for config in (on, off)] == ["{patience: 3}", "null"]


def test_layers_in_a_list_are_compared_one_by_one():
    layers = [{"name": "dense", "units": 1}, {"name": "dense", "units": 2}]
    other = [layers[0], {"name": "dense", "units": 3}]
    assert differing_keys([{"layers": layers}, {"layers": other}]) == ["layers.1.units"]


def test_true_is_not_one():
    assert differing_keys([{"a": True}, {"a": 1}]) == ["a"]


leaves = st.sampled_from([None, True, 1, 2.5, "x", [1, 2]])
sections = st.recursive(leaves, lambda inner: st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=8)
configs = st.dictionaries(st.sampled_from("abc"), sections, max_size=3)


@given(st.lists(configs, min_size=2, max_size=4))
def test_two_configs_show_the_same_values_only_if_they_are_the_same(some):
    keys = differing_keys(some)
    shown = [[repr(value_at(config, key)) for key in keys] for config in some]
    for one, first in zip(some, shown, strict=True):
        for other, second in zip(some, shown, strict=True):
            assert (first == second) == (repr_sorted(one) == repr_sorted(other))


def repr_sorted(value):
    return repr(sorted((k, repr_sorted(v)) for k, v in value.items())) if isinstance(value, dict) else repr(value)


@pytest.mark.parametrize(
    ("keys", "names"),
    [
        (["dataset.max_len", "architecture.units"], ["max_len", "units"]),
        (["architecture.name", "dataset.name"], ["architecture", "dataset"]),
        (["trainer.optimizer.name", "trainer.optimizer.beta_1"], ["optimizer", "beta_1"]),
        (["dataset.limit", "trainer.limit"], ["dataset.limit", "trainer.limit"]),
        (["trainer.epochs", "a.b"], ["trainer.epochs", "b"]),
        (["rate", "rate.name"], ["rate", "name"]),
        (["seed", "dataset.seed"], ["seed", "dataset.seed"]),
    ],
)
def test_names_are_as_short_as_they_can_be(keys, names):
    assert list(short_names(keys, {"epochs"}).values()) == names
