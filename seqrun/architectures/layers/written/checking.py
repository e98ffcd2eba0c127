"""Checks a layer written in YAML against Keras' signatures, without Keras."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from seqrun.architectures.layers.fields import Place
from seqrun.architectures.layers.written import signatures
from seqrun.spelling import nearest, suggest

Mistake = tuple[Place, str]


def layer_mistakes(layer: Any, *, derived: tuple[str, ...] = ()) -> Iterator[Mistake]:
    """Yield each mistake with its place inside the layer; required arguments may be left out if `derived` has them."""
    if not isinstance(layer, Mapping):
        yield (), f"a layer is a name or a mapping with a name, not {_shown(layer)}"
        return
    if "name" not in layer:
        yield (), "has no name; a layer is written {name: LSTM, units: 32}"
        return
    name = layer["name"]
    signature = signatures.signature(name) if isinstance(name, str) else None
    if signature is None:
        yield ("name",), _unknown_layer(name)
        return
    yield from _argument_mistakes(layer, signature, name, derived)


def _argument_mistakes(
    written: Mapping[str, Any], signature: signatures.Signature, name: str, derived: tuple[str, ...] = ()
) -> Iterator[Mistake]:
    present = {*written, *derived}
    for key, value in written.items():
        if key in signature.arguments:
            yield from _value_mistakes(key, value, signature.arguments[key])
        elif key != "name":
            if meant := nearest(str(key), signature.arguments):  # misspelt is not missing
                present.add(meant)
            yield (key,), f"unknown argument of {name}{suggest(str(key), signature.arguments)}"
    for key in signature.required:
        if key not in present:
            yield (), f"{name} needs {key}"


def vocabulary_mistakes(layers: list[Mapping[str, Any]], size: int | None) -> Iterator[Mistake]:
    """Yield Embeddings for fewer tokens than the vocabulary's size; None: it is not known before the data is read."""
    for number, layer in enumerate(layers):
        if size is not None and layer["name"] == "Embedding" and layer.get("input_dim", size) < size:
            yield (number, "input_dim"), f"is {layer['input_dim']}, and the vocabulary has {size} tokens"


def _unknown_layer(name: Any) -> str:
    if reason := signatures.why_excluded(str(name)):
        return f"{name} cannot stand here: {reason}"
    if not isinstance(name, str):
        return f"a layer's name is a word, not {_shown(name)}"
    return f"unknown layer {name!r}{suggest(name.replace('_', ''), signatures.layer_names())}"


def _value_mistakes(key: str, value: Any, kind: str) -> Iterator[Mistake]:
    optional, kind = kind.endswith("?"), kind.rstrip("?")
    if value is None and optional:
        return
    if kind == "layer":
        yield from (((key, *place), text) for place, text in layer_mistakes(as_mapping(value)))
    elif kind in NAMED:
        yield from (((key, *place), text) for place, text in _named_mistakes(value, kind))
    else:
        fits, wanted = KINDS[kind]
        if not fits(value):
            yield (key,), f"should be {wanted}, not {_shown(value)}"


def as_mapping(layer: Any) -> Any:
    """Return the layer as a mapping; a bare name stands for a layer without arguments."""
    return {"name": layer} if isinstance(layer, str) else layer


# --- the kinds of arguments -------------------------------------------------------------------------------------------


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return _is_integer(value) or isinstance(value, float)


def _all(test: Callable[[Any], bool], value: Any) -> bool:
    """Return whether the value passes the test, or each item of a list that is not empty and may hold lists."""
    return bool(value) and all(_all(test, item) for item in value) if isinstance(value, list) else test(value)


KINDS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "any": (lambda v: True, "anything"),
    "boolean": (lambda v: isinstance(v, bool), "true or false"),
    "string": (lambda v: isinstance(v, str), "a word"),
    "count": (lambda v: _is_integer(v) and v >= 1, "a whole number of at least 1"),
    "counts": (
        lambda v: _all(lambda item: _is_integer(item) and item >= 1, v),
        "a whole number of at least 1, or a list of them",
    ),
    "integers": (lambda v: _all(_is_integer, v), "a whole number or a list of them"),
    "number": (_is_number, "a number"),
    "rate": (lambda v: _is_number(v) and 0 <= v <= 1, "a number from 0 to 1"),
}
NAMED = {"activation", "initializer", "regularizer", "constraint"}


def _named_mistakes(value: Any, kind: str) -> Iterator[Mistake]:
    """Yield the mistakes in one of NAMED: a name, or, unless an activation, with arguments: {name: l2, l2: 0.01}."""
    known = signatures.table()[f"{kind}s"]
    mapped = isinstance(value, Mapping) and kind != "activation"
    name = value.get("name") if mapped else value
    if not isinstance(name, str):
        form = "" if kind == "activation" else f", or {{name: {known[-1]}, ...}}"
        yield (), f"should be the name of one of Keras' {kind}s{form}, not {_shown(value)}"
    elif name not in known:
        yield (("name",) if mapped else ()), f"unknown {kind} {name!r}{suggest(name, known)}"
    elif kind != "activation":
        arguments = value if mapped else {}
        yield from _argument_mistakes(arguments, signatures.object_signature(kind, name), name)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
