"""A plugin that draws from generators outside the model, and carries a state of its own."""

from __future__ import annotations

import json
from pathlib import Path

from commands import SMOKE

PLUGIN = '''
import os
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from seqrun.tasks.classification.trainer import Classifier


validations = 0


def validating():
    """Say by a file that the third validation is being computed, and take a second over it."""
    global validations
    validations += 1
    if validations == 3 and "VALIDATING" in os.environ:
        Path(os.environ["VALIDATING"]).touch()
        time.sleep(1)


@keras.saving.register_keras_serializable()
class Jitter(keras.layers.Layer):
    """Draws from the generator that belongs to no layer."""

    def call(self, inputs, training=False):
        if training:
            return inputs + 0.1 * keras.random.normal(keras.ops.shape(inputs))
        tf.numpy_function(validating, [], [])
        return inputs


from seqrun.components import Architecture


class Jittery(Architecture):
    """Tokens, noise, their mean."""

    inputs = frozenset({"tokens"})
    tasks = frozenset({"classification"})

    def build(self, spec):
        tokens = keras.Input(spec.input_shape)
        hidden = Jitter()(keras.layers.Embedding(spec.vocabulary.size, 4)(tokens))
        pooled = keras.layers.GlobalAveragePooling1D()(hidden)
        return keras.Model(tokens, keras.layers.Dense(spec.target.units, activation=spec.target.activation)(pooled))


class Counter:
    def __init__(self, session):
        self.drawn, self.row = [], session.save_row

    def save_row(self, row):
        self.drawn.append(float(np.random.random()))
        self.row({**row, "drawn": sum(self.drawn)})

    def state(self):
        return self.drawn

    def set_state(self, drawn):
        self.drawn = list(drawn)


class Counting(Classifier):
    """Adds up random numbers of numpy's own generator, one an epoch."""

    name: str = "counting"

    def train(self, model, splits, session):
        import dataclasses

        counter = Counter(session)
        session.carried["counter"] = counter
        return super().train(model, splits, dataclasses.replace(session, save_row=counter.save_row))
'''


def with_plugin(folder: Path, epochs: int) -> Path:
    """Write the plugin and a config that trains with it, and return the config's path.

    In a process whose environment has VALIDATING, a file of that name appears during the third validation.
    """
    (folder / "plugin.py").write_text(PLUGIN, "utf-8")
    config = folder / "own.yaml"
    sections = {
        "plugins": ["plugin.py"],
        "dataset": {"name": "imdb", "path": str(SMOKE / "data" / "imdb.npz"), "num_words": 100, "max_len": 20},
        "architecture": "jittery",
        "trainer": {"name": "counting", "epochs": epochs, "early_stopping": False},
    }
    config.write_text(json.dumps(sections), "utf-8")
    return config
