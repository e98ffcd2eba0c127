"""How far an exported network's answers are from the run's own, over the test split; and samples that travel along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqrun.export.description import Description
from seqrun.export.loaded import ExportError, Loaded
from seqrun.export.raw import Raw, Samples
from seqrun.export.reference import PREDICTIONS, computed, recorded, why_not_recorded
from seqrun.inference.saved import SavedRun

TOLERANCE = 1e-4  # of probabilities, and of numbers in the network's units
GOLDEN = 8  # samples that travel along
ODD_TEXTS = ["", "An ÉTÉ of 1,000 nights -- don't!", "ΟΔΟΣ İstanbul e\u0301 \u212b naïve\u00a0word"]
Answers = Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Compared:
    """The content of parity.json and of golden.json."""

    parity: dict[str, Any]
    golden: dict[str, Any]


def compared(saved: SavedRun, description: Description, loaded: Loaded, samples: Samples) -> Compared:
    """Return how far the loaded network's answers to the test split are from the run's.

    These are the recorded ones, or where they are no measure (`why_not_recorded`) its network's, computed here. Raises
    ExportError if no sample could be compared.
    """
    tested = _tested(saved, description, loaded, samples)
    golden = samples.some(GOLDEN)
    if description["input"]["kind"] == "texts":
        golden = golden.with_texts(ODD_TEXTS, saved)
    answers, names = computed(saved, description, golden), golden.more.get("series", np.empty(0))
    of_golden = differences(description, loaded.answers(golden), answers, names)
    largest = max(*tested["differences"].values(), *of_golden.values())
    parity = {"difference": largest, "tolerance": TOLERANCE, **tested, "golden_differences": of_golden}
    return Compared(parity, _golden(golden, answers))


def _tested(saved: SavedRun, description: Description, loaded: Loaded, samples: Samples) -> dict[str, Any]:
    """Return what parity.json says of the test split."""
    known, why = recorded(saved, description), why_not_recorded(saved)
    parts: list[tuple[Answers, Answers, Answers]] = []  # exported, of the run, recorded
    series: list[np.ndarray] = []
    for chosen, raw in samples.parts():
        own, kept = {name: values[chosen][raw.exact] for name, values in known.items()}, raw.kept()
        if len(kept.inputs):
            here = own if why is None else computed(saved, description, kept)
            parts.append((loaded.answers(kept), here, own))
            series.append(kept.more.get("series", np.empty(0)))
    if not parts:
        raise ExportError("no test sample has a raw form that is read as its inputs, so nothing can be compared")
    found, wanted, written = (_joined(each) for each in zip(*parts, strict=True))
    names, count = np.concatenate(series), len(next(iter(found.values())))
    told: dict[str, Any] = {"against": PREDICTIONS if why is None else f"what the run's network gives here, as {why}"}
    told |= {"samples": count, "samples_left_out": len(samples.split) - count}  # those without such a raw form
    told["differences"] = differences(description, found, wanted, names)
    if why is not None and written:
        both = {name: written[name] for name in written.keys() & found.keys()}
        told["differences_from_recorded"] = differences(description, found, both, names)
    return told


def _joined(parts: Sequence[Answers]) -> dict[str, np.ndarray]:
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _golden(raw: Raw, answers: Answers) -> dict[str, Any]:
    more = dict(raw.more)
    if "times" in more:
        more["times"] = more["times"].astype("datetime64[s]").astype(np.int64)
    return {"samples": raw.samples, **more, "inputs": raw.inputs, "answers": answers}


def differences(description: Description, found: Answers, wanted: Answers, series: np.ndarray) -> dict[str, float]:
    """Return the largest difference of each answer, in the units of TOLERANCE; infinite where one lacks a number.

    Numbers in original units are compared in the network's, and where the network's are above 1, in proportion to the
    largest: 32 bits hold no more. `series` are the names of the samples' series, where each has its own units.
    """
    if lacking := wanted.keys() - found.keys():
        raise ExportError(f"the exported network does not give {' and '.join(sorted(lacking))}")
    if "decoded" in found and "predictions" in wanted:
        wanted = {**wanted, "decoded": wanted["predictions"]}
    units = {name: _unit(description["output"], name, values, series) for name, values in wanted.items()}
    return {name: _largest(found[name] / units[name], wanted[name] / units[name]) for name in wanted}


def _largest(found: np.ndarray, wanted: np.ndarray) -> float:
    """Return the largest distance; infinite if only one of the two has no number at a place."""
    if found.shape != wanted.shape or not np.array_equal(np.isnan(found), np.isnan(wanted)):
        return float("inf")
    apart = np.abs(found.astype(np.float64) - wanted, where=found != wanted, out=np.zeros(found.shape))
    return float(np.nanmax(apart, initial=0.0))


def _unit(told: Description, name: str, values: np.ndarray, series: np.ndarray) -> Any:
    """Return by what the values of an answer are divided before they are compared."""
    scale, offset = np.array(1.0), np.array(0.0)
    if name in ("predictions", "lower", "upper", "decoded"):
        known = told.get("series")
        of = [known[str(each)] for each in series] if known else [told]
        shape = (len(of), *[1] * (values.ndim - 2), -1)
        parts = ([each[part] for each in of] for part in ("scale", "offset"))
        scale, offset = (np.array(part, np.float64).reshape(shape) for part in parts)
        if told.get("columns"):  # pictures that stand upright
            scale, offset = scale.swapaxes(1, 2), offset.swapaxes(1, 2)
    finite = np.abs((values - offset) / scale)
    return np.abs(scale) * max(1.0, float(np.max(finite, initial=0.0, where=np.isfinite(finite))))
