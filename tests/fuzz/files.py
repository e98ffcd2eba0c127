"""The files that the readers of data are tried with, whole, and how each is damaged, and read as training does it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from fuzz.mutate import mutated

from seqrun.components.locations import Locations
from seqrun.registry import REGISTRIES

ROWS = 60


@dataclass(frozen=True)
class Kind:
    """One kind of file, and the dataset that reads it."""

    file: str
    dataset: dict[str, Any]
    make: Callable[[], Sequence[bytes]]
    damaged: Callable[[bytes, Random], bytes] = field(default=mutated)

    @cached_property
    def whole(self) -> Sequence[bytes]:
        return self.make()

    def read(self, path: Path) -> None:
        """Look at the file and read it; raises what a user would see, a warning raises nothing."""
        registry = REGISTRIES["dataset"]
        dataset = registry.get(self.dataset["name"]).model_validate({**self.dataset, "path": path})
        list(dataset.look())
        dataset.load(Locations(None, lambda event: None))


def rezipped(content: bytes, random: Random) -> bytes:
    """An npz file with a damaged member and the checksum that it has now; at times one that is damaged as a whole."""
    if random.random() < 0.2:
        return mutated(content, random)
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    chosen = random.choice([*members])
    with zipfile.ZipFile(file, "w") as archive:
        for name, member in members.items():
            archive.writestr(name, mutated(member, random) if name == chosen else member)
    return file.getvalue()


def _npz() -> list[bytes]:
    """Samples as one array of numbers, as lists in an array of objects, and as arrays in one."""
    rng = np.random.default_rng(0)
    labels = np.array(["a", "b"] * (ROWS // 2))
    lists, arrays = np.empty(ROWS, object), np.empty(ROWS, object)
    for place, length in enumerate(rng.integers(3, 9, ROWS).tolist()):
        lists[place] = rng.integers(0, 70_000, length).tolist()
        arrays[place] = rng.normal(size=(length, 2)).astype(np.float32)
    contents = []
    for values, answers in (
        (rng.normal(size=(ROWS, 5, 2)), labels),
        (lists, labels.astype(object)),
        (arrays, labels),
    ):
        file = io.BytesIO()
        np.savez(file, x=values, y=answers)
        contents.append(file.getvalue())
    return contents


def _series() -> list[bytes]:
    lines = (f"2026-01-{1 + hour // 24:02} {hour % 24:02}:00,{hour % 24 + 0.5},{hour * 2}" for hour in range(ROWS))
    return ["\n".join(["time,load,other", *lines]).encode() + b"\n"]


def _texts() -> list[dict[str, str]]:
    words = ["good", "bad", "film", "é", 'a "quoted" word', "one, two"]
    return [{"text": f"{words[n % 6]} {words[n % 5]} {n}", "label": "yn"[n % 2]} for n in range(ROWS)]


def _csv() -> list[bytes]:
    import csv

    text = io.StringIO()
    writer = csv.DictWriter(text, ["text", "label"])
    writer.writeheader()
    writer.writerows(_texts())
    return [text.getvalue().encode()]


def _jsonl() -> list[bytes]:
    return ["".join(json.dumps(row, ensure_ascii=False) + "\n" for row in _texts()).encode()]


def _text_parquet() -> list[bytes]:
    import pandas as pd

    return _parquets(pd.DataFrame(_texts()))


def _series_parquet() -> list[bytes]:
    import pandas as pd

    return _parquets(pd.read_csv(io.BytesIO(_series()[0]), parse_dates=["time"]))


def _parquets(frame: Any) -> list[bytes]:
    contents = []
    for compression in ("none", "snappy"):
        file = io.BytesIO()
        frame.to_parquet(file, compression=compression)
        contents.append(file.getvalue())
    return contents


def _conll() -> list[bytes]:
    sentence = "# text = one\nMrs\tNNP\tO\nHill\tNNP\tB-PER\nlives\tVBZ\tO\nin\tIN\tO\nYork\tNNP\tB-LOC\n"
    return ["\n".join(sentence.replace("Hill", f"Hill{n}") for n in range(ROWS // 3)).encode()]


_SERIES = {"name": "series", "time": "time", "targets": ["load"], "lookback": 4, "horizon": 1}
_TEXT = {"name": "text", "text": "text", "label": "label", "num_words": 50, "max_len": 8}
KINDS = {
    "npz": Kind("x.npz", {"name": "sequences", "labels": "y"}, _npz, rezipped),
    "series.csv": Kind("x.csv", _SERIES, _series),
    "text.csv": Kind("x.csv", _TEXT, _csv),
    "text.jsonl": Kind("x.jsonl", _TEXT, _jsonl),
    "text.parquet": Kind("x.parquet", _TEXT, _text_parquet),
    "series.parquet": Kind("x.parquet", _SERIES, _series_parquet),
    "conll": Kind("x.conll", {"name": "conll"}, _conll),
}
