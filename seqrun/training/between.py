"""Training steps on a GPU where cuDNN computes some layers: what lies before, between and after these are programs.

XLA cannot compile cuDNN's recurrent layers, and outside a program each operation is a start of its own, which takes
longer than the operation. So neighbouring layers are joined in one program; its gradient is another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from seqrun.training.parts import compiled

if TYPE_CHECKING:
    import tensorflow as tf

    Stage = Callable[[dict[int, tf.Tensor]], dict[int, tf.Tensor]]  # id of Keras' symbolic tensor -> tensor

OURS = (
    "keras.",
    "seqrun.architectures.layers.fast.",
)  # modules of layers of which nothing but outputs leaves a program


def joined_between(model: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    """Return a function from inputs (batch, ...) to the outputs in training of a model that has a `graph_of`.

    Layers that cuDNN computes, and a user's own, are called as they are.
    """
    from seqrun.architectures.layers.fast.compiled import graph_of

    graph = graph_of(model)
    stages = list(_stages(graph))

    def outputs(inputs: tf.Tensor) -> tf.Tensor:
        (first,), (last,) = graph.inputs, graph.outputs
        known = {id(first): inputs}
        for stage in stages:
            known |= stage(known)
        return known[id(last)]

    return outputs


def _stages(graph: Any) -> Iterator[Stage]:
    """Yield the model's stages in order: programs, and the layers between them."""
    nodes = [
        node
        for depth in sorted(graph._nodes_by_depth, reverse=True)
        for node in graph._nodes_by_depth[depth]
        if not node.is_input
    ]
    done = 0
    for inside, group in groupby(nodes, key=lambda node: _fits_in_a_program(node.operation)):
        here = list(group)
        done += len(here)
        later = {id(x) for node in nodes[done:] for x in node.input_tensors} | {id(x) for x in graph.outputs}
        yield (_program if inside else _as_it_is)(here, later)


def _program(nodes: Sequence[Any], later: set[int]) -> Stage:
    """Return these nodes as one program, which gives back what is needed later."""
    made = {id(x) for node in nodes for x in node.outputs}
    read = {id(x): x.dtype for node in nodes for x in node.input_tensors if id(x) not in made}
    left = sorted(made & later)

    @compiled
    def program(tensors: Sequence[tf.Tensor], masks: Sequence[tf.Tensor | None]) -> tuple[list[Any], list[Any]]:
        known = {
            place: _masked(_cast(tensor, dtype), mask)
            for (place, dtype), tensor, mask in zip(read.items(), tensors, masks, strict=True)
        }
        _run(nodes, known)
        return [known[place] for place in left], [_mask(known[place]) for place in left]

    def stage(known: dict[int, tf.Tensor]) -> dict[int, tf.Tensor]:
        results = program([known[place] for place in read], [_mask(known[place]) for place in read])
        return {place: _masked(x, mask) for place, x, mask in zip(left, *results, strict=True)}

    return stage


def _as_it_is(nodes: Sequence[Any], later: set[int]) -> Stage:
    """Return the nodes' layers one after the other; models among them are taken apart themselves."""
    from seqrun.architectures.layers.fast.compiled import graph_of

    inside = {id(node): joined_between(node.operation) for node in nodes if graph_of(node.operation) is not None}

    def stage(known: dict[int, tf.Tensor]) -> dict[int, tf.Tensor]:
        known = dict(known)
        for node in nodes:
            if id(node) in inside:
                known[id(node.outputs[0])] = inside[id(node)](known[id(node.input_tensors[0])])
            else:
                _run([node], known)
        return known

    return stage


def _run(nodes: Sequence[Any], known: dict[int, tf.Tensor]) -> None:
    """Call the nodes' layers in training, and add what they return to the known tensors."""
    import keras

    for node in nodes:
        arguments, options = node.arguments.fill_in(known)
        if getattr(node.operation, "_call_has_training_arg", False):
            options["training"] = True
        outputs = keras.tree.flatten(node.operation(*arguments, **options))
        known.update(zip(map(id, node.outputs), outputs, strict=True))


def _fits_in_a_program(operation: Any) -> bool:
    """Return whether a program can hold this layer: none that cuDNN computes, and its only results are its outputs."""
    import keras

    from seqrun.architectures.layers.fast.cudnn import compilable

    if not isinstance(operation, keras.Layer):
        return True  # a function of Keras'
    layers = list(operation._flatten_layers())
    ours = all(type(each).__module__.startswith(OURS) for each in layers)
    silent = all(each.activity_regularizer is None for each in layers)
    return ours and silent and all(map(compilable, layers))


def _cast(x: tf.Tensor, dtype: str) -> tf.Tensor:
    import tensorflow as tf

    return tf.cast(x, dtype)


def _mask(x: tf.Tensor) -> tf.Tensor | None:
    """Return the mask that Keras' layers hang on a tensor, which programs neither take nor give back."""
    return getattr(x, "_keras_mask", None)


def _masked(x: tf.Tensor, mask: tf.Tensor | None) -> tf.Tensor:
    if mask is not None:
        x._keras_mask = mask
    return x
