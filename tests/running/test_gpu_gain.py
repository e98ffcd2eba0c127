"""When a GPU pays: the products of a step, and what is said of them."""

from __future__ import annotations

from types import SimpleNamespace

import keras
import pytest

from seqrun.running import gpu_gain


def reader(units: int) -> keras.Model:
    return keras.Sequential(
        [keras.Input((128,), dtype="int32"), keras.layers.Embedding(1000, 64), keras.layers.LSTM(units)]
    )


@pytest.mark.parametrize(
    ("units", "batch_size", "pays"),
    [(32, 100, False), (32, 200, True), (64, 100, True)],  # of 32 units a GPU took as long as two cores
)
def test_a_step_large_enough_is_for_a_gpu(units, batch_size, pays):
    model, weights = reader(units), 4 * (64 * units + units * units + units)
    assert gpu_gain.products(model, batch_size) == weights * 128 * batch_size
    experiment = SimpleNamespace(trainer=SimpleNamespace(batch_size=batch_size))
    assert ("faster on a GPU" in gpu_gain.told(experiment, model)) is pays
    assert ("faster on the CPU" in gpu_gain.told(experiment, model)) is not pays


@pytest.mark.parametrize("there", [False, True])
def test_a_run_on_a_gpu_says_why(there, monkeypatch):
    monkeypatch.setattr(gpu_gain, "on_gpu", lambda: there)
    told = []
    experiment = SimpleNamespace(trainer=SimpleNamespace(batch_size=100))
    gpu_gain.tell(lambda event: told.append(event.text), "GPU:0 (H200)", experiment, reader(8))
    assert bool(told) is there
    assert all("GPU:0 (H200), which --device auto takes" in text and "faster on the CPU" in text for text in told)
