"""What a run itself predicts of its test split: as it recorded it, or computed again on this machine."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from seqrun.export.description import Description
from seqrun.export.raw import Raw
from seqrun.export.read_input import Reader
from seqrun.inference.saved import SavedRun
from seqrun.tasks.forecasting.options import MCDropout
from seqrun.tasks.reconstruction.coding import Coding

PREDICTIONS = "predictions.npz"


def in_32_bits(saved: SavedRun) -> SavedRun:
    """Return the run with a network that computes in 32 bits throughout, as exported ones do."""
    trainer = saved.experiment.trainer
    if trainer.precision == "float32":
        return saved
    plain = trainer.model_copy(update={"precision": "float32"})
    return replace(saved, experiment=replace(saved.experiment, trainer=plain))


def why_not_recorded(saved: SavedRun) -> str | None:
    """Return why what the run recorded is no measure of an export; None if it is.

    Arithmetic in 16 bits, and a GPU's in its own 19 bits, differs by more than an export may.
    """
    if not (saved.run.path / PREDICTIONS).is_file():
        return f"the run has no {PREDICTIONS}"
    if saved.run.status != "finished":
        return "the run has not finished"
    precision = saved.run.record["config"]["trainer"].get("precision", "float32")
    if precision != "float32":
        return f"the run computed in {precision}"
    if isinstance(getattr(saved.experiment.trainer, "intervals", None), MCDropout):
        return "the run's forecasts are means of draws with dropout left on, and an export has no dropout"
    if not str(saved.run.record.get("device")).startswith("CPU"):
        return f"the run computed on {saved.run.record.get('device')}"
    return None


def recorded(saved: SavedRun, description: Description) -> dict[str, np.ndarray]:
    """Return the answers in predictions.npz, by the names that an export has for them; nothing without such a file."""
    path = saved.run.path / PREDICTIONS
    if not path.is_file():
        return {}
    with np.load(path) as kept:
        found = {name: kept[name] for name in ("predictions", "lower", "upper", "codes", "errors") if name in kept}
    told = description["output"]
    if told["kind"] in ("classes", "labels", "tags"):
        return {"probabilities": both(found["predictions"])}
    if told.get("interval") is None:
        found = {name: values for name, values in found.items() if name not in ("lower", "upper")}
    return found


def both(probabilities: np.ndarray) -> np.ndarray:
    """Return probabilities of all classes; those of two are given as the second's, (samples,)."""
    return np.stack([1 - probabilities, probabilities], axis=1) if probabilities.ndim == 1 else probabilities


def computed(saved: SavedRun, description: Description, raw: Raw) -> dict[str, np.ndarray]:
    """Return what the run's own network answers to samples, computed here."""
    reader = Reader(description)
    found = reader.answers(reader.run(saved.predict, raw.inputs), inputs=raw.inputs, series=raw.more.get("series"))
    if description["output"]["kind"] == "reconstruction":
        found["codes"] = Coding.of(saved.model).encode(raw.inputs)
    return found
