"""Splits as one npz file: arrays as they are, everything else as JSON. Reading it runs no code."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from seqrun.components.leaks import Leak
from seqrun.components.provenance import Source
from seqrun.components.spec_json import spec_artifacts, spec_from_artifacts
from seqrun.components.splits import Split, Splits, Windows
from seqrun.datasets.files.npz import read_array
from seqrun.datasets.samples.arrays import array_names
from seqrun.machine.opener import open_file
from seqrun.rundir.npz import write_npz

# Members of the npz: the JSON, the content of each file of `artifacts`, and which test samples stand elsewhere too.
FACTS, FILE, SEEN = "facts", "file/", "seen"
_SPLITS = ("train", "validation", "test")
_KINDS = {"samples": Split, "windows": Windows}


def write_splits(file: BinaryIO, splits: Splits, notes: Mapping[str, Any]) -> None:
    """Write the splits, together with `notes`, which may be anything that JSON can hold."""
    arrays: list[np.ndarray] = []
    facts = {
        "notes": notes,
        "splits": {name: _described(getattr(splits, name), arrays) for name in _SPLITS},
        "sources": [[source.kind, str(source.path), source.sha256] for source in splits.sources],
        "warnings": splits.warnings,
        "leaks": [asdict(leak) for leak in splits.leaks],
        "series": splits.series,
        "spec": {name: content.decode() for name, content in spec_artifacts(splits.spec).items()},
    }
    members = {str(number): array for number, array in enumerate(arrays)}
    if splits.seen is not None:
        members[SEEN] = splits.seen
    members |= {f"{FILE}{name}": _bytes(content) for name, content in splits.artifacts.items()}
    members[FACTS] = _bytes(json.dumps(facts).encode())
    write_npz(file, members)


def read_splits(path: Path) -> tuple[Splits, dict[str, Any]]:
    """Return the splits and notes that `write_splits` wrote.

    A damaged file raises the errors of zipfile, numpy and json.
    """
    with open_file(path) as file, zipfile.ZipFile(file) as archive:
        members = {name: read_array(archive, name) for name in array_names(archive)}
    facts = json.loads(members[FACTS].tobytes())
    arrays = {int(name): array for name, array in members.items() if name.isdigit()}
    seen = members.get(SEEN)
    artifacts = {name.removeprefix(FILE): array.tobytes() for name, array in members.items() if name.startswith(FILE)}
    train, validation, test = (_rebuilt(facts["splits"][name], arrays) for name in _SPLITS)
    splits = Splits(
        spec=spec_from_artifacts({name: content.encode() for name, content in facts["spec"].items()}),
        train=train,
        validation=validation,
        test=test,
        sources=tuple(Source(kind, Path(where), sha256) for kind, where, sha256 in facts["sources"]),
        artifacts=artifacts,
        warnings=tuple(facts["warnings"]),
        series=facts["series"],
        seen=seen,
        leaks=tuple(Leak(**leak) for leak in facts["leaks"]),
    )
    return splits, facts["notes"]


def size(splits: Splits) -> int:
    """Return how many bytes the splits' arrays have."""
    arrays: list[np.ndarray] = []
    for name in _SPLITS:
        _described(getattr(splits, name), arrays)
    return sum(array.nbytes for array in arrays)


def _described(split: Split | Windows, arrays: list[np.ndarray]) -> dict[str, Any]:
    """Return the fields of a split as JSON can hold them, and `kind`, the name of its class.

    An array becomes {"array": number}: its number in `arrays`, the list of all arrays of the file, to which it is added
    if it is new. The splits of a series share their arrays, so these are written once.
    """
    described: dict[str, Any] = {"kind": next(name for name, kind in _KINDS.items() if type(split) is kind)}
    for each in fields(split):
        value = getattr(split, each.name)
        described[each.name] = {"array": _number(value, arrays)} if isinstance(value, np.ndarray) else value
    return described


def _number(array: np.ndarray, arrays: list[np.ndarray]) -> int:
    """Return the array's number in the list, to which it is appended if it is new."""
    for number, known in enumerate(arrays):
        if known is array:
            return number
    arrays.append(array)
    return len(arrays) - 1


def _rebuilt(described: dict[str, Any], arrays: Mapping[int, np.ndarray]) -> Split | Windows:
    """Return the split from which `_described` made this."""
    values = dict(described)
    kind = _KINDS[values.pop("kind")]
    return kind(**{name: _value(value, arrays) for name, value in values.items()})


def _value(value: Any, arrays: Mapping[int, np.ndarray]) -> Any:
    """Return the value of a field: an array for its number, tuples in place of JSON's lists."""
    if isinstance(value, dict):
        return arrays[value["array"]]
    return tuple(_value(item, arrays) for item in value) if isinstance(value, list) else value


def _bytes(content: bytes) -> np.ndarray:
    return np.frombuffer(content, np.uint8)
