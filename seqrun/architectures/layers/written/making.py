"""Makes Keras layers from layers written in YAML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from seqrun.architectures.layers.written.checking import as_mapping
from seqrun.architectures.layers.written.signatures import signature

if TYPE_CHECKING:
    import keras


def make_layer(written: Mapping[str, Any], name: str) -> keras.layers.Layer:
    """Return the layer, with that name; raises what Keras raises."""
    import keras

    from seqrun.architectures.layers.fast import fused
    from seqrun.architectures.layers.fast.dropout import Dropout

    known = signature(written["name"])
    if known is None:
        raise ValueError(f"Keras has no layer {written['name']!r}")
    arguments = {key: _made(value, known.arguments[key]) for key, value in written.items() if key != "name"}
    ours = {**fused.LAYERS, Dropout.__name__: Dropout}
    made_of = ours.get(written["name"]) or getattr(keras.layers, written["name"])
    return made_of(**arguments, name=name)


def _made(value: Any, kind: str) -> Any:
    """Return an argument as Keras takes it: tuples for lists, layers for written layers."""
    if isinstance(value, list):
        return tuple(_made(item, kind) for item in value)
    if value is not None and kind.startswith("layer"):
        inner = as_mapping(value)
        return make_layer(inner, snake_case(inner["name"]))
    if isinstance(value, Mapping) and "name" in value:  # an initializer, regularizer or constraint with arguments
        arguments = {key: argument for key, argument in value.items() if key != "name"}
        return {"class_name": value["name"], "config": arguments}
    return value


def layer_names(written: list[Mapping[str, Any]]) -> list[str]:
    """Return a readable name for each layer, numbered where a layer stands more than once: lstm_1, lstm_2, dense."""
    kinds = [snake_case(layer["name"]) for layer in written]
    seen: dict[str, int] = {}
    names = []
    for kind in kinds:
        seen[kind] = seen.get(kind, 0) + 1
        names.append(f"{kind}_{seen[kind]}" if kinds.count(kind) > 1 else kind)
    return names


def snake_case(name: str) -> str:
    """Return the name in snake case: GlobalMaxPooling1D becomes global_max_pooling1d."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
