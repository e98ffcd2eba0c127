"""What an autoencoder makes of new samples: their codes, what it rebuilds from codes, and which it rebuilds badly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from textwrap import shorten

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.reading import ROW, NewSamples
from seqrun.datasets.samples.encoding import decode_values
from seqrun.datasets.text.rows import places
from seqrun.errors import DataError, InputError, Parameter
from seqrun.inference.questions import Prediction, Question
from seqrun.inference.reading.samples import read_new
from seqrun.inference.request import MODES, Request, between
from seqrun.inference.results import ARRAYS, Results, figures, shown_figures
from seqrun.inference.saved import SavedRun
from seqrun.tasks.reconstruction.anomaly import ANOMALY_FILE
from seqrun.tasks.reconstruction.codes import CODES, code_columns, read_codes
from seqrun.tasks.reconstruction.coding import Coding
from seqrun.tasks.reconstruction.latent import LATENT_FILE, Latent

DEFAULT_MODE = "reconstruct"
PLACES = 100  # characters of a line that names samples, about


def encode(saved: SavedRun, samples: NewSamples) -> Results:
    """Each sample's code."""
    codes = Coding.of(saved.model).encode(samples.inputs)  # (samples, latent_dim)
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
    """The samples, in original units, behind codes (samples, latent_dim), or behind one (latent_dim,).

    Raises DataError, of codes called `name`, for those of another width.
    """
    coding = Coding.of(saved.model)
    width = coding.decoder.input_shape[1]
    given = codes.shape
    codes = codes[None] if codes.ndim == 1 else codes
    if codes.ndim != 2 or codes.shape[1] != width:
        raise DataError(f"{name}: has the shape {given}; codes of {saved.run.path} are (samples, {width})")
    return Results.without_rows({"predictions": _original(saved, coding.decode(codes))})


def sample(saved: SavedRun, count: int, seed: int) -> Results:
    """Samples that never were: random codes, from where the run's codes lie, decoded."""
    if LATENT_FILE not in saved.artifacts:
        why = f": {saved.run.path} has no artifacts/{LATENT_FILE}, which says where its codes lie"
        raise InputError(Parameter("sample"), why)
    codes = Latent.from_bytes(saved.artifacts[LATENT_FILE]).draw(count, seed)
    return Results.without_rows({**decode(saved, codes).arrays, CODES: codes})


def reconstruct(saved: SavedRun, samples: NewSamples) -> Results:
    """Each sample as it comes back from its code, its error, and whether that is above the run's threshold.

    The error is the mean squared error over the sample's values, in the network's units.
    """
    coding = Coding.of(saved.model)
    codes = coding.encode(samples.inputs)
    outputs = coding.decode(codes)  # (samples, time, features)
    errors = squared_errors(samples.inputs, outputs)
    results = Results(
        columns={"error": figures(errors)},
        arrays={"predictions": _original(saved, outputs, samples.inputs), "errors": errors, CODES: codes},
        shown={"error": shown_figures(errors)},
        numeric=(ROW, "error"),
        summary=f"{saved.run.path} has no threshold of anomalies (artifacts/{ANOMALY_FILE})",
    )
    anomaly = saved.artifacts.get(ANOMALY_FILE)
    if anomaly is not None:
        results = _with_anomalies(results, samples, **json.loads(anomaly))
    return results.named_by(samples)


def _with_anomalies(
    results: Results, samples: NewSamples, threshold: float, false_alarm_rate: float, **_: object
) -> Results:
    """The same with the samples marked whose error is above the threshold."""
    errors = results.arrays["errors"]
    anomalous = errors > threshold
    count = anomalous.sum()
    named = f": {_places(samples, anomalous)}" if count else ""
    return replace(
        results,
        columns={**results.columns, "anomalous": anomalous.tolist()},
        arrays={**results.arrays, "anomalous": anomalous, "threshold": np.float64(threshold)},
        shown={**results.shown, "anomalous": ["yes" if above else "no" for above in anomalous]},
        summary=f"{count:,} of {len(errors):,} samples {'is' if count == 1 else 'are'} anomalous (error above "
        f"{threshold:.6g}, as of at most {100 * false_alarm_rate:g}% of ordinary ones){named}",
    )


def _places(samples: NewSamples, chosen: np.ndarray) -> str:
    """What the chosen samples are called, as far as a line goes: "rows 3-5, 9", or by the ids of their file."""
    [(name, called)] = samples.keys.items()
    names = [str(each) for each, is_chosen in zip(called, chosen, strict=True) if is_chosen]
    listed = f"{name} {', '.join(names)}" if samples.ids else places([f"{name} {each}" for each in names])
    return shorten(listed, PLACES, placeholder=" ...")


def _original(saved: SavedRun, outputs: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """(samples, time, features) float32 in original units, as far as the run's data say what those are."""
    return outputs if saved.spec.values is None else decode_values(outputs, saved.spec, like).astype(np.float32)


def squared_errors(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """(samples,) means over the values that are no padding, float64."""
    real = real_steps(inputs)  # (samples, time)
    squares = np.square(np.where(real[..., None], outputs - inputs, 0.0), dtype=np.float64)
    return squares.sum(axis=(1, 2)) / (real.sum(axis=1) * inputs.shape[2])


# --- what is asked ----------------------------------------------------------------------------------------------------


def _read(saved: SavedRun, request: Request) -> Question:
    mode = _mode(request)
    if mode in ("decode", "sample"):
        _check_array_output(mode, request.output)
    if mode == "sample":
        if request.column is not None:
            why = (": is for ", Parameter("input"), ", and ", Parameter("sample"), " reads nothing")
            raise InputError(Parameter("column", request.column), *why)
        return Question(lambda: sample(saved, request.sample, request.seed or 0))
    if mode == "decode":
        codes = read_codes(request.path, request.column)
        return Question(lambda: decode(saved, codes, str(request.path)))
    samples = read_new(saved, request)
    answer = encode if mode == "encode" else reconstruct
    return Question(lambda: answer(saved, samples), samples.warnings)


def _mode(request: Request) -> str:
    """The one of MODES that is asked for, or sample; InputError for several, or a seed without samples to draw."""
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
    """InputError for a table, which shows no samples of numbers."""
    if output is None or output.suffix.lower() not in ARRAYS:
        why = (" gives samples, which no table shows: ", Parameter("output", output))
        raise InputError(Parameter(mode), *why, f" must be a {' or '.join(ARRAYS)} file")


PREDICTION = Prediction("reconstruct", "reconstructs", frozenset({"input", "column", *MODES, "sample", "seed"}), _read)
