"""A label for every step: the families that give one, what they see, and what cannot keep the steps."""

import keras
import numpy as np
import pytest
from keras import layers

from seqrun.errors import ConfigError

TIME = 9
BIDIRECTIONAL = {"name": "Bidirectional", "layer": {"name": "GRU", "units": 4, "return_sequences": True}}
EMBEDDING = {"name": "Embedding", "output_dim": 4}


def seeded(build):
    keras.utils.set_random_seed(7)
    return build()


@pytest.mark.parametrize(
    ("name", "settings", "sees"),
    [
        ("simple_rnn", {"units": 4}, "past"),
        ("lstm", {"units": [4, 3], "bidirectional": True}, "all"),
        ("gru", {"units": 4, "bidirectional": True, "output_dropout": 0.1}, "all"),
        ("ln_rnn", {"units": 4}, "past"),
        ("conv1d", {"filters": 4, "kernel_size": 3, "padding": "causal", "pool_size": 1}, "past"),
        ("conv1d", {"filters": 4, "kernel_size": 3, "padding": "same", "pool_size": 1}, "ahead"),
        ("conv_rnn", {"filters": 4, "kernel_size": 1, "pool_size": 1, "bidirectional": True, "units": 4}, "all"),
        ("transformer", {"width": 4, "feed_forward": 4}, "all"),
        ("wavenet", {"filters": 4}, "past"),
        ("sequential", {"layers": [BIDIRECTIONAL]}, "all"),
    ],
)
def test_each_step_has_probabilities_that_its_own_input_changes(make, ragged, tagged, seen, name, settings, sees):
    model = seeded(lambda: make(name, **settings).build(ragged(TIME, 2, tagged(TIME).target)))
    draw = np.random.default_rng(1)
    model.set_weights(
        [draw.normal(0, 1, weight.shape) if weight.ndim > 1 else weight for weight in model.get_weights()]
    )
    assert model.output_shape == (None, TIME, 3)
    assert model.output.dtype == "float32"
    probabilities = model(draw.normal(size=(4, TIME, 2)).astype("float32")).numpy()
    np.testing.assert_allclose(probabilities.sum(axis=-1), 1, rtol=1e-5)

    matters = seen(model)  # (input step, step of the output)
    assert matters.diagonal().all()
    ahead = np.tril(matters, -1)
    assert {"past": not ahead.any(), "ahead": ahead.any(), "all": matters[TIME - 1].all()}[sees]


def test_a_bidirectional_tagger_is_that_of_plain_keras(make, tagged):
    ours = seeded(lambda: make("lstm", embedding_dim=6, units=[5, 4], bidirectional=True).build(tagged(TIME)))
    plain = seeded(
        lambda: keras.Sequential(
            [
                keras.Input((TIME,)),
                layers.Embedding(20, 6, mask_zero=True),
                layers.Bidirectional(layers.LSTM(5, return_sequences=True)),
                layers.Bidirectional(layers.LSTM(4, return_sequences=True)),
                layers.Dense(3, activation="softmax"),
            ]
        )
    )
    ids = np.random.default_rng(0).integers(1, 20, (4, TIME))
    ids[:2, 5:] = 0
    np.testing.assert_array_equal(ours(ids), plain(ids))


@pytest.mark.parametrize(
    ("name", "settings", "keys"),
    [
        ("conv1d", {}, {"padding", "pool_size"}),
        ("conv1d", {"padding": "same", "pool_size": 1, "strides": 2, "head": "last"}, {"strides", "head"}),
        ("conv_rnn", {"strides": [1, 2], "filters": [4, 4], "pool_size": 1}, {"padding", "strides"}),
        ("transformer", {"pooling": "average"}, {"pooling"}),
        ("recurrent", {"bidirectional": True}, set()),
        ("conv1d", {"padding": "causal", "pool_size": 1}, set()),
        ("conv1d", {"kernel_size": 1, "pool_size": 1}, set()),
    ],
)
def test_what_loses_the_steps_is_a_problem_at_its_key(make, tagged, problems_on_numbers, name, settings, keys):
    network = make("gru" if name == "recurrent" else name, **settings)
    found = problems_on_numbers(network, (TIME,), inputs="tokens", tasks={"tagging"})
    assert set(found) == {f"architecture.{key}" for key in keys}
    if keys:  # where the config does not tell the task
        with pytest.raises(ConfigError, match=keys.pop()):
            network.accept(tagged(TIME))


def test_a_dataset_of_several_tasks_is_asked_for_what_the_trainer_does(make, problems_on_numbers):
    network = make("lstm", bidirectional=True)
    several = {"tasks": {"forecasting", "tagging"}, "forecast": "sequence"}
    assert problems_on_numbers(network, (TIME, 2), **several, trained={"tagging"}) == {}
    found = problems_on_numbers(network, (TIME, 2), **several, trained={"forecasting"})
    assert set(found) == {"architecture.bidirectional"}


CONV = {"name": "Conv1D", "filters": 3, "kernel_size": 3}
GRU = {"name": "GRU", "units": 3, "return_sequences": True}


@pytest.mark.parametrize(
    ("layer", "reason"),
    [
        (CONV, "leaves fewer steps"),
        ({**CONV, "padding": "same", "strides": 3}, "leaves fewer steps"),
        ({**CONV, "padding": "same", "data_format": "channels_first"}, "along the features"),
        ({"name": "MaxPooling1D", "padding": "same"}, "leaves fewer steps"),
        ({"name": "SpectralNormalization", "layer": CONV}, "leaves fewer steps"),
        ({**GRU, "go_backwards": True}, "last step's state first"),
        ({"name": "Permute", "dims": [2, 1]}, "not known to leave each step where it is"),
        ({"name": "UpSampling1D", "size": 2}, "not known to leave each step where it is"),
        ({"name": "GRU", "units": 3}, "the tags stand along the time axis"),
        ("GlobalMaxPooling1D", "the tags stand along the time axis"),
        ({**CONV, "padding": "same", "dilation_rate": 2}, None),
        ({**CONV, "padding": "causal"}, None),
        ({"name": "AveragePooling1D", "pool_size": 3, "strides": 1, "padding": "same"}, None),
        ({"name": "TimeDistributed", "layer": {"name": "Dense", "units": 3}}, None),
    ],
)
@pytest.mark.filterwarnings("ignore:Layer .* was passed an input with a mask")
def test_a_list_of_layers_must_leave_each_step_where_it_is(
    make, ragged, tagged, problems_on_numbers, seen, layer, reason
):
    network = make("sequential", layers=[{"name": "Dense", "units": 4}, layer])
    found = problems_on_numbers(network, (TIME, 2), tasks={"tagging"})
    assert set(found) == (set() if reason is None else {"architecture.layers.1"})
    spec = ragged(TIME, 2, tagged(TIME).target)
    if reason is None:
        model = make("sequential", layers=[layer]).build(spec)
        assert model.output_shape == (None, TIME, 3)
        assert seen(model).diagonal().all()
    else:
        assert reason in found["architecture.layers.1"]


def test_an_embedding_of_tagged_tokens_masks_padding_unless_it_says_otherwise(make, tagged, tokens):
    def masks(embedding, spec, *after):
        model = make("sequential", layers=[embedding, *after]).build(spec)
        return model.get_layer("embedding").mask_zero

    assert masks(EMBEDDING, tagged(TIME))
    assert not masks({**EMBEDDING, "mask_zero": False}, tagged(TIME))
    assert not masks(EMBEDDING, tokens(), "Flatten")
