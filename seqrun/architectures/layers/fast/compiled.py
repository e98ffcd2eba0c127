"""Which networks' training step XLA compiles as a whole, each core with a part of the batch (training/parts.py).

Only what builds or trains a network imports it.
"""

from __future__ import annotations

from collections.abc import Iterator

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.architectures.layers.fast import causal, fused

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


def compile_step(model: keras.Model) -> bool:
    """Return whether XLA should compile the training step (`step_compiled`); the causal convolutions are told so."""
    compiled = step_compiled(model)
    for layer in _ours(model):
        if isinstance(layer, causal.Conv1D):
            layer.compiled = compiled
    return compiled


def step_compiled(model: keras.Model) -> bool:
    """Return whether XLA should compile the model's training step as a whole.

    It should for stacks of causal convolutions and of recurrent layers, in 32 bits on a CPU. Others stay as they are:
    TensorFlow's convolutions are faster than XLA's where they need not pad, and a batch that is normalised cannot be
    divided.
    """
    if not any(_ours(model)) or None in model.input_shape[1:] or tf.config.list_logical_devices("GPU"):
        return False
    return all(layer.compute_dtype == "float32" and _known(layer) for layer in model.layers)


def _ours(model: keras.Model) -> Iterator[causal.Conv1D | fused.Fused]:
    """Yield the layers that have a compiled form, those inside models and wrappers too."""
    return (each for each in model._flatten_layers() if isinstance(each, (causal.Conv1D, fused.Fused)))


def _known(layer: keras.Layer) -> bool:
    """Return whether XLA compiles the layer well, and samples do not meet in it."""
    if isinstance(layer, fused.Bidirectional):
        return _known(layer.forward_layer) and _known(layer.backward_layer)
    if isinstance(layer, fused.Fused):
        return layer.reason(tf.TensorSpec((1, 1, 1), layer.compute_dtype)) is None
    if isinstance(layer, causal.Conv1D):
        return layer.compilable()
    if isinstance(layer, keras.layers.Conv1D):
        return layer.kernel_size == (1,) and layer.strides == (1,)  # a product
    return isinstance(layer, _PLAIN)
