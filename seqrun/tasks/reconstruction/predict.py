"""Prediction with an autoencoder: codes of new samples, samples from codes, reconstructions and anomalies."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import Any

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.reading import ROW, NewSamples
from seqrun.datasets.samples.encoding import decode_values
from seqrun.datasets.shared.places import places
from seqrun.errors import DataError, InputError, Parameter, UsageError
from seqrun.inference.evaluated_rows import samples_of
from seqrun.inference.evaluation import Evaluation
from seqrun.inference.formats import ARRAYS
from seqrun.inference.network import Pass
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import MODES, Request, between
from seqrun.inference.results import Results, figures, shown_figures
from seqrun.inference.saved import SavedRun
from seqrun.machine.memory import require
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE, KEPT
from seqrun.tasks.reconstruction.codes import CODES, code_columns, read_codes
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.tasks.reconstruction.latent import LATENT_FILE, Latent

DEFAULT_MODE = "reconstruct"
PLACES = 100  # characters, about, of the list of anomalous samples


def encode(saved: SavedRun, samples: NewSamples) -> Results:
    """Return each sample's code, a row a sample."""
    codes = _encoder(saved)(samples.inputs)  # (samples, latent_dim)
    columns = dict(zip(code_columns(codes.shape[1]), codes.T, strict=True))
    results = Results(
        columns={name: figures(column) for name, column in columns.items()},
        arrays={CODES: codes},
        shown={name: shown_figures(column) for name, column in columns.items()},
        numeric=(ROW, *columns),
        main=CODES,
    )
    return results.named_by(samples)


def decode(saved: SavedRun, codes: np.ndarray, name: str = CODES) -> Results:
    """Return the samples, in original units, decoded from codes (samples, latent_dim), or from one code (latent_dim,).

    Raises DataError for codes of another shape; its message calls them `name`.
    """
    width = _coding(saved).decoder.input_shape[1]
    given = codes.shape
    codes = codes[None] if codes.ndim == 1 else codes
    if codes.ndim != 2 or codes.shape[1] != width:
        raise DataError(f"{name}: has the shape {given}; codes of {saved.run.path} are (samples, {width})")
    return Results.without_rows({"predictions": _original(saved, _decoder(saved)(codes))})


def sample(saved: SavedRun, count: int, seed: int) -> Results:
    """Return `count` new samples, decoded from random codes (see `Latent.draw`), and the codes."""
    if LATENT_FILE not in saved.artifacts:
        why = f": {saved.run.path} has no artifacts/{LATENT_FILE}, which says where its codes lie"
        raise InputError(Parameter("sample"), why)
    values = count * math.prod(saved.spec.input_shape)
    require(2 * 4 * values, f"{count:,} samples", "ask for fewer at a time, each time with another seed")
    try:
        latent = Latent.from_bytes(saved.artifacts[LATENT_FILE])
    except ValueError as error:
        raise UsageError(f"{saved.run.path}/artifacts/{LATENT_FILE}: damaged: {error}") from error
    codes = latent.draw(count, seed)
    return Results.without_rows({**decode(saved, codes).arrays, CODES: codes})


def reconstruct(saved: SavedRun, samples: NewSamples) -> Results:
    """Return each sample's reconstruction, its error, and whether it is anomalous, if the run has a threshold.

    The error is the mean squared error over the sample's values, in the network's units; a sample
    whose error is above the threshold is anomalous.
    """
    codes = _encoder(saved)(samples.inputs)
    outputs = _decoder(saved)(codes)  # (samples, time, features)
    errors = squared_errors(samples.inputs, outputs)
    results = Results(
        columns={"error": figures(errors)},
        arrays={"predictions": _original(saved, outputs, samples.inputs), "errors": errors, CODES: codes},
        shown={"error": shown_figures(errors)},
        numeric=(ROW, "error"),
        summary=f"{saved.run.path} has no threshold of anomalies (artifacts/{ANOMALY_FILE})",
    )
    anomaly = saved.kept(ANOMALY_FILE, KEPT)
    if anomaly is not None:
        results = _with_anomalies(results, samples, anomaly["threshold"], anomaly["false_alarm_rate"])
    return results.named_by(samples)


def _coding(saved: SavedRun) -> Coding:
    return saved.network.once("coding", lambda: Coding.of(saved.model))


def _encoder(saved: SavedRun) -> Pass:
    return saved.network.passing("encode", lambda: _coding(saved).encode)


def _decoder(saved: SavedRun) -> Pass:
    return saved.network.passing("decode", lambda: _coding(saved).decode)


def _with_anomalies(results: Results, samples: NewSamples, threshold: float, false_alarm_rate: float) -> Results:
    """Return the results with the samples marked whose error is above the threshold."""
    errors = results.arrays["errors"]
    anomalous = errors > threshold
    count = anomalous.sum()
    named = f": {_places(samples, anomalous)}" if count else ""
    return replace(
        results,
        columns={**results.columns, "anomalous": anomalous.tolist()},
        arrays={**results.arrays, "anomalous": anomalous, "threshold": np.array(threshold, np.float64)},
        shown={**results.shown, "anomalous": ["yes" if above else "no" for above in anomalous]},
        summary=f"{count:,} of {len(errors):,} samples {'is' if count == 1 else 'are'} anomalous (error above "
        f"{threshold:.6g}, as of at most {100 * false_alarm_rate:g}% of ordinary ones){named}",
    )


def _places(samples: NewSamples, chosen: np.ndarray) -> str:
    """Return the chosen samples' rows, as "rows 3-5, 9", or ids, in one line, cut where it grows too long."""
    [(name, called)] = samples.keys.items()
    names = [str(each) for each, is_chosen in zip(called, chosen, strict=True) if is_chosen]
    listed = f"{name} {', '.join(names)}" if samples.ids else places([f"{name} {each}" for each in names])
    return shorten(listed, PLACES, placeholder=" ...")


def _original(saved: SavedRun, outputs: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """Return outputs (samples, time, features) in original units, if the run knows them; else as they are.

    Where `like`, the network's inputs, is padding, the result is NaN.
    """
    return outputs if saved.spec.values is None else decode_values(outputs, saved.spec, like)


def squared_errors(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """Return (samples,) float64 mean squared errors of outputs, each over the sample's values; padding is left out."""
    real = real_steps(inputs)  # (samples, time)
    squares = np.square(np.where(real[..., None], outputs - inputs, 0.0), dtype=np.float64)
    return squares.sum(axis=(1, 2)) / (real.sum(axis=1) * inputs.shape[2])


def evaluated(saved: SavedRun, found: Evaluation) -> Results:
    """Return each sample's error and whether it is anomalous, if the run has a threshold; arrays have all else."""
    arrays = found.predictions
    columns: dict[str, list[Any]] = {"error": figures(arrays["errors"])}
    shown = {"error": shown_figures(arrays["errors"])}
    if "anomalous" in arrays:
        columns["anomalous"] = arrays["anomalous"].tolist()
        shown["anomalous"] = ["yes" if above else "no" for above in arrays["anomalous"]]
    return Results(columns, arrays, shown, (ROW, "error")).named_by(samples_of(found))


# --- what is asked ----------------------------------------------------------------------------------------------------


def _read(saved: SavedRun, request: Request) -> Question:
    mode = _mode(request)
    if mode in ("decode", "sample"):
        _check_array_output(mode, request.output)
    count, path = request.sample, request.path
    if count is not None:  # the mode is `sample`
        if request.column is not None:
            why = (": is for ", Parameter("input"), ", and ", Parameter("sample"), " reads nothing")
            raise InputError(Parameter("column", request.column), *why)
        return Question(lambda: sample(saved, count, request.seed or 0))
    if mode == "decode" and path is not None:  # every mode but `sample` has an input
        codes = read_codes(path, request.column)
        return Question(lambda: decode(saved, codes, str(path)))
    samples = read_new(saved, request)
    answer = encode if mode == "encode" else reconstruct
    return Question(lambda: answer(saved, samples), samples.warnings)


def _mode(request: Request) -> str:
    """Return the one of MODES that is asked for, or `sample`; by default `reconstruct`.

    Raises InputError for several, or for a seed with a mode other than `sample`.
    """
    known = (*MODES, "sample")
    modes = [name for name in request.given() if name in known]
    if len(modes) > 1:
        several = between(map(Parameter, modes), " and ")
        raise InputError(*several, " exclude each other: give one of ", *between(map(Parameter, known), ", "))
    mode = modes[0] if modes else DEFAULT_MODE
    if request.seed is not None and mode != "sample":
        why = (": is what ", Parameter("sample"), " draws from; ", Parameter(mode), " draws nothing")
        raise InputError(Parameter("seed", request.seed), *why)
    return mode


def _check_array_output(mode: str, output: Path | None) -> None:
    """Raise InputError unless the output is a file of arrays: a table has no cells for samples of numbers."""
    if output is None or output.suffix.lower() not in ARRAYS:
        why = (" gives samples, which no table shows: ", Parameter("output", output))
        raise InputError(Parameter(mode), *why, f" must be a {' or '.join(ARRAYS)} file")


PREDICTION = Prediction(
    "reconstruct",
    "reconstructs",
    frozenset({"input", "column", *MODES, "sample", "seed"}),
    _read,
    evaluated,
    reconstruct,
)
