"""Whether the networks of a case are the same: on equal weights, the largest difference of their outputs.

    python -m benchmarks.twins [CASE...]

prints, of each case on a few samples of small data, how far the outputs of seqrun and of PyTorch are from Keras', in
proportion to the spread of those.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from keras import layers

from benchmarks import keras_fit
from benchmarks.cases import CASES, JENA, ROOT, Job
from benchmarks.data import data_folder
from seqrun.components.locations import Locations
from seqrun.components.splits import Windows
from seqrun.machine.device import select_device
from seqrun.running.phases import build_model

SMOKE = ROOT / "configs" / "smoke" / "data"  # small files with the layout of the published ones
SAMPLES, ALIKE = 8, 1e-5
KINDS = (
    layers.Embedding,
    layers.Conv1D,
    layers.Dense,
    layers.LSTM,
    layers.GRU,
    layers.SimpleRNN,
    layers.Bidirectional,
    layers.BatchNormalization,
    layers.LayerNormalization,
    layers.MultiHeadAttention,
)


def job_of(name: str, data_dir: Path) -> Job:
    """Return a case's job on the data of a folder."""
    case = CASES[name]
    experiment = case.experiment(data_dir=data_dir)
    splits = experiment.dataset.load(Locations(data_dir, emit=lambda event: None))
    return Job(case.network, experiment, splits, case.steps, case.epochs, 1)


def samples(job: Job) -> np.ndarray:
    """Return the inputs of some samples, far from each other, as the networks take them."""
    train = job.splits.train
    chosen = np.linspace(0, len(train) - 1, SAMPLES).astype(int)
    return train.taken(chosen).inputs().astype(np.float32) if isinstance(train, Windows) else train.inputs[chosen]


def by_kind(model: keras.Model) -> dict[type, list[keras.Layer]]:
    """Return the layers that have weights, those of its parts too, in order, by what kind they are of."""
    found: dict[type, list[keras.Layer]] = {}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            for kind, inner in by_kind(layer).items():
                found.setdefault(kind, []).extend(inner)
        elif layer.weights:
            [kind] = [kind for kind in KINDS if isinstance(layer, kind)]
            found.setdefault(kind, []).append(layer)
    return found


def drawn(job: Job) -> keras.Model:
    """Return the plain Keras network, with weights of which none is 0: biases and statistics are too, at first."""
    build, *_ = keras_fit.NETWORKS[job.network]
    keras.utils.set_random_seed(1)
    model = build(job.sizes)
    rng = np.random.default_rng(1)
    model.set_weights([weight + rng.normal(0, 0.03, weight.shape) for weight in model.get_weights()])
    return model


def of_seqrun(job: Job, plain: keras.Model) -> keras.Model:
    """Return seqrun's network with the weights of the plain one.

    They come in the same order, except where a layer's place in a list is by chance; a convolution over one step is a
    dense layer.
    """
    model = build_model(job.experiment, job.experiment.architecture.accept(job.splits.spec))
    given, own = plain.get_weights(), model.get_weights()
    if [each.size for each in given] == [each.size for each in own]:
        model.set_weights([weight.reshape(each.shape) for weight, each in zip(given, own, strict=True)])
        return model
    theirs, ours = by_kind(plain), by_kind(model)
    for kind in theirs.keys() | ours.keys():
        for layer, other in zip(ours[kind], theirs[kind], strict=True):
            layer.set_weights(other.get_weights())
    return model


def differences(name: str, data_dir: Path) -> Iterator[tuple[str, float]]:
    """Yield side and the largest difference from Keras' outputs, in proportion to their spread."""
    job = job_of(name, data_dir)
    inputs = samples(job)
    plain = drawn(job)
    wanted = np.asarray(plain(inputs, training=False))
    real = inputs != 0 if job.network == "tagger" else np.ones(len(wanted), bool)  # padding's outputs mean nothing
    weights = by_kind(plain)
    yield "seqrun", _largest(np.asarray(of_seqrun(job, plain)(inputs, training=False)), wanted, real)
    from benchmarks.twins_pytorch import outputs  # here: PyTorch is not everywhere

    yield "pytorch", _largest(outputs(job, weights, inputs), wanted, real)


def _largest(found: np.ndarray, wanted: np.ndarray, real: np.ndarray) -> float:
    found, wanted = found.reshape(wanted.shape)[real], wanted[real]
    return float(np.abs(found - wanted).max() / np.ptp(wanted))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", metavar="CASE", help=", ".join(CASES))
    arguments = parser.parse_args()
    select_device("cpu", 1)
    far = False
    with TemporaryDirectory() as folder:
        data_folder(SMOKE, Path(folder) / "data", left_out=(JENA,))  # which has fewer rows than a window takes
        for name in arguments.what or [name for name, case in CASES.items() if not case.alone]:
            for side, difference in differences(name, Path(folder) / "data"):
                far |= not difference < ALIKE
                print(f"{name:20} {side:8} {difference:.1e}", flush=True)
    return int(far)


if __name__ == "__main__":
    sys.exit(main())
