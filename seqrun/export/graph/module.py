"""A network with the reading of raw input in front and the meaning of its outputs behind, to be a SavedModel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras  # noqa: TID253
import tensorflow as tf  # noqa: TID253

from seqrun.export.description import raw_tensors
from seqrun.export.graph.answers import Answers
from seqrun.export.graph.inputs import read_as
from seqrun.export.plain import coders

Signature = Callable[..., dict[str, tf.Tensor]]


class Exported(tf.Module):
    """A run's network, raw input in and answers out; `functions` are its signatures by name."""

    def __init__(self, network: keras.Model, description: dict[str, Any]):
        super().__init__()
        self.network = network
        self.read = read_as(description["input"])
        self.answers = Answers(network, description["output"])
        self.functions: dict[str, Signature] = {
            "serving_default": self._function(self._answer, _raw(description)),
            "network": self._function(self._runs(network), {"inputs": _as_network_reads(description["input"])}),
        }
        halves = coders(network)
        for name, half in halves.items():
            run = self._function(self._runs(half), {"inputs": tf.TensorSpec([None, *half.input_shape[1:]], tf.float32)})
            self.functions[name] = run
        if halves:
            codes = tf.TensorSpec([None, *halves["decoder"].input_shape[1:]], tf.float32)
            self.functions["decode"] = self._function(self.answers.decode, {"codes": codes})

    def _answer(self, **raw: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return the answers for raw samples."""
        inputs = self.read(raw)
        return self.answers(inputs, raw.get("series"))

    @staticmethod
    def _runs(network: keras.Model) -> Signature:
        """Return the function from a network's inputs to its outputs, both in its own units."""
        return lambda inputs: {"outputs": network(inputs, training=False)}

    @staticmethod
    def _function(body: Signature, tensors: dict[str, tf.TensorSpec]) -> Any:
        return tf.function(body, autograph=False).get_concrete_function(**tensors)


def _raw(description: dict[str, Any]) -> dict[str, tf.TensorSpec]:
    tensors = raw_tensors(description).items()
    return {name: tf.TensorSpec([None, *shape], dtype, name=name) for name, (shape, dtype) in tensors}


def _as_network_reads(told: dict[str, Any]) -> tf.TensorSpec:
    return tf.TensorSpec([None, *told["shape"]], told["dtype"], name="inputs")
