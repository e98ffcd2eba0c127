"""What is known of Keras' layers without importing Keras: a committed table, held equal to Keras by a test."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("keras_layers.json")  # written by signatures_from_keras.py


@dataclass(frozen=True)
class Signature:
    """The arguments of a layer, or of an initializer and its like.

    Each name's kind (a key of `checking.KINDS`), and which have no default.
    """

    name: str
    arguments: dict[str, str]
    required: tuple[str, ...]


@cache
def table() -> dict[str, Any]:
    """The whole table."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def layer_names() -> list[str]:
    """Every name that a list of layers can use."""
    return [*table()["layers"], *table()["aliases"]]


def signature(name: str) -> Signature | None:
    """The signature of the layer of that name or alias; None if there is no such layer."""
    name = table()["aliases"].get(name, name)
    entry = table()["layers"].get(name)
    return entry and Signature(name, entry["arguments"], tuple(entry["required"]))


def object_signature(family: str, name: str) -> Signature:
    """The signature of an initializer, regularizer or constraint that is in the table."""
    entry = table()["objects"][family][name]
    return Signature(name, entry["arguments"], tuple(entry["required"]))


def why_excluded(name: str) -> str | None:
    """Why a layer that Keras has cannot stand in a list of layers; None if Keras has no such layer."""
    return table()["excluded"].get(name)


def activations() -> list[str]:
    """The names of Keras' activation functions."""
    return table()["activations"]
