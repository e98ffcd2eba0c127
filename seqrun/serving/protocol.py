"""The Open Inference Protocol, version 2: a model's metadata, and inference from tensors to tensors.

Source: https://github.com/kserve/open-inference-protocol; the binary extension is that of Triton.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from seqrun.datasets.series.reader import SeriesReader
from seqrun.datasets.shared.json_lines import strict_json
from seqrun.inference.results import Results
from seqrun.serving.answers import as_json
from seqrun.serving.asking import Asked, asked_of_array, asked_of_table
from seqrun.serving.json_bodies import FieldError, MalformedError, checked_options
from seqrun.serving.served import Served
from seqrun.serving.tensors import BYTES, SIZE, Tensor, read_tensor

HEADER_LENGTH = "Inference-Header-Content-Length"
TEXT, ARRAY = "text", "array"  # what inputs are called that are no columns of a table


def metadata(served: Served) -> dict[str, Any]:
    """Return the names, types and shapes of the run's inputs and outputs; -1 is any size."""
    found = [Tensor.of(name, cells) for name, cells in served.example.columns.items()] if served.example else []
    outputs = [{**tensor.described(), "shape": [-1]} for tensor in found]
    return {
        "name": served.name,
        "versions": ["1"],
        "platform": "seqrun",
        "inputs": _inputs(served),
        "outputs": outputs,
    }


def _inputs(served: Served) -> list[dict[str, Any]]:
    spec, reader = served.saved.spec, served.saved.reader
    if served.reads_texts:
        return [{"name": TEXT, "datatype": BYTES, "shape": [-1]}]
    if isinstance(reader, SeriesReader):
        reading = reader.encoder.reading
        named = [name for name in (reading.time, reading.series_id) if name is not None]
        columns = [{"name": name, "datatype": BYTES, "shape": [-1]} for name in named]
        numbers = [name for name in reader.encoder.features if name not in named]
        return columns + [{"name": name, "datatype": "FP64", "shape": [-1]} for name in numbers]
    if spec.vocabulary is not None:
        return [{"name": ARRAY, "datatype": "INT32", "shape": [-1, *spec.input_shape]}]
    padded = spec.values is not None and spec.values.padded
    shape = [-1, -1, *spec.input_shape[1:]] if padded else [-1, *spec.input_shape]
    return [{"name": ARRAY, "datatype": "FP32", "shape": shape}]


@dataclass(frozen=True)
class Inference:
    """A request for inference: what it asks, and which outputs it wants, in which form."""

    asked: Asked
    id: str | None
    outputs: Mapping[str, bool]  # those that are wanted (none: all columns) -> whether as bytes
    binary: bool  # whether outputs are bytes of which nothing is said

    @classmethod
    def of(cls, body: bytes, header_length: str | None, served: Served) -> Inference:
        """Return the request in a body, of which the first `header_length` bytes are JSON (None: all are).

        Raises MalformedError for what is no such request, InputError for inputs that the run does not have.
        """
        head, rest = _divided(body, header_length)
        parameters = _mapping(head, "parameters")
        described = _list_of(head, "inputs")
        binary = _in_turn(described, rest)
        tensors = [read_tensor(each, binary) for each in described]
        options = checked_options(parameters)
        outputs = {}
        for output in _list_of(head, "outputs") if "outputs" in head else []:
            if not isinstance(output.get("name"), str):
                raise MalformedError("each of outputs must have a name")
            outputs[output["name"]] = bool(_mapping(output, "parameters").get("binary_data"))
        id = head.get("id")
        as_bytes = bool(parameters.get("binary_data_output"))
        return cls(_asked(tensors, options, served), None if id is None else str(id), outputs, as_bytes)

    def response(self, results: Results, model: str) -> Response:
        """Return the outputs that are wanted; InputError for one that there is not."""
        there: dict[str, Any] = {**results.arrays, **results.columns}
        wanted = self.outputs or dict.fromkeys(results.columns or results.arrays, self.binary)
        described, contents = [], []
        for name, as_bytes in wanted.items():
            if name not in there:
                raise FieldError("outputs", f": there is no {name}; there are {', '.join(there)}")
            tensor = Tensor.of(name, there[name])
            if as_bytes:
                contents.append(tensor.in_bytes())
                described.append({**tensor.described(), "parameters": {SIZE: len(contents[-1])}})
            else:
                described.append(tensor.in_json())
        content = {"model_name": model, "model_version": "1", "outputs": described}
        content |= {} if self.id is None else {"id": self.id}
        if not contents:
            return as_json(content)
        head = json.dumps(content, ensure_ascii=False).encode("utf-8", "replace")
        headers = {HEADER_LENGTH: str(len(head))}
        return Response(head + b"".join(contents), headers=headers, media_type="application/octet-stream")


def _divided(body: bytes, header_length: str | None) -> tuple[dict[str, Any], bytes]:
    """Return the JSON at a body's beginning, and the bytes behind it."""
    length = len(body)
    if header_length is not None:
        if not header_length.isdigit() or int(header_length) > len(body):
            raise MalformedError(f"{HEADER_LENGTH} must be a number of bytes up to {len(body)}, not {header_length!r}")
        length = int(header_length)
    try:
        head = strict_json(body[:length])
    except ValueError as error:
        raise MalformedError(f"the request: {error}") from None
    if not isinstance(head, dict):
        raise MalformedError("the request must be an object with inputs")
    return head, body[length:]


def _in_turn(described: Sequence[Mapping[str, Any]], rest: bytes) -> Iterator[bytes]:
    """Yield the bytes of each input that has such."""
    place = 0
    for each in described:
        size = _mapping(each, "parameters").get(SIZE)
        if size is None:
            continue
        if type(size) is not int or size < 0 or place + size > len(rest):
            raise MalformedError(f"{each.get('name')}: {SIZE} {size} is more than the body has")
        yield rest[place : place + size]
        place += size


def _mapping(fields: Mapping[str, Any], name: str) -> dict[str, Any]:
    found = fields.get(name)
    if not isinstance(found, (dict, type(None))):
        raise MalformedError(f"{name} must be an object")
    return found or {}


def _list_of(fields: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = fields.get(name)
    if not isinstance(found, list) or not all(isinstance(item, dict) for item in found):
        raise MalformedError(f"{name} must be a list of objects")
    return found


def _asked(tensors: Sequence[Tensor], options: dict[str, Any], served: Served) -> Asked:
    """Return what is asked of the run with these inputs; InputError for those that it does not have."""
    by_name = {tensor.name: tensor for tensor in tensors}
    known = [each["name"] for each in _inputs(served)]
    first = by_name.get(ARRAY)
    if first is not None and len(by_name) == 1 and first.datatype != BYTES:
        return asked_of_array(first.values, options, ARRAY)
    if not by_name or not by_name.keys() <= {*known}:
        raise FieldError("inputs", f": the run reads {', '.join(known)}, not {', '.join(by_name) or 'none'}")
    if served.reads_texts:
        if by_name[TEXT].datatype != BYTES:
            raise FieldError(TEXT, f": must be BYTES, not {by_name[TEXT].datatype}")
        return Asked({**options, "texts": tuple(by_name[TEXT].values.ravel().tolist())})
    return asked_of_table({name: _column(tensor) for name, tensor in by_name.items()}, options, "inputs")


def _column(tensor: Tensor) -> list[Any]:
    """Return the cells of a column, (rows,) or (rows, 1); FieldError for a tensor that is none."""
    if tensor.values.size != max(tensor.values.shape, default=1):
        shape = [*tensor.values.shape]
        raise FieldError(tensor.name, f": a column has one value a row, not the shape {shape}; samples are {ARRAY}")
    return [*tensor.values.ravel().tolist()]
