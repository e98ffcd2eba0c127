"""One small run of every family, and raw input for it as its user has it, made of the files in configs/smoke/data."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.cases import ROOT

if TYPE_CHECKING:
    import pandas as pd

SMOKE = ROOT / "configs" / "smoke"
DATA = SMOKE / "data"
MANY = 6  # samples of numbers that are asked
Given = Any  # list[str] | np.ndarray | pd.DataFrame: what `run.predict` takes


@dataclass(frozen=True)
class Family:
    """A smoke config with some settings changed; `given` makes the raw input, in a folder for files that it needs."""

    config: str
    given: Callable[[], Given]
    settings: Mapping[str, Any] = field(default_factory=dict)
    prepare: Callable[[Path], Mapping[str, Any]] = (
        lambda folder: {}
    )  # writes files, returns the settings that name them


def texts(file: str) -> Callable[[], list[str]]:
    """Texts of every length up to several times what the network reads, of a file's words and of unknown ones."""

    def made() -> list[str]:
        known = re.findall(r"[^\W\d]+", (DATA / file).read_text("utf-8"))[:3000]
        draw = np.random.default_rng(0)
        lengths = [*range(1, 70), 100, 300, 1000]
        of_words = [" ".join(draw.choice(known, length)) for length in lengths]
        return [*of_words, "An ÉTÉ of 1,000 nights -- don't!", "?!", "漢字 e\u0301 \u212b naïve\u00a0word"]

    return made


def numbers(file: str, name: str) -> Callable[[], np.ndarray]:
    """The last samples of an array."""

    def made() -> np.ndarray:
        with np.load(DATA / file) as found:
            return found[name][-MANY:]

    return made


def pictures() -> np.ndarray:
    """Test pictures, as intensities from 0 to 1."""
    return numbers("mnist.npz", "x_test")().astype(np.float32) / 255


def table() -> pd.DataFrame:
    """The last days of a load."""
    import pandas as pd

    return pd.read_csv(DATA / "series.csv").tail(100)


def waves() -> np.ndarray:
    """Waves of their own, (series, time, 1)."""
    phase, time = np.random.default_rng(0).uniform(0, 6, (MANY, 1)), np.arange(40)
    return np.sin(phase + time * (0.2 + phase / 20))[..., None].astype(np.float32)


def several(rows: int) -> pd.DataFrame:
    """Three series of unequal levels in one table, with the last so many rows of each."""
    import pandas as pd

    load = pd.read_csv(DATA / "series.csv", usecols=["time", "load"]).tail(400)
    parts = [
        load.assign(plant=name, load=load["load"] * factor + offset).tail(rows)
        for name, factor, offset in (("007", 1.0, 0.0), ("north", 0.5, 900.0), ("Süd", 40.0, -3.0))
    ]
    return pd.concat(parts, ignore_index=True)


def many_series(folder: Path) -> dict[str, Any]:
    several(400).to_csv(folder / "plants.csv", index=False)
    return {"dataset.path": str(folder / "plants.csv")}


OF_MANY = {
    "dataset.series_id": "plant",
    "dataset.features": ["load"],
    "dataset.scaler": {"name": "standard", "per": "series"},
    "trainer.backtest": None,
}
FAMILIES = {
    "texts, recurrent": Family("lstm", texts("imdb_word_index.json")),
    "texts, convolution": Family("conv1d", texts("imdb_word_index.json")),
    "texts, transformer": Family("transformer", texts("imdb_word_index.json")),
    "texts, bag of words, three classes": Family("text", texts("reviews.csv")),
    "numbers, of unequal length": Family("sequences", numbers("sequences.npz", "x")),
    "forecast, direct, with a calendar": Family("series", table),
    "forecast of several targets": Family("series", table, {"dataset.targets": ["load", "temperature"]}),
    "forecast of many series": Family("series", lambda: several(60), OF_MANY, many_series),
    "forecast, sequence": Family("waves_lstm", waves),
    "forecast, iterated": Family("waves_iterated", waves),
    "forecast, mc_dropout": Family("waves_mc_dropout", waves),
    "forecast, WaveNet": Family("waves_wavenet", waves),
    "autoencoder, recurrent": Family("mnist_bilstm_autoencoder", pictures),
    "autoencoder, convolution": Family("mnist_conv_autoencoder", pictures),
    "variational autoencoder": Family("mnist_vae", pictures),
    "tagger": Family("tagger", texts("tagged.txt")),
    "multilabel": Family("multilabel", texts("topics.csv")),
    "regressor of texts": Family("regressor", texts("wines.csv")),
    "regressor of numbers, two targets": Family("regressor_sequences", numbers("swings.npz", "x")),
}


def raw_of(given: Given, described: Mapping[str, Any]) -> dict[str, Any]:
    """Return the same input as an export takes it, in the form of golden.json; `described` is the export's input.json.

    Of a series that is its last `lookback` rows.
    """
    told = described["input"]
    if isinstance(given, list):
        return {"samples": given}
    if isinstance(given, np.ndarray):
        given = given[:, -told["lookback"] :] if told["kind"] == "windows" else given
        given = given.reshape(len(given), -1, told["shape"][-1])
        return {"samples": np.where(np.isnan(given), None, given.astype(object)).tolist()}
    ids = "plant"
    parts = [given] if ids not in given else [part for _, part in given.groupby(ids, sort=False)]
    parts = [part.tail(told["lookback"]) for part in parts]
    raw: dict[str, Any] = {"samples": [part[told["columns"]].to_numpy(float).tolist() for part in parts]}
    if told["calendar"]:
        raw["times"] = [part["time"].astype("datetime64[s]").astype("int64").tolist() for part in parts]
    if "series" in described["output"]:
        raw["series"] = [part[ids].iloc[0] for part in parts]
    return raw
