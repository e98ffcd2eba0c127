"""Steps as a GPU would take them, read from the graph: everything has a kernel there, and no data are sent to it."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest
import tensorflow as tf
from gpu_graph import Functions, Sent
from smoke_configs import SMOKE, experiment_and_splits

from seqrun.components.session import Session
from seqrun.machine import device
from seqrun.running.phases import build_model, fit
from seqrun.training import program

LARGEST = 16  # numbers of a tensor that may go to the GPU in each step


def sent_by_keras(sent: Sent) -> bool:
    """Whether its use of cuDNN sends this: lengths of sequences that are read backwards, cuDNN's notes for the
    gradient, and masks, of which it looks on the host whether they are of cuDNN's form.
    """
    return sent.to in ("ReverseSequence", "ZerosLike") or sent.dtype == "bool" or "SequenceMask" in sent.name


class Traced(Exception):
    """The step is traced."""


@pytest.fixture
def traced(monkeypatch):
    """traced(config): the functions of a config's compiled steps, as on a GPU with cuDNN."""

    def trace(self, samples, order, start, count, batch_size, places=None) -> None:
        numbers = program._tensors(order, places)
        read = (program._gather(samples, places), samples.tensors, *numbers)
        raise Traced(self._train.get_concrete_function(*read, tf.constant(start), tf.constant(count), batch_size))

    def traced(config: Path) -> Functions:
        experiment, splits = experiment_and_splits(config)
        with pytest.raises(Traced) as caught:
            fit(experiment, build_model(experiment, splits.spec), splits, Session(1, lambda event: None))
        return Functions(caught.value.args[0])

    monkeypatch.setattr(device, "on_gpu", lambda: True)
    monkeypatch.setattr(device, "deterministic", lambda: False)
    monkeypatch.setattr(import_module("keras.src.backend.tensorflow.rnn"), "_is_gpu_available", lambda: True)
    monkeypatch.setattr(program.Program, "train_steps", trace)
    return traced


@pytest.mark.parametrize("config", SMOKE, ids=lambda config: config.stem)
def test_steps_have_all_kernels_and_their_data_on_a_gpu(config, traced):
    functions = traced(config)
    assert functions.without_kernel() == set()
    sent = functions.sent(functions.body())
    large = [each for each in sent if each.size is None or each.size > LARGEST]
    assert [each for each in large if not sent_by_keras(each)] == []
