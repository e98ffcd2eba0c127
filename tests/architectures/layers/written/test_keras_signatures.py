"""The committed table of Keras' layers, held equal to the installed Keras."""

import pytest

from seqrun.architectures.layers.written.checking import KINDS, NAMED
from seqrun.architectures.layers.written.signatures import table
from seqrun.architectures.layers.written.signatures_from_keras import generate

REWRITE = "python -m seqrun.architectures.layers.signatures_from_keras"


def differences(committed, installed, place="") -> list[str]:
    """Every leaf that is not the same, as `place: committed -> installed`."""
    if isinstance(committed, dict) and isinstance(installed, dict):
        keys = sorted({*committed, *installed})
        return [
            line
            for key in keys
            for line in differences(committed.get(key, "nothing"), installed.get(key, "nothing"), f"{place}.{key}")
        ]
    return [] if committed == installed else [f"{place.lstrip('.')}: {committed} -> {installed}"]


def test_the_table_is_what_the_installed_keras_says():
    committed, installed = dict(table()), generate()
    versions = f"written with Keras {committed.pop('keras')}, Keras {installed.pop('keras')} is installed"
    found = differences(committed, installed)
    assert not found, "\n".join([f"{versions}; rewrite it with {REWRITE}", *found])


def test_a_difference_is_told_exactly():
    old = {"layers": {"LSTM": {"arguments": {"units": "count", "unroll": "boolean"}}}}
    new = {"layers": {"LSTM": {"arguments": {"units": "count", "rolled": "boolean"}}}}
    assert differences(old, new) == [
        "layers.LSTM.arguments.rolled: nothing -> boolean",
        "layers.LSTM.arguments.unroll: boolean -> nothing",
    ]


@pytest.mark.parametrize("family", ["initializer", "regularizer", "constraint"])
def test_every_named_object_can_be_made_with_what_its_signature_requires(family):
    import keras

    for name, signature in table()["objects"][family].items():
        config = dict.fromkeys(signature["required"], 0.5)
        made = getattr(keras, f"{family}s").get({"class_name": name, "config": config})
        assert set(made.get_config()) <= set(signature["arguments"]), name


def test_every_kind_of_argument_has_a_check():
    signatures = [*table()["layers"].values(), *(s for family in table()["objects"].values() for s in family.values())]
    kinds = {kind.rstrip("?") for signature in signatures for kind in signature["arguments"].values()}
    assert kinds <= {*KINDS, *NAMED, "layer"}
