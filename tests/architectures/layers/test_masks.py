"""Every layer of a stack skips padding, whether or not Keras passes masks on from one recurrent layer to the next.

Keras does so up to 3.15. From 3.16 on its RNN and Bidirectional say that they support no masking, and a second layer
would read what the first one makes of padding.
"""

import keras
import numpy as np
import pytest
from keras import layers

from seqrun.architectures.layers.cells import recurrent
from seqrun.components.padding import PADDING

LENGTH, TIME = 6, 11  # steps of the sample, and of the sample with its padding
CELLS = ["simple_rnn", "lstm", "gru"]
STACKS = [(name, {"units": [4, 3], "bidirectional": both}) for name in CELLS for both in (False, True)]
# A cell each way, where another test reads every one. In one direction no step sees what comes after it.
FEW, BOTH_WAYS = [STACKS[2], STACKS[5]], [STACKS[3]]
WRITTEN = [{"name": "LSTM", "units": 4, "return_sequences": True}, {"name": "GRU", "units": 3}]
WRITTEN_BOTH_WAYS = [{"name": "Bidirectional", "layer": layer} for layer in WRITTEN]


def without_passing_masks_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes Keras' recurrent layers those of 3.16."""
    for layer in (layers.RNN, layers.Bidirectional):

        def made(self, *arguments, _make=layer.__init__, **options):
            _make(self, *arguments, **options)
            self.supports_masking = False

        monkeypatch.setattr(layer, "__init__", made)


@pytest.fixture(params=["as installed", "without passing masks on"])
def any_keras(request, monkeypatch):
    if request.param != "as installed":
        without_passing_masks_on(monkeypatch)


def named(stacks):
    return [pytest.param(*stack, id=f"{stack[0]}-{number}") for number, stack in enumerate(stacks)]


def unlike_when_padded(network, short, long, bare, padded) -> float:
    """By how much the outputs for a padded sample differ from those for the sample alone, at the sample's own steps.

    `bare` (1, LENGTH, ...) is for the network of spec `short`, `padded` (1, TIME, ...) for that of `long`.
    """
    draw = np.random.default_rng(1)
    alone, longer = network.build(short), network.build(long)
    alone.set_weights([draw.normal(0, 1, weight.shape) for weight in alone.get_weights()])
    longer.set_weights(alone.get_weights())
    return float(abs(longer(padded).numpy()[:, :LENGTH] - alone(bare).numpy()).max())


def token_ids():
    bare = np.random.default_rng(0).integers(1, 20, (1, LENGTH))
    return bare, np.zeros((1, TIME - LENGTH), bare.dtype)


@pytest.mark.usefixtures("any_keras")
@pytest.mark.parametrize(("name", "settings"), named(FEW))
def test_a_text_is_classified_as_without_its_padding(make, tokens, name, settings):
    bare, padding = token_ids()
    network = make(name, embedding_dim=5, mask=True, **settings)
    short, long = (tokens(20, length, classes=3) for length in (LENGTH, TIME))
    assert unlike_when_padded(network, short, long, bare, np.hstack([padding, bare])) < 1e-6


@pytest.mark.usefixtures("any_keras")
@pytest.mark.parametrize(("name", "settings"), named(BOTH_WAYS))
def test_tokens_are_tagged_as_without_their_padding(make, tagged, name, settings):
    bare, padding = token_ids()
    network = make(name, embedding_dim=5, **settings)
    assert unlike_when_padded(network, tagged(LENGTH), tagged(TIME), bare, np.hstack([bare, padding])) < 1e-6


@pytest.mark.usefixtures("any_keras")
@pytest.mark.parametrize(
    ("name", "settings"),
    named(
        [*FEW, ("ln_rnn", {"units": [4, 3]}), ("sequential", {"layers": WRITTEN}),
         ("sequential", {"layers": WRITTEN_BOTH_WAYS})]
    ),
)  # fmt: skip
def test_numbers_are_classified_as_without_their_padding(make, ragged, name, settings):
    bare = np.random.default_rng(0).normal(size=(1, LENGTH, 2)).astype("float32")
    padded = np.pad(bare, ((0, 0), (0, TIME - LENGTH), (0, 0)), constant_values=PADDING)
    assert unlike_when_padded(make(name, **settings), ragged(LENGTH, 2), ragged(TIME, 2), bare, padded) < 1e-6


@pytest.mark.usefixtures("any_keras")
@pytest.mark.parametrize("both_ways", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_what_stands_in_the_padding_is_never_read(cell, both_ways):
    values, mask = keras.Input((TIME, 2)), keras.Input((TIME,), dtype="bool")
    states = recurrent(values, cell, [4, 3], bidirectional=both_ways, mask=mask)
    model = keras.Model([values, mask], states)
    some, others = np.random.default_rng(0).normal(size=(2, 8, TIME, 2)).astype("float32")
    real = np.arange(TIME) < np.arange(1, 9)[:, None]  # (samples, TIME)
    changed = np.where(real[..., None], some, others)
    np.testing.assert_array_equal(model([some, real]), model([changed, real]))
    everywhere = np.ones_like(real)
    assert (abs(model([some, everywhere]) - model([changed, everywhere])).numpy().max(axis=1) > 1e-4).all()


def test_keras_itself_reads_it_where_masks_are_not_passed_on(tokens, monkeypatch):
    """So that the tests above can fail."""
    without_passing_masks_on(monkeypatch)

    class Plain:
        @staticmethod
        def build(spec):
            ids = keras.Input(spec.input_shape)
            x = layers.Embedding(20, 5, mask_zero=True)(ids)
            return keras.Model(ids, layers.LSTM(3)(layers.LSTM(4, return_sequences=True)(x)))

    bare, padding = token_ids()
    with pytest.warns(UserWarning, match="destroy the mask"):
        unlike = unlike_when_padded(Plain, tokens(20, LENGTH), tokens(20, TIME), bare, np.hstack([bare, padding]))
    assert unlike > 1e-3
