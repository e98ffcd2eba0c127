"""Time steps followed through a chain of layers: what each step has seen, which layer looks ahead or moves the steps.

A layer that is not known to keep to the past is refused, as a forecast that has seen its target looks perfect. A
network that tags may look ahead, but its layers must leave each step where it is.
"""

from __future__ import annotations

from typing import Any

from seqrun.architectures.layers.written.chain import Layer, kind_of
from seqrun.architectures.layers.written.checking import Mistake, as_mapping

# Layers that treat each step alone.
_STEPWISE = {
    *("Activation", "ActivityRegularization", "BatchNormalization", "Dense", "ELU", "Identity", "LayerNormalization"),
    *("LeakyReLU", "Normalization", "PReLU", "RMSNormalization", "ReLU", "Rescaling", "Softmax", "UnitNormalization"),
    *("AlphaDropout", "Dropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D", "TimeDistributed"),
}
_RECURRENT = {"SimpleRNN", "LSTM", "GRU"}
_CONVOLUTIONS = {"Conv1D", "DepthwiseConv1D", "SeparableConv1D"}
_POOLING = {"AveragePooling1D", "MaxPooling1D"}
_DIRECT = "; take dataset.forecast: direct for it"


def follow(layers: list[Layer], steps: range) -> tuple[range, Mistake | None]:
    """Return, for each step that is left after the layers, the last of `steps` that it has seen; and the first mistake.

    The layers must keep the time axis, as `chain_mistakes` finds. The mistake is None if there is none.
    """
    for place, layer in enumerate(layers):
        if reason := _why_not(layer):
            return steps, ((place,), reason)
        steps = _left(layer, steps)
        if not steps:
            return steps, ((place,), f"leaves no time step after {layer['name']}")
    return steps, None


def _why_not(layer: Layer) -> str | None:
    """Return why the layer's steps may have seen later ones; None if they have not."""
    name = kind_of(layer)
    if name == "SpectralNormalization":
        return _why_not(as_mapping(layer["layer"]))
    if name == "Bidirectional" or (name in _RECURRENT and layer.get("go_backwards")):
        return f"{name} reads the window backwards, so a step would see the values that it is to forecast{_DIRECT}"
    if name in _CONVOLUTIONS | _POOLING:
        if layer.get("padding", "valid") not in ("valid", "causal"):
            return f"{name} with padding {layer['padding']} lets a step see what follows it; valid and causal do not"
        if layer.get("data_format") == "channels_first":
            return f"{name} would run along the features, not along time: leave data_format out"
        return None
    if "axis" in layer and layer["axis"] not in (-1, 2, [-1], [2]):
        return f"{name} over an axis other than the last lets a step see the others: leave axis out"
    if name in _STEPWISE | _RECURRENT:
        return None
    return f"{name} is not known to keep each step to what stands before it, as a sequence of forecasts must{_DIRECT}"


def first_that_moves(layers: list[Layer]) -> Mistake | None:
    """Return the first layer that is not known to leave each step where it is; None if there is none.

    The layers must keep the time axis, as `chain_mistakes` finds.
    """
    moved = (((place,), reason) for place, layer in enumerate(layers) if (reason := _moves(layer)))
    return next(moved, None)


def _moves(layer: Layer) -> str | None:
    """Return why the layer's steps may not be those of its input; None if they are."""
    name = kind_of(layer)
    if name in ("Bidirectional", "SpectralNormalization"):
        return _moves(as_mapping(layer["layer"]))
    if name in _RECURRENT and layer.get("go_backwards"):
        return f"{name} with go_backwards gives the last step's state first: leave it out, or take Bidirectional"
    if name in _CONVOLUTIONS | _POOLING:
        size = _number(layer.get("kernel_size" if name in _CONVOLUTIONS else "pool_size", 2))
        strides = _number(layer.get("strides") or (1 if name in _CONVOLUTIONS else size))
        if strides > 1 or (size > 1 and layer.get("padding", "valid") == "valid"):
            return f"{name} leaves fewer steps than there are tags: give it padding: same and strides: 1"
        if layer.get("data_format") == "channels_first":
            return f"{name} would run along the features, not along time: leave data_format out"
        return None
    if name in _STEPWISE | _RECURRENT | {"Embedding", "ReversibleEmbedding", "Masking"}:
        return None
    return f"{name} is not known to leave each step where it is, as tags need"


def _left(layer: Layer, steps: range) -> range:
    """Return, for each step that is left after the layer, the last of `steps` that it has seen."""
    name = kind_of(layer)
    if name == "SpectralNormalization":
        return _left(as_mapping(layer["layer"]), steps)
    if name in _CONVOLUTIONS:
        span = (_number(layer["kernel_size"]) - 1) * _number(layer.get("dilation_rate", 1))
        causal = layer.get("padding") == "causal"
        return steps[0 if causal else span :: _number(layer.get("strides", 1))]
    if name in _POOLING:
        size = _number(layer.get("pool_size", 2))
        return steps[size - 1 :: _number(layer.get("strides") or size)]
    return steps


def _number(size: Any) -> int:
    """Return the size as a number; Keras takes a list of one as well."""
    return size[0] if isinstance(size, list) else size
