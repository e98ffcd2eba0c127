"""What a run directory records of a run's start, data, network and results."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.answers import Answers, asked_by
from seqrun.components.counts import Counts
from seqrun.components.outcome import Outcome
from seqrun.components.spec_json import spec_artifacts
from seqrun.components.splits import Splits
from seqrun.components.unknown import told, unknown_shares
from seqrun.config.experiment import to_yaml
from seqrun.machine import opener
from seqrun.machine.device import deterministic, threads_in_use
from seqrun.machine.withheld import masked
from seqrun.rundir.directory import RunDirectory
from seqrun.rundir.environment import code_patch, environment
from seqrun.rundir.npz import compressed_npz
from seqrun.rundir.reading import REPRODUCES
from seqrun.running.sample_facts import facts_of_test
from seqrun.training.drawing import drawn

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.rundir.reading import RunRecord
    from seqrun.running.phases import Ready
    from seqrun.running.workshop import Workshop


def parts_of(model: keras.Model) -> dict[str, keras.Model]:
    """Return the models that a network is made of, by name: an autoencoder's encoder and decoder."""
    import keras

    return {layer.name: layer for layer in model.layers if isinstance(layer, keras.Model)}


def parameter_counts(model: keras.Model) -> dict[str, Any]:
    """Return how many numbers the network has, and how many of them training changes; by name, those of its parts."""
    trainable = sum(int(weight.shape.num_elements()) for weight in model.trainable_weights)
    total = model.count_params()
    counts = {"total": total, "trainable": trainable, "non_trainable": total - trainable}
    return counts | {name: parameter_counts(part) for name, part in parts_of(model).items()}


def with_own_plugins(experiment: Experiment, run: Path) -> Experiment:
    """Return the experiment with its plugins copied into the run, to be repeated even if the originals change."""
    copies: list[Path] = []
    for plugin in experiment.plugins:
        folder = "plugins" if plugin.name not in {other.name for other in copies} else f"plugins/{len(copies) + 1}"
        copy = run / folder / plugin.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(opener.read_bytes(plugin, opener.MOST_PLUGIN))
        copies.append(copy)
    return replace(experiment, plugins=tuple(copies)) if copies else experiment


def record_start(directory: RunDirectory, made: Ready, workshop: Workshop) -> None:
    """Record what the run is made with: its config, code, packages, machine, data and network.

    `run.json` comes last, as a whole: a directory that has one can be gone on with.
    """
    experiment, splits = made.experiment, made.splits
    directory.write_text("config.yaml", to_yaml(experiment))
    if patch := code_patch():
        directory.write_text("code.patch", patch)
    record_artifacts(directory, splits)
    directory.update(
        status="running",
        name=experiment.name,
        started=made.timer.begun,
        seed=experiment.seed,
        argv=workshop.argv,
        device=workshop.device,
        threads=threads_in_use(),
        deterministic=deterministic(),
        config=experiment.resolved(),
        from_environment=[list(each.path) for each in experiment.borrowed],
        repeat=asdict(experiment.repeat) if experiment.repeat else None,
        **_reproduced(made.original),
        metric_directions=experiment.trainer.directions(),
        **environment(),
        data=_data_record(experiment, splits),
        parameters=parameter_counts(made.model),
        warnings=[*map(masked, splits.warnings)],
        leakage=[{**asdict(leak), "mend": masked(leak.mend)} for leak in splits.leaks],
    )


def _reproduced(original: RunRecord | None) -> dict[str, Any]:
    """Return which run this one trains again, as run.json has it; nothing of any other."""
    if original is None:
        return {}
    return {REPRODUCES: {"run": original.path.resolve().name, "path": original.path.resolve()}}


def record_artifacts(directory: RunDirectory, splits: Splits) -> None:
    """Record what is needed of the data to predict."""
    for name, content in {**spec_artifacts(splits.spec), **splits.artifacts}.items():
        directory.write_bytes(f"artifacts/{name}", content)


def _data_record(experiment: Experiment, splits: Splits) -> dict[str, Any]:
    """Return where the data came from, and how many samples there are of what."""
    test = splits.test_fingerprint(reconstructed=Answers.INPUT in asked_by(experiment.trainer.tasks))
    sources = [{**asdict(source), "path": masked(str(source.path))} for source in splits.sources]
    data = {"name": experiment.dataset.name, "sources": sources, "rows": rows_of(splits), "test_sha256": test}
    if counts := Counts.of(splits):
        data["counts"] = counts.record()
    if shares := unknown_shares(splits):
        data["unknown_tokens"] = shares
    return data


def rows_of(splits: Splits) -> dict[str, int]:
    """Return how many samples each split has."""
    return {"train": len(splits.train), "validation": len(splits.validation), "test": len(splits.test)}


def facts_of(splits: Splits) -> list[str]:
    """Return what every run says of its data: samples of each class by split, and the share of unknown tokens."""
    counts, shares = Counts.of(splits), unknown_shares(splits)
    return [*([str(counts)] if counts else []), *([f"unknown tokens: {told(shares)}"] if shares else [])]


def record_paths(directory: RunDirectory, model: keras.Model) -> None:
    """Record whether the recurrent layers and the training step ran compiled."""
    from seqrun.architectures.layers.fast.compiled import arrangement_of  # here: they import TensorFlow
    from seqrun.architectures.layers.fast.fused import paths

    directory.update(recurrent_layers=paths(model), step_compiled=arrangement_of(model).of_the_whole)


def record_results(directory: RunDirectory, outcome: Outcome, model: keras.Model, splits: Splits) -> None:
    """Record the weights first, then what was measured with them."""
    record_weights(directory, model)
    directory.write_bytes("predictions.npz", compressed_npz({**facts_of_test(splits), **outcome.predictions}))
    for name, content in outcome.artifacts.items():
        directory.write_bytes(f"artifacts/{name}", content)
    plots, doubts = drawn(outcome.figures)
    for name, content in plots.items():
        directory.write_bytes(f"plots/{name}.png", content)
    for doubt in doubts:
        logging.getLogger("seqrun").warning(doubt)
    results = {
        "best_epoch": outcome.best_epoch,
        **outcome.metrics,
        "baselines": outcome.baselines,
        "skill": outcome.skill,
        **outcome.details,
    }
    directory.write_json("metrics.json", results)


def record_weights(directory: RunDirectory, model: keras.Model) -> None:
    """Record the weights of the network and of its parts."""
    for name, part in {"model": model, **parts_of(model)}.items():
        directory.write_bytes(f"{name}.weights.h5", _weights(part))


class _WeightsFile(BytesIO):
    """A file in memory, for Keras, which judges a file by the end of its name.

    HDF5 itself writing to a disk that fills up can crash the process, when it ends at the latest.
    """

    def __str__(self) -> str:
        return "model.weights.h5"


def _weights(model: keras.Model) -> bytes:
    file = _WeightsFile()
    model.save_weights(file)
    return file.getvalue()
