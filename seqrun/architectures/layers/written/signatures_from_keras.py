"""Writes the table of what validation must know of Keras' layers.

Run `python -m seqrun.architectures.layers.written.signatures_from_keras`. Keras' signatures carry no types; an
argument's kind is told by its name, else by its default value.
"""

from __future__ import annotations

import inspect
import json
from types import ModuleType
from typing import Any

from seqrun.architectures.layers.written.signatures import FILE

_SEVERAL = "it takes several inputs, and a list of layers is one chain"
_PART = "it is a part or a base class of other layers"
_CODE = "it runs code that a config cannot hold"
_RAW = "it prepares raw data, which is the dataset's work"

EXCLUDED = {
    **dict.fromkeys(("Add", "Average", "Concatenate", "Dot", "Maximum", "Minimum", "Multiply", "Subtract"), _SEVERAL),
    **dict.fromkeys(("AdditiveAttention", "Attention", "MultiHeadAttention", "GroupQueryAttention"), _SEVERAL),
    **dict.fromkeys(("Layer", "Wrapper", "RNN", "StackedRNNCells", "GRUCell", "LSTMCell", "SimpleRNNCell"), _PART),
    **dict.fromkeys(("Lambda", "FlaxLayer", "JaxLayer", "TorchModuleWrapper", "TFSMLayer"), _CODE),
    "InputLayer": "seqrun makes the input itself",
    "Pipeline": _RAW,
}
_KEPT_PREPROCESSING = {"Normalization", "Rescaling"}

_COUNT = {"units", "filters", "n", "input_dim", "output_dim", "groups", "depth_multiplier", "power_iterations"}
_COUNTS = {"kernel_size", "strides", "dilation_rate", "pool_size", "size", "output_size"}
_INTEGERS = {"axis", "dims", "target_shape", "cropping", "shared_axes"}
_RATE = {"rate", "dropout", "recurrent_dropout"}
_LAYER = {"layer", "backward_layer"}
_FAMILIES = ("activation", "initializer", "regularizer", "constraint")


def generate() -> dict[str, Any]:
    """Return the table of the installed Keras: version, layers, aliases, excluded layers, and what layers are given."""
    import keras

    layers, aliases, excluded = {}, {}, {}
    for name, layer in sorted(_layer_classes(keras).items()):
        preprocessing = ".layers.preprocessing." in layer.__module__ and name not in _KEPT_PREPROCESSING
        if name in EXCLUDED or preprocessing:
            excluded[name] = EXCLUDED.get(name, _RAW)
        elif layer.__name__ != name:
            aliases[name] = layer.__name__
        else:
            layers[name] = _signature(layer)
    functions = {f"{family}s": _names(getattr(keras, f"{family}s")) for family in _FAMILIES}
    objects = {
        family: {name: _object_signature(getattr(keras, f"{family}s"), name) for name in functions[f"{family}s"]}
        for family in _FAMILIES
        if family != "activation"
    }
    tables = {"layers": layers, "aliases": aliases, "excluded": excluded, "objects": objects}
    return {"keras": keras.__version__, **tables, **functions}


def _layer_classes(keras: ModuleType) -> dict[str, type]:
    members = {name: getattr(keras.layers, name) for name in dir(keras.layers)}
    return {n: m for n, m in members.items() if inspect.isclass(m) and issubclass(m, keras.layers.Layer)}


def _signature(layer: type) -> dict[str, Any]:
    """Return `required`, the names without a default, and `arguments`, name -> kind (see `signatures.Signature`)."""
    parameters = dict(inspect.signature(layer.__init__).parameters)  # type: ignore[misc]  # of the class itself
    open_ended = any(p.kind is p.VAR_KEYWORD for p in parameters.values())
    named = {n: p for n, p in parameters.items() if n not in ("self", "name") and p.kind is not p.VAR_KEYWORD}
    arguments = {name: _kind(name, parameter.default) for name, parameter in named.items()}
    if open_ended:  # what every layer passes on to keras.layers.Layer
        arguments |= {"dtype": "any", "trainable": "boolean"}
    return {"required": [n for n, p in named.items() if p.default is p.empty], "arguments": arguments}


def _object_signature(module: ModuleType, name: str) -> dict[str, Any]:
    """Return the same for an initializer, regularizer or constraint, by any of its names."""
    named = getattr(module, name, None)
    given = named if inspect.isclass(named) else type(module.get(name))
    parameters = inspect.signature(given).parameters  # of the class: some have no `__init__` of their own
    required = [n for n, p in parameters.items() if p.default is p.empty]
    try:
        module.get({"class_name": name, "config": {}})
    except KeyError as missing:  # Constant reads its value from the config, whatever its default is
        required += missing.args
    return {"required": required, "arguments": {n: _kind(n, p.default) for n, p in parameters.items()}}


def _kind(name: str, default: Any) -> str:
    family = next((f for f in _FAMILIES if name == f or name.endswith(f"_{f}")), None)
    by_name = {"count": _COUNT, "counts": _COUNTS, "integers": _INTEGERS, "rate": _RATE, "layer": _LAYER}
    known = family or next((kind for kind, names in by_name.items() if name in names), None)
    if known:
        kind = known
    elif name == "use_cudnn":  # "auto" or a truth value
        kind = "any"
    elif isinstance(default, bool):
        kind = "boolean"
    elif name == "padding":  # "valid" of a convolution, (1, 1) of ZeroPadding
        kind = "string" if isinstance(default, str) else "integers"
    elif isinstance(default, int | float) or name in ("stddev", "scale"):
        kind = "number"
    elif isinstance(default, str) or name in ("equation", "data_format"):
        kind = "string"
    else:
        kind = "any"
    optional = default is None and kind != "any"
    return f"{kind}?" if optional else kind


def _names(module: ModuleType) -> list[str]:
    """Return the names that the module's `get` understands."""
    usable = []
    aliases = ("normal", "uniform", "one", "zero", "L1L2", "swish")  # understood, though not attributes of the module
    for name in sorted({*dir(module), *aliases}):
        abstract = name in ("Initializer", "Regularizer", "Constraint")
        if not name.startswith("_") and not abstract and _understood(module, name):
            usable.append(name)
    return usable


def _understood(module: ModuleType, name: str) -> bool:
    try:
        module.get(name)
    except KeyError:  # understood, with an argument that it cannot do without: {name: constant, value: 1}
        return True
    except (ValueError, TypeError):
        return False
    return True


def as_text(table: dict[str, Any]) -> str:
    """Return the table as JSON with a line a layer, so that a new Keras shows as a short difference."""

    def block(value: Any) -> str:
        if not isinstance(value, dict):
            return json.dumps(value)
        lines = ",\n".join(f"  {json.dumps(key)}: {json.dumps(item)}" for key, item in value.items())
        return f"{{\n{lines}\n }}"

    return "{\n" + ",\n".join(f" {json.dumps(key)}: {block(value)}" for key, value in table.items()) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(as_text(generate()), encoding="utf-8")
