"""What can be told of a `sequences` section before its file is read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from seqrun.datasets.files.opening import ending
from seqrun.datasets.samples.settings import SampleSettings
from seqrun.datasets.shared.grouping import group_of
from seqrun.datasets.shared.layout import DELIMITERS
from seqrun.datasets.shared.merging import merge_problems, names_of, names_path
from seqrun.errors import Problem

NPZ = ".npz"
ENDINGS = (NPZ, ".parquet", *DELIMITERS)
_ONLY_NPZ = ("values", "lengths")
_ONLY_TABLES = ("sample", "time")
_NUMBERS_AS_TEXT = ("decimal", "thousands", "missing_values")  # which an npz file may hold as targets alone


def kind_of(path: Path) -> str | None:
    """Return which of ENDINGS a file has, before that of a packed CSV or TSV file; None if none."""
    return ending(path, ENDINGS, packed=(*DELIMITERS,))


def file_problems(dataset: SampleSettings, defaults: Mapping[str, object]) -> Iterator[Problem]:
    """Yield keys that contradict each other, or that do not apply to the file's format."""
    kind = kind_of(dataset.path)
    if dataset.path.is_dir():
        yield Problem(("dataset", "path"), f"{dataset.path.name} is a folder, not a file ({', '.join(ENDINGS)})")
    elif kind is None:
        yield Problem(("dataset", "path"), f"{dataset.path.name}: the ending is none of {', '.join(ENDINGS)}")
    only_tables = (*_ONLY_TABLES, *(() if dataset.targets else _NUMBERS_AS_TEXT))
    foreign, of_format = (only_tables, "Parquet, CSV or TSV") if kind == NPZ else (_ONLY_NPZ, "npz")
    for key in foreign if kind is not None else ():
        if getattr(dataset, key) != defaults[key]:  # which a run's config spells out
            yield Problem(("dataset", key), f"is for {of_format} files; {dataset.path.name} is none")
    if dataset.time is not None and dataset.sample is None and kind not in (NPZ, None):
        yield Problem(("dataset", "sample"), "required with dataset.time: the column that says whose a row is")
    if kind != NPZ:
        yield from _twice(dataset)
    features = dataset.features or ()
    if len(set(features)) < len(features):
        yield Problem(("dataset", "features"), "a name stands there twice")


def _twice(dataset: SampleSettings) -> Iterator[Problem]:
    """Yield columns that are named for two purposes at once."""
    taken = dict.fromkeys(dataset.features or (), "features")
    if (group := group_of(dataset.splits)) in taken:
        yield Problem(("dataset", "splits", "keep_together"), f"{group!r} is in dataset.features already")
    for key in ("sample", "time", "labels"):
        for name in _names(names_of(getattr(dataset, key))):
            if name in taken:
                yield Problem(("dataset", key), f"{name!r} is in dataset.{taken[name]} already")
            taken[name] = key


def _names(value: str | list[str] | None) -> list[str]:
    """Return the columns or arrays that a key names: one, several, or none."""
    return [value] if isinstance(value, str) else value or []


def task_problems(dataset: SampleSettings, tasks: frozenset[str]) -> Iterator[Problem]:
    """Yield labels that a trainer of these tasks needs and that are missing, or are of steps where it needs samples."""
    yield from merge_problems(dataset.labels, tasks)
    labelled = names_of(dataset.labels) is not None
    if not labelled and "reconstruction" not in tasks:
        what = "the npz array" if dataset.path.suffix.lower() == ".npz" else "the column"
        yield Problem(names_path(dataset.labels), f"required by this trainer: {what} that holds the labels")
    elif not labelled and dataset.label_each == "step":
        yield Problem(("dataset", "label_each"), "needs dataset.labels, which names the labels")
    if dataset.label_each == "step" and "tagging" not in tasks:
        yield Problem(("dataset", "label_each"), "step is for the tagger; this trainer needs sample")
    elif labelled and dataset.label_each == "sample" and tasks == {"tagging"}:
        yield Problem(("dataset", "label_each"), "the tagger needs a label of each step: step")
