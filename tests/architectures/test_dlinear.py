"""DLinear against its formula in NumPy."""

import numpy as np
import pytest

from seqrun.components.splits import Spec
from seqrun.errors import ConfigError


def by_hand(past, kernel_size, trend_weights, remainder_weights):
    """(horizon,) from one series (time,): the mean around each step, and what is left, each through its own map."""
    around = kernel_size // 2
    trend = np.array(
        [
            np.mean([past[min(max(other, 0), len(past) - 1)] for other in range(step - around, step + around + 1)])
            for step in range(len(past))
        ]
    )
    maps = ((trend, trend_weights), (past - trend, remainder_weights))
    return sum(signal @ kernel + bias for signal, (kernel, bias) in maps)


@pytest.mark.parametrize("kernel_size", [1, 3, 7, 41])  # the last is longer than the window
def test_each_target_is_forecast_from_its_own_past_with_the_same_weights(make, series, kernel_size):
    shape = series(20, 4, targets=2, horizon=5)
    spec = Spec(shape.input_shape, shape.target, target_features=(3, 1))
    model = make("dlinear", kernel_size=kernel_size).build(spec)
    draw = np.random.default_rng(0)
    model.set_weights([draw.normal(size=weight.shape) for weight in model.get_weights()])
    x = draw.normal(size=(3, 20, 4)).astype("float32")
    maps = [model.get_layer(name).get_weights() for name in ("trend_forecast", "remainder_forecast")]
    expected = [[by_hand(window[:, feature], kernel_size, *maps) for feature in (3, 1)] for window in x]
    np.testing.assert_allclose(model(x).numpy(), np.swapaxes(expected, 1, 2), rtol=1e-4, atol=1e-4)
    assert model.count_params() == 2 * (20 * 5 + 5)  # however many targets there are


def test_targets_that_are_no_features_are_a_problem(make, series, problems_on_numbers):
    network = make("dlinear")
    known = {"features": ["load", "wind"], "forecast": "direct"}
    found = problems_on_numbers(network, (20, 2), targets=["price", "load"], **known)
    assert found == {"dataset.features": "dlinear forecasts a target from its own past, and price is no feature"}
    assert problems_on_numbers(network, (20, 2), targets=["load"], **known) == {}
    with pytest.raises(ConfigError, match="y0 is no feature"):
        network.accept(Spec((20, 2), series(20).target))


def test_an_average_is_around_a_step(make):
    with pytest.raises(ValueError, match="an odd number of steps"):
        make("dlinear", kernel_size=4)
