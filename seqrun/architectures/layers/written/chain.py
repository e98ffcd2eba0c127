"""Follows how many axes a sample has through a chain of layers, to find those that cannot follow each other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from seqrun.architectures.layers.written.checking import Mistake, as_mapping
from seqrun.architectures.layers.written.signatures import signature

if TYPE_CHECKING:
    from seqrun.components.answers import Answers

Layer = Mapping[str, Any]  # as a config writes it, checked by `checking`

_EMBEDDINGS = {"Embedding", "ReversibleEmbedding"}
_RECURRENT = {"SimpleRNN", "LSTM", "GRU"}
_SKIP_PADDING = {
    *_EMBEDDINGS, *_RECURRENT, "Activation", "BatchNormalization", "Dense", "Dropout", "GlobalAveragePooling1D",
    "LayerNormalization", "SpatialDropout1D",
}  # fmt: skip
_HARMLESS = {  # argument -> the values with which padding has no effect and samples may differ in length
    "activity_regularizer": (None,),
    "axis": (-1, 2, [-1], [2]),
    "data_format": (None, "channels_last"),
    "noise_shape": (None,),
}
_LESS = "of which trainer.batching bucketed leaves out some"
_WRAPPERS = {"Bidirectional", "SpectralNormalization"}  # read and return what the wrapped layer does


def chain_mistakes(layers: list[Layer], inputs: str, answers: Answers) -> Iterator[Mistake]:
    """Yield the first layer that cannot read what comes before it, or the last if the output layer cannot read it.

    `inputs` is "tokens", samples (time,), or "values", samples (time, features). The output layer reads one vector, or
    one a step if each step is answered. The search ends at a layer whose output shape only Keras can tell.
    """
    axes = 2
    for place, layer in enumerate(layers):
        if wrong := _cannot_read(layer, axes, token_ids=inputs == "tokens" and place == 0):
            yield (place,), wrong
            return
        after = _axes_after(layer, axes)
        if after is None:
            return
        axes = after
    if axes != (2 if answers.each_step else 1):
        yield (len(layers) - 1,), _ends_wrongly(axes, answers)


def first_that_reads_padding(layers: list[Layer], *, masked: bool) -> Mistake | None:
    """Return the first layer that is not known to give the same outputs however far a sample is padded; None: all do.

    The search ends where the time axis does. `masked`: an Embedding masks padding unless it says otherwise.
    """
    for place, layer in enumerate(layers):
        name = kind_of(layer)
        if name in _EMBEDDINGS and not layer.get("mask_zero", masked):
            return (place, "mask_zero"), f"is false, so that padding is read, {_LESS}; set it to true"
        parts = [layer, as_mapping(layer["layer"])] if name == "Bidirectional" else [layer]
        if kind_of(parts[-1]) not in _SKIP_PADDING:
            return (place,), f"{name} is not known to skip padding, {_LESS}; take shuffled"
        for key in (key for part in parts for key in part if part[key] not in _HARMLESS.get(key, (part[key],))):
            return (place,), f"{name}'s {key} may read padding, {_LESS}; leave it out"
        if _axes_after(layer, 2) == 1:
            return None
    return None


def _ends_wrongly(axes: int, answers: Answers) -> str:
    if answers.each_step:
        return (
            f"the layers end with {_shown(axes)} a sample, and the {answers.value} stand along the time axis: "
            "give a recurrent layer return_sequences: true, and leave out Flatten and global pooling"
        )
    return (
        f"the layers end with {_shown(axes)} a sample, and the output layer reads {_shown(1)}: "
        "end with a pooling layer such as GlobalMaxPooling1D, with Flatten or with a recurrent layer"
    )


def kind_of(layer: Any) -> str:
    """Return the name of the layer's class in Keras, aliases resolved; empty if there is no such layer."""
    found = signature(as_mapping(layer)["name"])
    return found.name if found else ""


def _cannot_read(layer: Layer, axes: int, *, token_ids: bool) -> str | None:
    """Return why the layer cannot read samples with so many axes, or token ids; None if it can."""
    name = kind_of(layer)
    if token_ids or name in _EMBEDDINGS:
        if token_ids and name in _EMBEDDINGS:
            return None
        return "token ids reach it: put an Embedding first" if token_ids else "no token ids reach it"
    needed = _axes_read(layer)
    if needed is None or needed == axes:
        return None
    hint = ": give the recurrent layer before it return_sequences: true" if (needed, axes) == (2, 1) else ""
    return f"{name} reads {_shown(needed)} a sample, and {_shown(axes)} reaches it{hint}"


def _axes_read(layer: Layer) -> int | None:
    """Return how many axes of a sample the layer requires; None if it reads any number."""
    name = kind_of(layer)
    if name in _WRAPPERS:
        return _axes_read(as_mapping(layer["layer"]))
    if name == "TimeDistributed":
        inner = _axes_read(as_mapping(layer["layer"]))
        return inner and inner + 1
    if name.startswith("ConvLSTM"):
        return _dimensions(name) + 2
    if name in _RECURRENT:
        return 2
    if name == "RepeatVector":
        return 1
    return _dimensions(name) + 1 if _dimensions(name) else None


def _axes_after(layer: Layer, axes: int) -> int | None:
    """Return how many axes a sample has after the layer; None if only Keras can tell."""
    name = kind_of(layer)
    if name in _WRAPPERS:
        return _axes_after(as_mapping(layer["layer"]), axes)
    if name == "TimeDistributed":
        inner = _axes_after(as_mapping(layer["layer"]), axes - 1)
        return inner and inner + 1
    if name in _RECURRENT:
        return 2 if layer.get("return_sequences") else 1
    if name.startswith("ConvLSTM"):
        return axes if layer.get("return_sequences") else axes - 1
    if name.startswith("Global"):
        return axes if layer.get("keepdims") else 1
    if name in ("Reshape", "Permute"):
        shape = layer["target_shape" if name == "Reshape" else "dims"]
        return len(shape) if isinstance(shape, list) else 1
    return {"Flatten": 1, "RepeatVector": 2, "EinsumDense": None}.get(name, axes)


def _dimensions(name: str) -> int:
    """Return the dimensions in a layer's name: 1 of Conv1D, 2 of MaxPooling2D, 0 of a name without any."""
    found = re.search(r"([123])D(Transpose)?$", name)
    return int(found[1]) if found else 0


def _shown(axes: int) -> str:
    return {1: "(features)", 2: "(time, features)"}.get(axes, f"an array of {axes} axes")
