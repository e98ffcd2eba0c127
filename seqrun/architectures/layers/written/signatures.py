"""What is known of Keras' layers without importing Keras: a committed table, held equal to Keras by a test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from seqrun.machine.opener import read_text

FILE = Path(__file__).with_name("keras_layers.json")  # written by signatures_from_keras.py


@dataclass(frozen=True)
class Signature:
    """The arguments of a layer, initializer, regularizer or constraint: each one's kind, and which have no default.

    A kind is a key of `checking.KINDS`, in `checking.NAMED`, or layer; with a ? after it, the argument may be null.
    """

    name: str
    arguments: dict[str, str]
    required: tuple[str, ...]


@cache
def table() -> dict[str, Any]:
    """Return the whole table."""
    return json.loads(read_text(FILE))


def layer_names() -> list[str]:
    """Return every name that a list of layers can use."""
    return [*table()["layers"], *table()["aliases"]]


def signature(name: str) -> Signature | None:
    """Return the signature of the layer of that name or alias; None if there is no such layer."""
    name = table()["aliases"].get(name, name)
    entry = table()["layers"].get(name)
    return entry and Signature(name, entry["arguments"], tuple(entry["required"]))


def object_signature(family: str, name: str) -> Signature:
    """Return the signature of an initializer, regularizer or constraint that is in the table."""
    entry = table()["objects"][family][name]
    return Signature(name, entry["arguments"], tuple(entry["required"]))


def why_excluded(name: str) -> str | None:
    """Return why a layer of Keras cannot stand in a list of layers; None if it can, or Keras has no such layer."""
    return table()["excluded"].get(name)


def activations() -> list[str]:
    """Return the names of Keras' activation functions."""
    return table()["activations"]
