"""WaveNet: how far it sees, and the gated network by its equations in NumPy."""

import numpy as np
import pytest


def causal(x, kernel, bias, dilation):
    """(batch, time, filters): each step's sum over itself and those `dilation` apart before it."""
    size, (batch, time, _) = len(kernel), x.shape
    y = np.zeros((batch, time, kernel.shape[-1])) + bias
    for tap in range(size):
        back = (size - 1 - tap) * dilation
        y[:, back:] += x[:, : time - back] @ kernel[tap]
    return y


def test_the_gated_network_is_that_of_the_equations(make, series):
    network = make("wavenet", filters=4, kernel_size=3, dilations=[1, 2], blocks=2, gated=True, activation="relu")
    model = network.build(series(12, 2, horizon=3, forecast="sequence"))
    draw = np.random.default_rng(0)
    model.set_weights([draw.normal(0, 0.5, weight.shape) for weight in model.get_weights()])
    x = draw.normal(size=(2, 12, 2))

    def layer(name, x, dilation=1):
        return causal(x, *model.get_layer(name).get_weights(), dilation)

    h, skipped = layer("conv1d_input", x), 0
    for number, dilation in enumerate((1, 2, 1, 2), start=1):
        gate = 1 / (1 + np.exp(-layer(f"gate_{number}", h, dilation)))
        z = np.tanh(layer(f"filter_{number}", h, dilation)) * gate
        skipped = skipped + layer(f"skip_{number}", z)
        if number < 4:
            h = h + layer(f"residual_{number}", z)
    summed = np.maximum(layer("conv1d_output", np.maximum(skipped, 0)), 0)
    kernel, bias = model.get_layer("output").get_weights()
    expected = (summed @ kernel + bias)[..., None]  # (batch, time, horizon, 1)
    np.testing.assert_allclose(model(x.astype("float32")).numpy(), expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize(("dilations", "blocks", "kernel_size"), [([1, 2, 4, 8], 1, 2), ([1, 3], 2, 3), (2, 3, 2)])
def test_the_last_step_sees_as_far_back_as_the_dilations_reach(make, series, dilations, blocks, kernel_size):
    network = make("wavenet", filters=3, dilations=dilations, blocks=blocks, kernel_size=kernel_size, activation="tanh")
    model = network.build(series(40))
    window = np.random.default_rng(0).normal(size=(1, 40, 1)).astype("float32")
    changed = np.repeat(window, 40, axis=0)
    changed[np.arange(40), np.arange(40)] += 1  # in the i-th window the i-th step
    matters = abs(model(changed).numpy() - model(window).numpy()).max(axis=(1, 2)) > 1e-7
    total = sum(dilations) if isinstance(dilations, list) else dilations
    assert np.flatnonzero(matters).min() == 39 - blocks * (kernel_size - 1) * total
    assert matters[-1]
