"""How a network's training step is arranged: what of it XLA compiles, on which device.

Only what builds or trains a network imports it.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from typing import Any

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.architectures.layers.fast import causal, fused
from seqrun.architectures.layers.fast.cudnn import compilable, computed_by_cudnn
from seqrun.machine import device

_PLAIN = (  # layers that keep samples apart, and that XLA compiles well, forward and backward
    keras.layers.InputLayer,
    keras.layers.Activation,
    keras.layers.Add,
    keras.layers.Dense,
    keras.layers.Dropout,
    keras.layers.Embedding,
    keras.layers.Multiply,
    keras.layers.Reshape,
    keras.layers.RepeatVector,
)


class Arrangement(Enum):
    """What of a training step XLA compiles."""

    OPERATIONS = "nothing: TensorFlow's operations, one after the other"
    PARTS = "all of it, a program for each core, with a part of the batch (training/parts.py)"
    WHOLE = "all of it, one program, the optimizer too"
    BETWEEN = (
        "what lies before, between and after the layers that cuDNN computes, and the optimizer (training/between.py)"
    )

    @property
    def of_the_whole(self) -> bool:
        """Whether layers are inside a larger program."""
        return self in (Arrangement.PARTS, Arrangement.WHOLE)


def arrange(model: keras.Model) -> Arrangement:
    """Return the model's arrangement; its causal convolutions are told whether they are inside a larger program."""
    arrangement = arrangement_of(model)
    for layer in _ours(model):
        if isinstance(layer, causal.Conv1D):
            layer.compiled = arrangement.of_the_whole and layer.compilable()
    return arrangement


def arrangement_of(model: keras.Model) -> Arrangement:
    """Return how the model's training step is arranged where this process computes.

    On a CPU: in parts for stacks of causal convolutions and of recurrent layers, in 32 bits. Others stay as they are:
    TensorFlow's convolutions are faster than XLA's where they need not pad, and a batch that is normalised cannot be
    divided. On a GPU, where each operation waits for its start, as few programs as cuDNN allows. But where each
    operation must give the same bits again, TensorFlow's own, which say if they cannot.
    """
    if device.on_gpu():
        return _on_a_gpu(model)
    if not any(_ours(model)) or None in model.input_shape[1:]:
        return Arrangement.OPERATIONS
    known = all(layer.compute_dtype == "float32" and _known(layer) for layer in model.layers)
    return Arrangement.PARTS if known else Arrangement.OPERATIONS


def _on_a_gpu(model: keras.Model) -> Arrangement:
    """Return how the model's training step is arranged on a GPU."""
    layers = model._flatten_layers()
    if device.deterministic():
        return Arrangement.OPERATIONS
    if any(map(computed_by_cudnn, layers)):
        return Arrangement.BETWEEN if graph_of(model) is not None else Arrangement.OPERATIONS
    return Arrangement.WHOLE if all(map(compilable, layers)) else Arrangement.OPERATIONS


def graph_of(operation: Any) -> Any:
    """Return a model's graph of layers, from one input to one output; None of what has none."""
    graph = getattr(operation, "_functional", operation)  # of a Sequential
    return graph if hasattr(graph, "_nodes_by_depth") and len(graph.inputs) == len(graph.outputs) == 1 else None


def _ours(model: keras.Model) -> Iterator[causal.Conv1D | fused.Fused]:
    """Yield the layers that have a compiled form, those inside models and wrappers too."""
    return (each for each in model._flatten_layers() if isinstance(each, (causal.Conv1D, fused.Fused)))


def _known(layer: keras.Layer) -> bool:
    """Return whether XLA compiles the layer well on a CPU, and samples do not meet in it."""
    if isinstance(layer, fused.Bidirectional):
        return _known(layer.forward_layer) and _known(layer.backward_layer)
    if isinstance(layer, fused.Fused):
        return layer.reason(tf.TensorSpec((1, 1, 1), layer.compute_dtype)) is None
    if isinstance(layer, causal.Conv1D):
        return layer.compilable()
    if isinstance(layer, keras.layers.Conv1D):
        return layer.kernel_size == (1,) and layer.strides == (1,)  # a product
    return isinstance(layer, _PLAIN)
