"""What a GPU would do with a traced function, by TensorFlow's own table of kernels: no GPU is needed to read it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import tensorflow as tf
from tensorflow.core.framework.function_pb2 import FunctionDef
from tensorflow.python.framework import kernels, op_def_registry
from tensorflow.python.framework.function_def_to_graph import function_def_to_graph

LOOPS = ("While", "StatelessWhile")
CALLS = ("PartitionedCall", "StatefulPartitionedCall", "Case", "StatelessCase", "If", "StatelessIf", *LOOPS)
NOT_COMPUTED = ("Placeholder", "_Arg", "_Retval", "NoOp")
PINNED = (tf.int32, tf.string)  # what TensorFlow hands to functions and loops on the host
NOT_DATA = (tf.resource, tf.variant)


class Kernel(NamedTuple):
    device: str
    types: dict[str, set[int]]
    on_host: frozenset[str]


class Sent(NamedTuple):
    """A tensor that goes from the host to the GPU."""

    to: str  # the kind of the operation
    name: str
    dtype: str
    size: int | None  # how many numbers; None: not known


@cache
def _register_kernels_of_xla() -> None:
    tf.function(lambda x: x + 1, jit_compile=True)(1.0)


@cache
def _kernels(operation: str) -> list[Kernel]:
    found = kernels.get_registered_kernels_for_op(operation).kernel
    return [
        Kernel(
            kernel.device_type,
            {each.name: set(each.allowed_values.list.type) for each in kernel.constraint},
            frozenset(kernel.host_memory_arg),
        )
        for kernel in found
    ]


def _kernel_of(operation: tf.Operation, devices: tuple[str, ...]) -> Kernel | None:
    attributes = operation.node_def.attr.items()
    types = {name: {*value.list.type} or {value.type} for name, value in attributes}
    for device in devices:
        for kernel in _kernels(operation.type):
            if kernel.device == device and all(types[name] <= allowed for name, allowed in kernel.types.items()):
                return kernel
    return None


class Functions:
    """All functions that a concrete function calls."""

    def __init__(self, function: tf.types.experimental.ConcreteFunction):
        _register_kernels_of_xla()
        graph = function.graph.as_graph_def()
        self._definitions: dict[str, FunctionDef] = {each.signature.name: each for each in graph.library.function}
        self.graph = function.graph
        self._graphs: dict[str, tf.Graph] = {}

    def graph_of(self, name: str) -> tf.Graph:
        if name not in self._graphs:
            self._graphs[name] = function_def_to_graph(self._definitions[name])
        return self._graphs[name]

    def compiled(self, name: str) -> bool:
        return self._definitions[name].attr["_XlaMustCompile"].b

    def without_kernel(self) -> set[tuple[str, str]]:
        """(operation, device) of what has no kernel there: GPU, or XLA's for a GPU inside a program."""
        return set(self._without_kernel(self.graph, False, set()))

    def _without_kernel(self, graph: tf.Graph, in_program: bool, seen: set) -> Iterator[tuple[str, str]]:
        devices = ("XLA_GPU_JIT",) if in_program else ("GPU", "DEFAULT")
        for operation in graph.get_operations():
            text = operation.type == "Const" and operation.outputs[0].dtype == tf.string  # of an Assert, on the host
            computed = operation.type not in (*CALLS, *NOT_COMPUTED) and not text
            if computed and _kernel_of(operation, devices) is None:
                yield operation.type, devices[0]
            for name in _called(operation):
                inside = in_program or self.compiled(name)
                if (name, inside) not in seen:
                    seen.add((name, inside))
                    yield from self._without_kernel(self.graph_of(name), inside, seen)

    def body(self) -> tf.Graph:
        """The body of the function's loop over steps."""
        [loop] = [each for each in self.graph.get_operations() if each.type in LOOPS]
        shapes = [tensor.shape for tensor in loop.inputs]
        return function_def_to_graph(self._definitions[loop.get_attr("body").name], input_shapes=shapes)

    def sent(self, graph: tf.Graph) -> list[Sent]:
        """What the operations of a graph send from the host to the GPU; programs and branches are operations."""
        return [
            Sent(operation.type, operation.name, tensor.dtype.name, tensor.shape.num_elements())
            for operation in graph.get_operations()
            for number, tensor in enumerate(operation.inputs)
            if tensor.dtype not in NOT_DATA and _made_on_host(tensor) and not self._reads_on_host(operation, number)
        ]

    def _reads_on_host(self, operation: tf.Operation, number: int) -> bool:
        if operation.type in CALLS:
            return not _is_program(operation) and operation.inputs[number].dtype in PINNED
        return _on_host(operation, "input_arg", number)


def _is_program(operation: tf.Operation) -> bool:
    """Whether XLA compiles this call: all that goes in and comes out is on the GPU."""
    return operation.node_def.attr["_XlaMustCompile"].b


def _called(operation: tf.Operation) -> list[str]:
    values = operation.node_def.attr.values()
    return [name for value in values for name in (value.func.name, *(each.name for each in value.list.func)) if name]


def _made_on_host(tensor: tf.Tensor) -> bool:
    operation = tensor.op
    if _is_program(operation):
        return False
    if operation.type in (*CALLS, *NOT_COMPUTED):
        return tensor.dtype in PINNED
    return operation.type != "Const" and _on_host(operation, "output_arg", tensor.value_index)


def _on_host(operation: tf.Operation, side: str, number: int) -> bool:
    """Whether an input or output lies on the host: by its kernel, or for want of one on a GPU."""
    kernel = _kernel_of(operation, ("GPU", "DEFAULT"))
    return kernel is None or _argument(operation, side, number) in kernel.on_host


def _argument(operation: tf.Operation, side: str, number: int) -> str:
    """The name of the argument that a flat number stands for."""
    for argument in getattr(op_def_registry.get(operation.type), side):
        attributes = operation.node_def.attr
        if argument.number_attr:
            count = attributes[argument.number_attr].i
        elif argument.type_list_attr:
            count = len(attributes[argument.type_list_attr].list.type)
        else:
            count = 1
        if number < count:
            return argument.name
        number -= count
    raise ValueError(f"{operation.type} has no such argument")
