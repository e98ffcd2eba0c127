"""The JSON Schema agrees with what loads."""

from __future__ import annotations

from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from seqrun.config.document import read_file
from seqrun.config.experiment import load_experiment
from seqrun.config.node import Findings, plain
from seqrun.config.plugins import installed_registries
from seqrun.config.schema import experiment_schema
from seqrun.registry import REGISTRIES

SHIPPED = sorted(Path(__file__).parents[2].glob("configs/**/*.yaml"))


@pytest.fixture(scope="module")
def schema() -> dict:
    return experiment_schema(installed_registries())


@pytest.fixture(scope="module")
def validator(schema) -> Draft202012Validator:
    return Draft202012Validator(schema)


def config(**changes) -> dict:
    return {"dataset": "imdb", "architecture": "lstm", "trainer": "classifier", **changes}


def test_it_is_a_schema_of_2020_12(schema):
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_shipped_configs_fit_as_written_and_as_resolved(validator, path):
    validator.validate(plain(read_file(path, str(path), Findings())))
    validator.validate(load_experiment(path).resolved())


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"architecture": {"name": "gru", "units": "${env:UNITS}"}},
        {"trainer": {"name": "classifier", "early_stopping": False, "optimizer": "sgd"}},
        {"trainer": {"name": "classifier", "optimizer": {"learning_rate": 1}}},
        {"trainer": {"name": "classifier", "reduce_lr": "${trainer.early_stopping}"}},
        {"dataset": {"name": "text", "path": "a.csv"}, "seed": "${dataset.max_len}"},
        {"tags": ["a"], "notes": "b", "plugins": ["c.py"], "sweep": {"d": [1]}},
    ],
)
def test_what_loads_fits(validator, changes):
    validator.validate(config(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"sed": 1},
        {"seed": -1},
        {"seed": "7"},
        {"dataset": "imbd"},
        {"dataset": {"name": "imdb", "max_length": 3}},
        {"dataset": {"name": "text"}},
        {"dataset": {"max_len": 3}},
        {"architecture": {"name": "lstm", "units": "many"}},
        {"architecture": {"name": "lstm", "embedding_dropout": 2}},
        {"trainer": {"name": "classifier", "early_stopping": True}},
        {"trainer": {"name": "classifier", "optimizer": "adm"}},
        {"trainer": {"name": "classifier", "optimizer": {"name": "adam", "lr": 1}}},
    ],
)
def test_what_is_wrong_does_not_fit(validator, changes):
    assert not validator.is_valid(config(**changes))


def test_a_section_is_required_unless_another_config_is_extended(validator):
    assert not validator.is_valid({"dataset": "imdb", "architecture": "lstm"})
    assert validator.is_valid({"extends": "base.yaml", "architecture": {"units": 3}, "dataset": {"name": "text"}})
    assert not validator.is_valid({"extends": "base.yaml", "dataset": {"name": "text", "pth": 3}})


def test_every_component_and_every_field_is_described(schema):
    for kind, registry in REGISTRIES.items():
        for name in registry.names():
            component = registry.get(name)
            properties = schema["$defs"][component.__name__]["properties"]
            assert set(properties) == set(component.model_fields)
            undescribed = [key for key, each in properties.items() if key != "name" and not each.get("description")]
            assert not undescribed, f"{kind} {name}"
    defaults = {key: each.get("default") for key, each in schema["$defs"]["Classifier"]["properties"].items()}
    assert defaults["epochs"] == 100
    assert defaults["optimizer"]["name"] == "adam"
