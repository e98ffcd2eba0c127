"""Networks of Keras' own layers alone compute what seqrun's do, also where their recurrent layers are written out."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from seqrun.components.answers import Answers
from seqrun.components.padding import PADDING
from seqrun.components.splits import Spec, Values
from seqrun.components.targets import ClassTarget, Reconstruction, SeriesTarget, TagTarget
from seqrun.components.vocabulary import Vocabulary
from seqrun.errors import UsageError
from seqrun.export.networks import check_exportable
from seqrun.export.plain import plain_twin
from seqrun.export.unrolled import LONGEST
from seqrun.registry import REGISTRIES

TWO = ClassTarget(("bad", "good"))
WORDS = Spec((8,), TWO, Vocabulary(20, None))
TAGS = Spec((8,), TagTarget(("O", "NAME", "PLACE")), Vocabulary(20, None))
RAGGED = Spec((8, 2), TWO, values=Values(("a", "b"), (0.0, 0.0), (1.0, 1.0), padded=True))
SAMPLES = Spec((8, 2), Reconstruction(), values=RAGGED.values)
SERIES = Spec((8, 2), SeriesTarget(("a",), 3), target_features=(0,))
STEPS = Spec((8, 2), SeriesTarget(("a",), 3, steps=tuple(range(8))), target_features=(0,))

NETWORKS = [  # spec, name, settings; with `steps`, its recurrent layers written out too
    (
        WORDS,
        "lstm",
        {"units": [4, 3], "mask": True, "dropout": 0.1, "recurrent_dropout": 0.1, "batch_norm": True},
        True,
    ),
    (TAGS, "gru", {"units": 4, "bidirectional": True, "dropout": 0.1}, True),
    (RAGGED, "lstm", {"units": 4, "bidirectional": True}, True),
    (RAGGED, "conv_rnn", {"filters": 3, "kernel_size": 3, "pool_size": 2, "units": 4, "bidirectional": True}, True),
    (STEPS, "simple_rnn", {"units": 4}, True),
    (STEPS, "ln_rnn", {"units": [4, 3]}, False),
    (RAGGED, "ln_rnn", {"units": 4, "dropout": 0.1}, False),
    (STEPS, "wavenet", {"filters": 3, "dilations": [1, 2], "gated": True}, False),
    (WORDS, "transformer", {"width": 4, "heads": 2, "layers": 1, "feed_forward": 4, "pooling": "last"}, False),
    (WORDS, "bag_of_words", {"dense": [3]}, False),
    (SERIES, "dlinear", {"kernel_size": 3}, False),
    (SAMPLES, "lstm_autoencoder", {"units": 4, "latent_dim": 2, "batch_norm": True, "bidirectional": True}, True),
    (SAMPLES, "variational_autoencoder", {"latent_dim": 2, "kl_warmup": 5}, False),
    (WORDS, "sequential", {"layers": [{"name": "Embedding", "output_dim": 3}, {"name": "GRU", "units": 4}]}, False),
]


def network(spec: Spec, name: str, settings: dict) -> keras.Model:
    """The network, with drawn weights everywhere: those that begin as 0 or 1 too."""
    architecture = REGISTRIES["architecture"].get(name)(name=name, **settings)
    model = architecture.build(architecture.refine(spec))
    draw = np.random.default_rng(0)
    model.set_weights([draw.uniform(0.1, 0.9, weight.shape).astype(weight.dtype) for weight in model.weights])
    return model


def inputs(spec: Spec) -> np.ndarray:
    """Samples, the second half of which is padded as the network's are."""
    draw = np.random.default_rng(1)
    if spec.vocabulary is not None:
        ids = draw.integers(1, spec.vocabulary.size, (6, *spec.input_shape)).astype(np.int32)
        ids[3:, 5:] = 0
        return ids if spec.target.answers is Answers.TAGS else ids[:, ::-1]
    values = draw.normal(size=(6, *spec.input_shape)).astype(np.float32)
    if spec.values is not None:
        values[3:, 5:] = PADDING
    return values


@pytest.mark.parametrize(("spec", "name", "settings", "written_out"), NETWORKS)
def test_the_twin_computes_the_same_without_seqrun(spec, name, settings, written_out):
    model, given = network(spec, name, settings), inputs(spec)
    wanted = np.asarray(model(given, training=False))
    for twin in [plain_twin(model), *([plain_twin(model, unroll=True, dropout=False)] if written_out else [])]:
        assert {type(layer).__module__.partition(".")[0] for layer in twin._flatten_layers()} == {"keras"}
        np.testing.assert_allclose(np.asarray(twin(given, training=False)), wanted, atol=1e-5)


def test_recurrent_layers_do_without_cudnn():
    twin = plain_twin(network(TAGS, "lstm", {"units": 2, "bidirectional": True}))
    layers = [layer for layer in twin._flatten_layers() if isinstance(layer, keras.layers.LSTM)]
    assert [layer.use_cudnn for layer in layers] == [False, False]


# --- what is refused before it starts ---------------------------------------------------------------------------------


@keras.saving.register_keras_serializable(package="mine")
class Twice(keras.layers.Layer):
    def call(self, inputs):
        return 2 * inputs


def test_a_layer_that_keras_does_not_have_is_named():
    values = keras.Input((3,))
    with pytest.raises(UsageError, match=r"keras\.layers has nothing that computes what doubled \(Twice\) does"):
        check_exportable("keras", keras.Model(values, Twice(name="doubled")(values)))


def recurrent(steps: int) -> keras.Model:
    values = keras.Input((steps, 1))
    return keras.Model(values, keras.layers.SimpleRNN(1)(values))


def test_recurrent_layers_of_many_steps_are_not_for_litert():
    check_exportable("litert", recurrent(LONGEST))
    check_exportable("onnx", recurrent(LONGEST + 1))
    with pytest.raises(UsageError, match=r"LiteRT has no loop.*; keras, savedmodel and onnx have loops"):
        check_exportable("litert", recurrent(LONGEST + 1))
