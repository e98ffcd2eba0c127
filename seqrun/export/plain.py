"""A run's network made of Keras' own layers: the same function and weights, and loadable without seqrun."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from seqrun.errors import UsageError
from seqrun.export.unrolled import LONGEST, UnrolledBidirectional, UnrolledLayerNorm

if TYPE_CHECKING:
    import keras

OURS = "seqrun>"  # what the registered names of seqrun's layers begin with
Pair = tuple[Any, Any]  # a layer of the run's network, and that of its twin


def plain_twin(model: keras.Model, *, unroll: bool = False, dropout: bool = True) -> keras.Model:
    """Return a network of keras.layers alone that computes what the model does outside training, with its weights.

    Recurrent layers do without cuDNN, so that any machine can run them; `unroll` replaces their loops by a copy of the
    step for each step, and without `dropout` they draw no masks, which even outside training leaves traces in a graph.
    Raises UsageError for a layer that Keras has no counterpart of (`foreign_layers`).
    """
    import keras

    if foreign := [*foreign_layers(model)]:
        raise UsageError(f"keras.layers has nothing that computes what {' and '.join(foreign)} of this network do")
    pairs: list[Pair] = []
    changes: dict[str, Any] = {"unroll": True} if unroll else {}
    changes |= {} if dropout else {"dropout": 0.0, "recurrent_dropout": 0.0}

    def clone(layer: Any) -> Any:
        twin = _counterpart(layer, changes)
        pairs.append((layer, twin))
        return twin

    twin = keras.models.clone_model(model, clone_function=clone, call_function=_call, recursive=True)
    for layer, copy in pairs:
        _copy_weights(layer, copy)
    for layer in twin._flatten_layers():
        if hasattr(layer, "use_cudnn"):
            layer.use_cudnn = False  # which Keras keeps in no config
    return twin


def foreign_layers(model: keras.Model) -> Iterator[str]:
    """Yield the name and class of each layer that is neither Keras' nor has a counterpart there."""
    for layer in model._flatten_layers():
        kind = type(layer)
        if kind.__module__.partition(".")[0] == "keras":
            continue
        known = _keras_own(kind) or kind.__name__ in _SPECIAL or kind.__name__ in _CELLS
        if _registered(kind).startswith(OURS) and known:
            continue
        yield f"{layer.name} ({kind.__name__})"


def longest_written_out(model: keras.Model, *, loops: bool) -> int:
    """Return how many steps are read by recurrent layers that would be written out beyond LONGEST; 0: there are none.

    With `loops` these are all recurrent layers, else those that Keras has no loop for.
    """
    import keras

    kinds = (keras.layers.RNN, keras.layers.Bidirectional) if loops else keras.layers.RNN
    found = [0]
    for layer in model._flatten_layers():
        own = loops or (isinstance(layer, keras.layers.RNN) and type(layer.cell).__name__ in _CELLS)
        if own and isinstance(layer, kinds) and layer._inbound_nodes:
            found.append(keras.tree.flatten(layer.input)[0].shape[1] or 0)  # a mask may be beside it
    return max(found) if max(found) > LONGEST else 0


def _registered(kind: type) -> str:
    import keras

    return str(keras.saving.get_registered_name(kind))


def _keras_own(kind: type) -> bool:
    """Return whether the class is a faster form of the one in keras.layers that has its name."""
    import keras

    own = getattr(keras.layers, kind.__name__, None)
    return own is not None and issubclass(kind, own)


def _counterpart(layer: Any, changes: Mapping[str, Any]) -> Any:
    """Return a layer, or operation, of Keras' own that stands for this one; `changes` are those of recurrent ones."""
    import keras

    special = _SPECIAL.get(type(layer).__name__)
    if special is not None:
        return special(layer)
    if isinstance(layer, keras.layers.RNN) and type(layer.cell).__name__ in _CELLS:
        return UnrolledLayerNorm(layer)
    if isinstance(layer, keras.layers.Bidirectional) and changes.get("unroll") and layer.merge_mode:
        return UnrolledBidirectional(layer, lambda each, **more: _counterpart(each, {**changes, **more}))
    written = keras.saving.serialize_keras_object(layer)
    return keras.saving.deserialize_keras_object(_in_keras(written, changes))


def _in_keras(written: Any, changes: Mapping[str, Any]) -> Any:
    """Return a layer's serialized form with Keras' own classes in place of seqrun's, those inside wrappers too."""
    if isinstance(written, list):
        return [_in_keras(item, changes) for item in written]
    if not isinstance(written, Mapping):
        return written
    found = {key: _in_keras(value, changes) for key, value in written.items()}
    if str(written.get("registered_name")).startswith(OURS):
        found |= {"module": "keras.layers", "registered_name": None}
    if found.get("class_name") in _RECURRENT and isinstance(found.get("config"), dict):
        found["config"] |= changes
    return found


def _call(layer: Any, *arguments: Any, **options: Any) -> Any:
    """Return what the twin's layer gives; one with several inputs in place of a draw is given the first alone."""
    first = arguments[0] if arguments else None
    if getattr(layer, _FIRST, False) and isinstance(first, (list, tuple)):
        arguments = (first[0],)
    return layer(*arguments, **options)


def _copy_weights(layer: Any, twin: Any) -> None:
    if isinstance(twin, (UnrolledLayerNorm, UnrolledBidirectional)):
        twin.take_weights()
    elif getattr(twin, "weights", None):
        twin.set_weights(layer.get_weights())


def coders(network: keras.Model) -> dict[str, keras.Model]:
    """Return an autoencoder's encoder and decoder; of another network, nothing."""
    import keras

    parts = {layer.name: layer for layer in network.layers if isinstance(layer, keras.Model)}
    return {name: parts[name] for name in ("encoder", "decoder")} if {"encoder", "decoder"} <= parts.keys() else {}


# --- layers that have no counterpart of their name --------------------------------------------------------------------

_RECURRENT = {"LSTM", "GRU", "SimpleRNN"}
_CELLS = {"LayerNormCell"}
_FIRST = "_reads_first"


def _mean(layer: Any) -> Any:
    """Return what a drawn code is outside training: its mean, the first of the layer's two inputs."""
    import keras

    twin = keras.layers.Activation("linear", name=layer.name, dtype="float32")
    setattr(twin, _FIRST, True)
    return twin


_SPECIAL: dict[str, Callable[[Any], Any]] = {"Sampling": _mean}
