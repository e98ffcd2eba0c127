"""What an autoencoder makes of new samples: their codes, what it rebuilds from codes, and which it rebuilds badly."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np

from seqrun.datasets.values_encoding import decode_values, past_end
from seqrun.errors import DataError, UsageError
from seqrun.inference.arrays import read_numbers
from seqrun.inference.results import Results, figures, shown_figures
from seqrun.inference.samples import NewSamples
from seqrun.inference.saved import SavedRun
from seqrun.trainers.reconstruction.anomaly import ANOMALY_FILE
from seqrun.trainers.reconstruction.coding import Coding
from seqrun.trainers.reconstruction.latent import LATENT_FILE, Latent

CODES = "codes"  # the array that holds them, in what is written and what is read


def read_codes(path: Path, name: str | None = None) -> np.ndarray:
    """(samples, latent_dim) float32 codes of a .npy or .npz file; DataError for anything else."""
    codes = read_numbers(path, name, usual=CODES)
    if codes.ndim != 2:
        raise DataError(f"{path}: has the shape {codes.shape}; codes are (samples, latent_dim)")
    return codes.astype(np.float32)


def encode(saved: SavedRun, samples: NewSamples) -> Results:
    """Each sample's code."""
    codes = Coding.of(saved.model).encode(samples.inputs)  # (samples, latent_dim)
    columns = {f"code_{number}": column for number, column in enumerate(codes.T, start=1)}
    return Results(
        columns={"row": samples.index.tolist(), **{name: figures(column) for name, column in columns.items()}},
        arrays={CODES: codes, "index": samples.index},
        shown={"row": [*map(str, samples.index)], **{name: shown_figures(column) for name, column in columns.items()}},
        numeric=("row", *columns),
        main=CODES,
    )


def decode(saved: SavedRun, codes: np.ndarray) -> Results:
    """The samples, in original units, behind codes (samples, latent_dim); DataError for codes of another width."""
    coding = Coding.of(saved.model)
    width = coding.decoder.input_shape[1]
    if codes.shape[1] != width:
        raise DataError(f"the codes have {codes.shape[1]:,} numbers each; those of {saved.run.path} have {width:,}")
    return Results.without_rows({"predictions": _original(saved, coding.decode(codes))})


def sample(saved: SavedRun, count: int, seed: int) -> Results:
    """Samples that never were: random codes, from where the run's codes lie, decoded."""
    if LATENT_FILE not in saved.artifacts:
        raise UsageError(f"--sample: {saved.run.path} has no artifacts/{LATENT_FILE}, which says where its codes lie")
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
        columns={"row": samples.index.tolist(), "error": figures(errors)},
        arrays={
            "predictions": _original(saved, outputs, samples.inputs),
            "errors": errors,
            CODES: codes,
            "index": samples.index,
        },
        shown={"row": [*map(str, samples.index)], "error": shown_figures(errors)},
        numeric=("row", "error"),
        summary=f"{saved.run.path} has no threshold of anomalies (artifacts/{ANOMALY_FILE})",
    )
    anomaly = saved.artifacts.get(ANOMALY_FILE)
    return results if anomaly is None else _with_anomalies(results, **json.loads(anomaly))


def _with_anomalies(results: Results, threshold: float, false_alarm_rate: float, **_: object) -> Results:
    """The same with the samples marked whose error is above the threshold."""
    errors = results.arrays["errors"]
    anomalies = errors > threshold
    return replace(
        results,
        columns={**results.columns, "anomaly": anomalies.tolist()},
        arrays={**results.arrays, "anomalies": anomalies, "threshold": np.float64(threshold)},
        shown={**results.shown, "anomalous": ["yes" if above else "no" for above in anomalies]},
        summary=f"{anomalies.sum():,} of {len(errors):,} samples are anomalous: their error is above {threshold:.6g}, "
        f"as at most {100 * false_alarm_rate:g}% of ordinary ones are",
    )


def _original(saved: SavedRun, outputs: np.ndarray, like: np.ndarray | None = None) -> np.ndarray:
    """(samples, time, features) float32 in original units, as far as the run's data say what those are."""
    return outputs if saved.spec.values is None else decode_values(outputs, saved.spec, like).astype(np.float32)


def squared_errors(inputs: np.ndarray, outputs: np.ndarray) -> np.ndarray:
    """(samples,) means over the values that are no padding, float64."""
    real = ~past_end(inputs)  # (samples, time)
    squares = np.square(np.where(real[..., None], outputs - inputs, 0.0), dtype=np.float64)
    return squares.sum(axis=(1, 2)) / (real.sum(axis=1) * inputs.shape[2])
