"""What a network's weights are not fewer than, told from its settings alone, against the network as Keras builds it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from seqrun.components.outline import Outline

TEXTS = [
    ("lstm", {"units": [3, 2], "embedding_dim": 5}),
    ("conv_rnn", {"filters": [3, 2], "kernel_size": 2, "pool_size": 1, "units": [3, 2]}),
    ("conv1d", {"filters": [3, 4], "kernel_size": 2, "pool_size": 1, "dense": [6, 2], "head": "flatten"}),
    ("transformer", {"width": 4, "layers": 2, "feed_forward": 3, "embedding_dim": 3}),
    ("transformer", {"width": 4, "heads": 4, "positions": "sinusoidal", "norm": "post"}),
    ("bag_of_words", {"dense": [3, 7]}),
    ("bag_of_words", {}),
]
NUMBERS = [
    ("simple_rnn", {"units": 40, "bidirectional": True}),
    ("ln_rnn", {"units": [3, 4]}),
    ("dense", {"units": [3, 4]}),
    ("conv1d", {"filters": 3, "kernel_size": [2], "pool_size": 1, "strides": 2}),
    ("transformer", {"width": 2, "heads": 1}),
    ("wavenet", {"filters": 3, "dilations": [1, 2], "blocks": 1}),
    ("wavenet", {"filters": 3, "dilations": 1, "blocks": 1, "gated": True}),
    ("wavenet", {"filters": 3, "kernel_size": 3, "dilations": [1, 2], "blocks": 2, "gated": True}),
    ("linear", {}),
]
CODES = [
    ("lstm_autoencoder", {"units": [5, 3], "bidirectional": True, "latent_dim": 2}),
    ("conv_autoencoder", {"filters": [3, 4], "kernel_size": [3, 2], "strides": 2, "latent_dim": 2}),
    ("variational_autoencoder", {"body": {"name": "lstm", "units": 3}, "latent_dim": 2}),
    ("variational_autoencoder", {"body": {"name": "conv", "filters": [3, 4], "strides": [1, 3]}, "latent_dim": 2}),
]
# The counts leave out biases, normalisation and the output layer, and of recurrent networks what no state goes through.
SHARE = {"lstm": 0.6, "conv_rnn": 0.9, "simple_rnn": 0.4, "ln_rnn": 0.3}


def counted(architecture, spec) -> None:
    """Check the count against Keras', with all known of the samples and with nothing."""
    spec = architecture.accept(spec)
    built, outline = architecture.build(spec).count_params(), spec.outline()
    known = architecture.least_weights(outline)
    unknown = replace(outline, length=None, features=None, vocabulary_size=None, ahead=None, units=None)
    assert SHARE.get(architecture.name, 0.7) * built <= known <= built
    assert architecture.least_weights(unknown) <= known


@pytest.mark.parametrize(("name", "settings"), TEXTS)
def test_of_texts(make, tokens, name, settings):
    counted(make(name, **settings), tokens(size=50, length=9, classes=3))


@pytest.mark.parametrize(("name", "settings"), NUMBERS)
def test_of_numbers(make, values, name, settings):
    counted(make(name, **settings), values(9, 4))


@pytest.mark.parametrize(("name", "settings"), CODES)
def test_of_codes(make, values, name, settings):
    counted(make(name, **settings), values(9, 4))


@pytest.mark.parametrize("name", ["linear", "dlinear", "wavenet"])
def test_of_forecasts(make, series, name):
    counted(make(name), series(12, 3, targets=2, horizon=4))


def test_word_vectors_of_a_file_count_as_little_as_they_may(make, tmp_path):
    network = make("bag_of_words", embedding={"path": tmp_path / "unread.txt"})
    assert network.least_weights(Outline("tokens", "once", vocabulary_size=50)) == 50
