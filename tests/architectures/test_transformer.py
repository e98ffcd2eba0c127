"""The transformer encoder: sizes by formula, masking by what must not change."""

import keras
import numpy as np
import pytest


def parameters(vocabulary, length, width, blocks, feed_forward, *, pre_norm):
    """Counted from the equations of Vaswani et al., 2017: projections with biases, two norms a block."""
    attention = 4 * (width * width + width)
    two_layers = width * feed_forward + feed_forward + feed_forward * width + width
    block = attention + two_layers + 2 * 2 * width
    positions = (length + 1) * width  # 0 is padding
    return vocabulary * width + positions + blocks * block + 2 * width * pre_norm + width + 1


def test_the_parameters_are_those_of_the_equations(make, tokens):
    sizes = {"width": 12, "layers": 3, "heads": 4, "feed_forward": 20}
    for norm in ("pre", "post"):
        model = make("transformer", norm=norm, **sizes).build(tokens(size=50, length=9))
        assert model.count_params() == parameters(50, 9, 12, 3, 20, pre_norm=norm == "pre")


def strong(model: keras.Model) -> keras.Model:
    """Weights large enough that every step matters to the output."""
    draw = np.random.default_rng(0)
    for layer in model.layers:
        if layer.trainable and layer.count_params() and not isinstance(layer, keras.layers.LayerNormalization):
            layer.set_weights([draw.normal(0, 1, weight.shape) for weight in layer.get_weights()])
    return model


@pytest.mark.parametrize("pooling", ["average", "first", "last"])
@pytest.mark.parametrize(("norm", "positions"), [("pre", "learned"), ("post", "sinusoidal")])
def test_padding_before_or_after_has_no_effect(make, tokens, pooling, norm, positions):
    network = make(
        "transformer", width=8, layers=2, heads=2, feed_forward=8, pooling=pooling, norm=norm, positions=positions
    )
    model = strong(network.build(tokens(length=9)))
    review = [1, 7, 30, 4, 12]
    before, after, around = [0, 0, 0, 0, *review], [*review, 0, 0, 0, 0], [0, 0, *review, 0, 0]
    expected, *others = model(np.array([before, after, around])).numpy()
    np.testing.assert_allclose(others, [expected, expected], rtol=1e-4)

    shorter = network.build(tokens(length=5))
    weights = model.get_weights()
    shape_of_positions = next(i for i, weight in enumerate(weights) if weight.shape == (10, 8))
    weights[shape_of_positions] = weights[shape_of_positions][:6]
    shorter.set_weights(weights)
    np.testing.assert_allclose(shorter(np.array([review])).numpy(), [expected], rtol=1e-4)


@pytest.mark.parametrize("positions", ["learned", "sinusoidal"])
def test_the_order_of_the_tokens_has_an_effect(make, tokens, positions):
    model = strong(make("transformer", width=8, feed_forward=8, positions=positions).build(tokens(length=4)))
    orders = np.array([[1, 7, 30, 4], [1, 30, 4, 7]])
    one, other = model(orders).numpy()
    assert abs(one - other).max() > 1e-3

    table = model.get_layer("positions")
    table.set_weights([0 * table.get_weights()[0]])
    one, other = model(orders).numpy()  # a set of tokens, whatever their order
    assert abs(one - other).max() < 1e-6


def test_positions_are_the_papers_sines_and_cosines_and_stay_so(make, tokens):
    model = make("transformer", width=6, feed_forward=6, positions="sinusoidal").build(tokens(length=10))
    table = model.get_layer("positions")
    (weights,) = table.get_weights()
    for position in range(11):
        for pair in range(3):
            angle = position / 10_000 ** (2 * pair / 6)
            np.testing.assert_allclose(weights[position, [pair, pair + 3]], [np.sin(angle), np.cos(angle)], atol=1e-6)
    assert not table.trainable


@pytest.mark.parametrize(
    ("pooling", "alike", "other"),
    [
        ("first", [[0, 5, 2, 3, 4], [5, 9, 8, 7, 0]], [6, 5, 2, 3, 4]),
        ("last", [[0, 2, 3, 4, 5], [3, 9, 8, 5, 0]], [0, 2, 3, 4, 6]),  # 5 is the fourth token in both
    ],
)
def test_one_step_alone_can_be_pooled(make, tokens, pooling, alike, other):
    """Without attention (its output projection is zero) only that token, where it stands, can matter."""
    model = make("transformer", width=8, feed_forward=8, pooling=pooling).build(tokens(length=5))
    strong(model)
    attention = model.get_layer("attention_1")
    attention.set_weights([*attention.get_weights()[:-2], *(0 * w for w in attention.get_weights()[-2:])])
    same, others = model(np.array(alike)).numpy(), model(np.array([other])).numpy()
    np.testing.assert_allclose(same[0], same[1], rtol=1e-5)
    assert abs(same[0] - others[0]).max() > 1e-4


def test_numbers_are_projected_to_the_width(make, values):
    model = make("transformer", width=8, heads=4).build(values(10, 3, classes=3))
    assert model.get_layer("projection").count_params() == 3 * 8 + 8
    assert model(np.ones((2, 10, 3), "float32")).shape == (2, 3)


def test_heads_that_do_not_divide_the_width_are_a_problem(problems_of):
    found = problems_of("architecture: {name: transformer, heads: 5}")  # the width is 64 by default
    assert found == {"architecture.heads": "5 heads cannot share a width of 64, which they do not divide"}
