"""Turns raw input into what an exported network reads, and what it gives into answers. Needs NumPy alone.

`seqrun export` puts this file beside a network, with `input.json`, which says how the run read its own data; copy both
to where the network is used. With onnxruntime, for example:

    reader = Reader.load("input.json")
    session = onnxruntime.InferenceSession("model.onnx")
    name = session.get_inputs()[0].name
    answers = reader.predict(lambda batch: session.run(None, {name: batch})[0], ["a film to remember"])
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

BATCH = 256  # samples that the network is given at once
Network = Callable[[np.ndarray], np.ndarray]  # inputs (samples, ...) -> outputs (samples, ...)
Scales = tuple[np.ndarray, np.ndarray]  # offset and scale: an original number is scale times the network's plus offset


class Reader:
    """What `input.json` describes."""

    def __init__(self, description: dict[str, Any]):
        self.input: dict[str, Any] = description["input"]
        self.output: dict[str, Any] = description["output"]

    @classmethod
    def load(cls, path: str | Path) -> Reader:
        """Return the reader that a file describes."""
        return cls(json.loads(Path(path).read_text("utf-8")))

    def predict(self, network: Network, samples: Any, **more: Any) -> dict[str, np.ndarray]:
        """Return the answers, by name, for raw samples; `more` as `inputs` takes it.

        `network` maps a batch of inputs to the outputs of the exported network; the whole one, of an autoencoder.
        """
        inputs = self.inputs(samples, **more)
        return self.answers(self.run(network, inputs), inputs=inputs, series=more.get("series"))

    def run(self, network: Network, inputs: np.ndarray) -> np.ndarray:
        """Return the network's outputs (samples, ...); one that forecasts a single step is fed its own."""
        parts = [inputs[first : first + BATCH] for first in range(0, len(inputs), BATCH)]
        if self.output.get("iterated"):
            return np.concatenate([self._iterated(network, part) for part in parts])
        return np.concatenate([np.asarray(network(part)) for part in parts])

    def _iterated(self, network: Network, window: np.ndarray) -> np.ndarray:
        """Return forecasts (samples, horizon, targets), each of which was appended to the input of the next."""
        steps = []
        for _ in range(self.output["horizon"]):
            step = np.asarray(network(window))  # (samples, 1, targets)
            following = np.empty((len(window), 1, window.shape[2]), window.dtype)
            following[:, :, self.output["target_features"]] = step
            window = np.concatenate([window[:, 1:], following], axis=1)
            steps.append(step)
        return np.concatenate(steps, axis=1)

    # --- raw input ----------------------------------------------------------------------------------------------------

    def inputs(self, samples: Any, times: Any = None, series: Any = None) -> np.ndarray:
        """Return what the network reads, (samples, ...).

        `samples` are texts; or samples of numbers in original units, (samples, time, features), where NaN in every
        feature, or the end of a shorter sample, is padding; or windows of a series, the last `lookback` rows each,
        with the local `times` of these rows, (samples, lookback) datetime64 or seconds since 1970, if the run looks at
        the calendar, and the names of their `series` if it scales each by itself. Raises ValueError for what the
        network cannot read.
        """
        kind = self.input["kind"]
        if kind == "texts":
            return self._padded([self.token_ids(text) for text in _texts(samples)])
        if kind == "values":
            return self._values(samples)
        if kind == "pictures":
            return self._pictures(np.asarray(samples))
        if kind == "windows":
            return self._windows(np.asarray(samples, np.float64), times, series)
        return self._checked(np.asarray(samples), self.input["shape"]).astype(self.input["dtype"])

    def token_ids(self, text: str) -> list[int]:
        """Return the id of each token of a text, neither cut nor padded."""
        known, unknown, size = self.input["vocabulary"], self.input["unknown"], self.input["size"]
        start = [] if self.input["start"] is None else [self.input["start"]]
        ids = [*start, *(known.get(token, unknown) for token in self.tokens(text))]
        return [number if self.input["skip_top"] <= number < size else unknown for number in ids]

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text: words between white space, words without punctuation, or characters."""
        kind = self.input["tokens"]
        if kind == "given":
            return [self._normal(word) for word in text.split()]
        text = self._normal(text)
        if kind == "characters":
            return list(text)
        separators = dict.fromkeys(map(ord, self.input["separators"]), " ")
        return [word for word in text.translate(separators).split(" ") if word]

    def _normal(self, text: str) -> str:
        text = unicodedata.normalize("NFC", text)
        return text.lower() if self.input["lowercase"] else text

    def _padded(self, sequences: Sequence[Sequence[int]]) -> np.ndarray:
        """Return sequences as rows, cut and padded with 0 at the sides that the run cut and padded."""
        length = self.input["shape"][0]
        rows = np.zeros((len(sequences), length), np.int32)
        for row, ids in zip(rows, sequences, strict=True):
            kept = ids[-length:] if self.input["truncating"] == "pre" else ids[:length]
            if kept:
                row[slice(-len(kept), None) if self.input["padding"] == "pre" else slice(len(kept))] = kept
        return rows

    def _values(self, samples: Any) -> np.ndarray:
        time, features = self.input["shape"]
        rows = np.full((len(samples), time, features), self.input["fill"], np.float32)
        offset, scale = _scales(self.input)
        for row, sample in zip(rows, samples, strict=True):
            values = np.asarray(sample, np.float64).reshape(-1, features)
            real = np.flatnonzero(~np.isnan(values).all(axis=1))
            values = values[: real[-1] + 1] if len(real) else values[:0]
            wrong = len(values) > time if self.input["padded"] else len(values) != time
            if wrong or not len(values) or not np.isfinite(values).all():
                raise ValueError(f"a sample must be {time} steps of {features} numbers, none of them missing")
            row[: len(values)] = (values - offset) / scale
        return rows

    def _pictures(self, pictures: np.ndarray) -> np.ndarray:
        """Return intensities; whole numbers are taken for 0 to 255."""
        time, features = self.input["shape"]
        columns = self.input["steps"] == "columns"
        pictures = _finite(self._checked(pictures, (features, time) if columns else (time, features)))
        if pictures.dtype.kind == "f" and (pictures.min(initial=0) < 0 or pictures.max(initial=0) > 1):
            raise ValueError("fractions must be from 0 to 1: divide intensities by 255, or give whole numbers")
        scaled = np.divide(pictures, np.float32(255 if pictures.dtype.kind in "iu" else 1), dtype=np.float32)
        return np.ascontiguousarray(scaled.swapaxes(1, 2)) if columns else scaled

    def _windows(self, windows: np.ndarray, times: Any, series: Any) -> np.ndarray:
        rows, columns = self.input["lookback"], len(self.input["columns"])
        offset, scale = _scales(self.input, series)
        scaled = ((_finite(self._checked(windows, (rows, columns))) - offset) / scale).astype(np.float32)
        if self.input["calendar"]:
            if times is None:
                raise ValueError("the run looks at the calendar: give the times of the rows")
            around = _calendar(self._checked(np.asarray(times), (rows,)), self.input["calendar"])
            scaled = np.concatenate([scaled, around], axis=2)
        return scaled[:, :: self.input["step"]]

    @staticmethod
    def _checked(samples: np.ndarray, shape: Sequence[int]) -> np.ndarray:
        if samples.shape[1:] != tuple(shape):
            raise ValueError(f"samples must be (samples, {', '.join(map(str, shape))}), not {samples.shape}")
        return samples

    # --- answers ------------------------------------------------------------------------------------------------------

    def answers(
        self, outputs: np.ndarray, inputs: np.ndarray | None = None, series: Any = None
    ) -> dict[str, np.ndarray]:
        """Return what the network's outputs (samples, ...) mean: probabilities, or numbers in original units.

        `inputs` tell of an autoencoder which steps are padding; `series` are the names of the samples' series.
        """
        kind = self.output["kind"]
        if kind == "classes" and outputs.shape[1] == 1:  # of two classes, the second
            return {"probabilities": np.concatenate([1 - outputs, outputs], axis=1)}
        if kind in ("classes", "labels", "tags"):
            return {"probabilities": outputs}
        if kind == "reconstruction":
            return self._reconstructions(outputs, inputs)
        if self.output.get("every_step"):
            outputs = outputs[:, -1]
        offset, scale = _scales(self.output, series)
        predictions = outputs * scale + offset
        interval = self.output.get("interval")
        if interval is None:
            return {"predictions": predictions}
        reach = np.array(interval["half_widths"], np.float64)
        reach = reach * np.abs(scale) if interval.get("scaled") else reach
        return {"predictions": predictions, "lower": predictions - reach, "upper": predictions + reach}

    def _reconstructions(self, outputs: np.ndarray, inputs: np.ndarray | None) -> dict[str, np.ndarray]:
        if inputs is None:
            raise ValueError("an autoencoder's answers depend on its inputs")
        real = (inputs != self.output["fill"]).any(axis=2)  # (samples, time)
        squares = np.square(np.where(real[..., None], outputs - inputs, 0.0), dtype=np.float64)
        errors = squares.sum(axis=(1, 2)) / (real.sum(axis=1) * inputs.shape[2])
        return {"predictions": self.decoded(np.where(real[..., None], outputs, np.nan)), "errors": errors}

    def decoded(self, outputs: np.ndarray) -> np.ndarray:
        """Return an autoencoder's outputs, or its decoder's, (samples, time, features), in original units."""
        offset, scale = _scales(self.output)
        values = outputs * scale + offset
        return values.swapaxes(1, 2) if self.output["columns"] else values


def _texts(samples: Any) -> list[str]:
    """Return the texts; ValueError for one text alone, and for an item that is none."""
    if isinstance(samples, str):
        raise ValueError("give a list of texts, also of one")
    texts = [*samples]
    for number, text in enumerate(texts, start=1):
        if not isinstance(text, str):
            raise ValueError(f"number {number} is no text: {text!r}")
    return texts


def _finite(values: np.ndarray) -> np.ndarray:
    """Return the values; ValueError if one is missing (NaN) or infinite."""
    if not np.isfinite(values).all():
        raise ValueError("a value is missing (NaN) or infinite")
    return values


def _scales(description: dict[str, Any], series: Any = None) -> Scales:
    """Return offset and scale, (columns,); (samples, 1, columns) where each series has its own."""
    known = description.get("series")
    if not known:
        return np.array(description["offset"], np.float64), np.array(description["scale"], np.float64)
    if series is None:
        raise ValueError("the run scales each series by itself: give the names of the samples' series")
    strangers = sorted({str(name) for name in series} - known.keys())
    if strangers:
        raise ValueError(f"the run did not learn from the series {', '.join(strangers)}, and knows no scale of them")
    pairs = np.array([[known[str(name)][part] for part in ("offset", "scale")] for name in series], np.float64)
    return pairs[:, :1], pairs[:, 1:]


def _calendar(times: np.ndarray, wanted: Sequence[str]) -> np.ndarray:
    """Return the sine and cosine of each wanted feature of local times, (..., 2 * wanted) float32."""
    seconds = times.astype("datetime64[s]").astype(np.int64) if times.dtype.kind == "M" else times.astype(np.int64)
    moment = seconds.astype("datetime64[s]")
    day, month, year = (moment.astype(f"datetime64[{unit}]") for unit in "DMY")
    minute, hour = seconds // 60 % 60, seconds // 3600 % 24
    shares: dict[str, Callable[[], np.ndarray]] = {
        "minute": lambda: minute / 60,
        "hour": lambda: (hour + minute / 60) / 24,
        "dayofweek": lambda: (day.astype(np.int64) + 3) % 7 / 7,  # 1970 began on a Thursday
        "dayofmonth": lambda: _since(day, month) / _since((month + 1).astype(day.dtype), month),
        "dayofyear": lambda: _since(day, year) / _since((year + 1).astype(day.dtype), year),
        "month": lambda: month.astype(np.int64) % 12 / 12,
    }
    return np.stack([*_circles([shares[name]() for name in wanted])], axis=-1).astype(np.float32)


def _since(days: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Return how many days lie between days and the first of their month or year."""
    return (days - first.astype(days.dtype)).astype(np.int64)


def _circles(shares: Sequence[np.ndarray]) -> Iterator[np.ndarray]:
    for share in shares:
        yield from (np.sin(2 * np.pi * share), np.cos(2 * np.pi * share))
