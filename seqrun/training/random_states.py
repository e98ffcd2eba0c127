"""The states of the random generators that belong to no model: Python's, numpy's and Keras' global ones.

Layers draw from generators of their own, which are variables of the model; what a user's code draws otherwise comes
from these. TensorFlow's stateful operations (`tf.random.normal`) have hidden counters that cannot be read: code that
is to be resumed draws from `keras.random` instead.
"""

from __future__ import annotations

import random
from typing import Any

import numpy as np


def random_states() -> dict[str, Any]:
    """Return the states, as JSON can hold them."""
    version, internal, gauss = random.getstate()
    legacy = np.random.get_state(legacy=False)
    generator = legacy["state"]
    return {
        "python": [version, list(internal), gauss],
        "numpy": {**legacy, "state": {"key": generator["key"].tolist(), "pos": int(generator["pos"])}},
        "keras": None if (keras_own := _keras_generator()) is None else keras_own.state.numpy().tolist(),
    }


def set_random_states(states: dict[str, Any]) -> None:
    """Set the states to what `random_states` returned."""
    if states["keras"] is not None:
        from keras.src.random.seed_generator import global_seed_generator  # Keras has no public door to it

        global_seed_generator().state.assign(states["keras"])  # before Python's: making it draws a number there
    version, internal, gauss = states["python"]
    random.setstate((version, tuple(internal), gauss))
    legacy = states["numpy"]
    key = np.array(legacy["state"]["key"], np.uint32)
    np.random.set_state({**legacy, "state": {**legacy["state"], "key": key}})


def _keras_generator() -> Any:
    """Return the generator from which `keras.random` draws where it is given no seed; None if nothing has drawn yet."""
    from keras.src.backend.common.global_state import get_global_attribute

    return get_global_attribute("global_seed_generator")
