"""The JSON Schema (2020-12) of the config file, made from the components' own fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from seqrun.components.base import SECTIONS
from seqrun.config.experiment import Header
from seqrun.registry import Registry

Schema = dict[str, Any]

_REFERENCE = {
    "description": "the value of another key, ${dataset.max_len}, or of an environment variable, ${env:HOME}",
    "type": "string",
    "pattern": r"\$\{[^{}]+\}",
}
_TO_REFERENCE = {"$ref": "#/$defs/reference"}


class _WithDefaults(GenerateJsonSchema):
    """Shows the defaults that a factory makes, too."""

    def get_default_value(self, schema: Any) -> Any:
        factory = schema.get("default_factory")
        if factory is not None and not schema.get("default_factory_takes_data"):
            return factory()
        return super().get_default_value(schema)


def experiment_schema(registries: Mapping[str, Registry]) -> Schema:
    """Return the schema of a whole config that can name the components of these registries."""
    components = {
        kind: {name: registry.get(name) for name in registry.names()} for kind, registry in registries.items()
    }
    classes = dict.fromkeys(component for named in components.values() for component in named.values())
    models: list[type[BaseModel]] = [Header, *classes]
    schemas, top = models_json_schema(
        [(each, "validation") for each in models],
        schema_generator=_WithDefaults,
        ref_template="#/$defs/{model}",
    )
    definitions: dict[str, Schema] = top["$defs"]
    header = _definition(Header, schemas, definitions)
    for kind, named in components.items():
        whole = [_variant(name, each, schemas, definitions, whole=True) for name, each in named.items()]
        part = [_variant(name, each, schemas, definitions, whole=False) for name, each in named.items()]
        definitions[kind] = _section(kind, [*named], whole)
        # A config that extends another may leave out what that one says, the component's name too.
        definitions[f"part of {kind}"] = _section(
            kind, [*named], [*part, {"type": "object", "not": {"required": ["name"]}}]
        )
    for each in classes:
        _definition(each, schemas, definitions).pop("required", None)
    _allow_references(definitions)
    del definitions[schemas[Header, "validation"]["$ref"].rpartition("/")[2]]
    return _whole(header, {**definitions, "reference": _REFERENCE})


def _whole(header: Schema, definitions: dict[str, Schema]) -> Schema:
    del header["properties"]["name"]["default"]  # it is the file's name
    descriptions = {section: header["properties"][section].get("description", "") for section in SECTIONS}
    sections = {
        prefix: {name: {"$ref": f"#/$defs/{prefix}{name}", "description": text} for name, text in descriptions.items()}
        for prefix in ("", "part of ")
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "seqrun experiment",
        "description": "One training run of a sequence model.",
        "type": "object",
        "properties": header["properties"],
        "additionalProperties": False,
        "if": {"required": ["extends"]},
        "then": {"properties": sections["part of "]},
        "else": {"properties": sections[""], "required": list(SECTIONS)},
        "$defs": definitions,
    }


def _definition(model: type[BaseModel], schemas: Mapping[Any, Schema], definitions: dict[str, Schema]) -> Schema:
    return definitions[schemas[model, "validation"]["$ref"].rpartition("/")[2]]


def _variant(
    name: str, model: type[BaseModel], schemas: Mapping[Any, Schema], definitions: dict[str, Schema], *, whole: bool
) -> Schema:
    """Return the schema of a section with this `name`."""
    required = _definition(model, schemas, definitions).get("required", []) if whole else []
    return {
        **schemas[model, "validation"],
        "properties": {"name": {"const": name}},
        "required": list(dict.fromkeys(["name", *required])),
    }


def _section(kind: str, names: list[str], variants: list[Schema]) -> Schema:
    return {"title": kind, "anyOf": [{"description": "a name alone", "enum": names}, *variants, _TO_REFERENCE]}


def _allow_references(schema: Any) -> None:
    """Allow ${...} in place of every value in the mappings and lists of a schema, which is changed in place."""
    if isinstance(schema, list):
        for item in schema:
            _allow_references(item)
    if not isinstance(schema, dict):
        return
    if schema.pop("discriminator", None):  # OpenAPI's; and settings without a name fit more than one
        schema["anyOf"] = schema.pop("oneOf")
    for key, value in schema.items():
        _allow_references(value)
        if key == "properties":
            schema[key] = {name: child if name == "name" else _or_reference(child) for name, child in value.items()}
        elif key in ("items", "additionalProperties") and isinstance(value, dict):
            schema[key] = _or_reference(value)
        elif key == "prefixItems":
            schema[key] = [_or_reference(item) for item in value]


def _or_reference(schema: Schema) -> Schema:
    """Return a schema that accepts the same or a reference; title, description and default stay on the outside."""
    shown: Schema = {key: schema[key] for key in ("title", "description", "default") if key in schema}
    rest = {key: value for key, value in schema.items() if key not in shown}
    return {**shown, "anyOf": [rest, _TO_REFERENCE]} if rest and rest != {"type": "string"} else schema
