"""Keras' weights in PyTorch's networks: what each kind of layer calls them, and in which order it has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import keras
import numpy as np
import torch
from keras import layers
from torch import nn

from benchmarks.cases import Job
from benchmarks.pytorch import at_end
from benchmarks.pytorch_networks import NETWORKS

State = dict[str, np.ndarray]


def transposed(weights: Sequence[np.ndarray]) -> State:
    """Return a kernel and a bias: of a dense layer, or of a convolution (kernel, inputs, filters)."""
    return {"weight": weights[0].T, "bias": weights[1]}


def _recurrent(weights: Sequence[np.ndarray]) -> State:
    """Return those of an LSTM or SimpleRNN, which have one bias where PyTorch has two."""
    kernel, recurrent, bias = weights
    return {"weight_ih": kernel.T, "weight_hh": recurrent.T, "bias_ih": bias, "bias_hh": np.zeros_like(bias)}


def _gru(weights: Sequence[np.ndarray]) -> State:
    """Return those of a GRU: Keras begins with the update gate, PyTorch with the reset gate."""

    def reordered(array: np.ndarray) -> np.ndarray:
        update, reset, new = np.split(array, 3, axis=-1)
        return np.concatenate([reset, update, new], axis=-1)

    kernel, recurrent, biases = map(reordered, weights)
    return {"weight_ih": kernel.T, "weight_hh": recurrent.T, "bias_ih": biases[0], "bias_hh": biases[1]}


def _both_ways(weights: Sequence[np.ndarray]) -> State:
    forward, backward = _recurrent(weights[:3]), _recurrent(weights[3:])
    return _first_layer(forward) | {f"{name}_l0_reverse": array for name, array in backward.items()}


def _first_layer(state: State) -> State:
    return {f"{name}_l0": array for name, array in state.items()}


def _attention(weights: Sequence[np.ndarray]) -> State:
    """Return the projections of all heads: (inputs, heads, width) in Keras, of the outputs (heads, width, outputs)."""
    *projections, out, out_bias = weights
    kernels, biases = projections[0::2], projections[1::2]
    return {
        "in_proj_weight": np.concatenate([kernel.reshape(len(kernel), -1).T for kernel in kernels]),
        "in_proj_bias": np.concatenate([bias.ravel() for bias in biases]),
        "out_proj.weight": out.reshape(-1, out.shape[-1]).T,
        "out_proj.bias": out_bias,
    }


def _normalized(weights: Sequence[np.ndarray]) -> State:
    return dict(zip(("weight", "bias", "running_mean", "running_var"), weights, strict=False))


# Keras' kind of layer -> PyTorch's, and how the weights of the one are those of the other
KINDS: dict[type, tuple[tuple[type[nn.Module], ...], Callable[[Sequence[np.ndarray]], State]]] = {
    layers.Embedding: ((nn.Embedding,), lambda weights: {"weight": weights[0]}),
    layers.Conv1D: ((nn.Conv1d,), transposed),
    layers.Dense: ((nn.Linear,), transposed),
    layers.LSTM: ((nn.LSTM,), lambda weights: _first_layer(_recurrent(weights))),
    layers.SimpleRNN: ((nn.RNN,), lambda weights: _first_layer(_recurrent(weights))),
    layers.GRU: ((nn.GRU, nn.GRUCell), _gru),
    layers.Bidirectional: ((nn.LSTM,), _both_ways),
    layers.BatchNormalization: ((nn.BatchNorm1d,), _normalized),
    layers.LayerNormalization: ((nn.LayerNorm,), _normalized),
    layers.MultiHeadAttention: ((nn.MultiheadAttention,), _attention),
}


def outputs(job: Job, weights: Mapping[type, Sequence[keras.Layer]], inputs: np.ndarray) -> np.ndarray:
    """Return what PyTorch's network answers with the weights of Keras' layers, as probabilities where Keras does."""
    build, measure, _ = NETWORKS[job.network]
    model = build(job.sizes).eval()
    for kind, given in weights.items():
        wanted, state_of = KINDS[kind]
        for module, layer in zip(_modules(model, wanted), given, strict=True):
            state = state_of(layer.get_weights())
            if isinstance(module, nn.GRU):
                state = _first_layer(state)
            module.load_state_dict({name: torch.tensor(array) for name, array in state.items()}, strict=False)
    tokens = torch.from_numpy(inputs)
    with torch.no_grad():
        found = model(at_end(tokens) if job.network == "lstm500" else tokens)
    if isinstance(measure, nn.BCEWithLogitsLoss):
        return found.sigmoid().numpy()
    if isinstance(measure, nn.CrossEntropyLoss):
        return found.softmax(dim=1).transpose(1, 2).numpy()
    return found.numpy()


def _modules(model: nn.Module, kinds: tuple[type[nn.Module], ...]) -> list[nn.Module]:
    """Return the modules of these kinds in order; the parts of an attention are its own."""
    own = {
        id(part)
        for module in model.modules()
        if isinstance(module, nn.MultiheadAttention)
        for part in module.children()
    }
    return [module for module in model.modules() if isinstance(module, kinds) and id(module) not in own]
