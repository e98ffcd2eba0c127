"""The mean of embeddings, against NumPy."""

import numpy as np


def test_it_is_the_mean_of_the_vectors_that_are_not_padding(make, tokens):
    model = make("bag_of_words", embedding_dim=4).build(tokens(size=20, length=6))
    table, kernel, bias = model.get_weights()
    mean = table[[1, 7, 9, 7]].mean(axis=0)
    expected = 1 / (1 + np.exp(-(mean @ kernel + bias)))
    np.testing.assert_allclose(model(np.array([[0, 0, 1, 7, 9, 7], [7, 9, 7, 1, 0, 0]])), [expected] * 2, rtol=1e-5)


def test_dense_layers_stand_between_the_mean_and_the_output(make, tokens):
    model = make("bag_of_words", embedding_dim=4, dense=[5, 3], activation="tanh").build(tokens(size=20, classes=3))
    assert model.count_params() == 20 * 4 + (4 * 5 + 5) + (5 * 3 + 3) + (3 * 3 + 3)
    assert model.get_layer("dense_2").activation.__name__ == "tanh"
