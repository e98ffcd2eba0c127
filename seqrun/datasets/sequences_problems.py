"""What can be told of a `sequences` section, and of an npz file's list of arrays, before anything is read."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from seqrun.errors import Problem
from seqrun.spelling import suggest

if TYPE_CHECKING:
    from seqrun.datasets.sequences import Sequences

ENDINGS = (".npz", ".parquet")
_ONLY_NPZ = ("values", "lengths")
_ONLY_PARQUET = ("sample", "time")
_VALIDATION = ("_validation", "_valid", "_val")  # what an array of validation samples may be called


def file_problems(dataset: Sequences) -> Iterator[Problem]:
    """Keys that contradict each other, or that the file's format has no use for."""
    ending = dataset.path.suffix.lower()
    if dataset.path.is_dir():
        yield Problem(("dataset", "path"), f"{dataset.path.name} is a folder, not a file ({', '.join(ENDINGS)})")
    elif ending not in ENDINGS:
        yield Problem(("dataset", "path"), f"{dataset.path.name}: the ending is none of {', '.join(ENDINGS)}")
    foreign = {".npz": (_ONLY_PARQUET, "Parquet"), ".parquet": (_ONLY_NPZ, "npz")}.get(ending)
    for key in foreign[0] if foreign else ():
        if getattr(dataset, key) != type(dataset).model_fields[key].default:  # which a run's config spells out
            yield Problem(("dataset", key), f"is for {foreign[1]} files; {dataset.path.name} is none")
    if dataset.time is not None and dataset.sample is None and ending == ".parquet":
        yield Problem(("dataset", "sample"), "required with dataset.time: the column that says whose a row is")
    if ending == ".npz":
        yield from _array_problems(dataset)
    else:
        yield from _twice(dataset)
    features = dataset.features or ()
    if len(set(features)) < len(features):
        yield Problem(("dataset", "features"), "a name stands there twice")


def _twice(dataset: Sequences) -> Iterator[Problem]:
    """Columns that would be two things at once."""
    taken = dict.fromkeys(dataset.features or (), "features")
    for key in ("sample", "time", "labels"):
        name = getattr(dataset, key)
        if name is None:
            continue
        if name in taken:
            yield Problem(("dataset", key), f"{name!r} is in dataset.{taken[name]} already")
        taken[name] = key


def _array_problems(dataset: Sequences) -> Iterator[Problem]:
    """Arrays that the file has not, if it is there: one that is not may still come, and is for `load` to tell."""
    try:
        with zipfile.ZipFile(dataset.path) as archive:
            names = array_names(archive)
    except (OSError, zipfile.BadZipFile):
        return
    given = {key: getattr(dataset, key) for key in ("values", "lengths", "labels")}
    for key, fault in array_faults(names, {key: name for key, name in given.items() if name is not None}).items():
        yield Problem(("dataset", key), f"{dataset.path.name}: {fault}")


def task_problems(dataset: Sequences, tasks: frozenset[str]) -> Iterator[Problem]:
    """Labels that the trainer of these tasks needs and that are not there, or not of what it learns."""
    labelled = dataset.labels is not None
    if not labelled and "reconstruction" not in tasks:
        what = "the npz array" if dataset.path.suffix.lower() == ".npz" else "the column"
        yield Problem(("dataset", "labels"), f"required by this trainer: {what} that holds the labels")
    elif not labelled and dataset.label_each == "step":
        yield Problem(("dataset", "label_each"), "needs dataset.labels, which names the labels")
    if dataset.label_each == "step" and "tagging" not in tasks:
        yield Problem(("dataset", "label_each"), "step is for the tagger; this trainer needs sample")
    elif labelled and dataset.label_each == "sample" and tasks == {"tagging"}:
        yield Problem(("dataset", "label_each"), "the tagger needs a label of each step: step")


# --- npz --------------------------------------------------------------------------------------------------------------


def array_names(archive: zipfile.ZipFile) -> list[str]:
    """The names of an npz file's arrays."""
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def halves_of(names: Sequence[str], name: str) -> tuple[str, ...]:
    """What is added to `name` in each split's array: nothing if one array is for all, else _train, ..., _test."""
    if name in names:
        return ("",)
    validation = [end for end in _VALIDATION if f"{name}{end}" in names]
    return ("_train", *validation[:1], "_test")


def array_faults(names: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Why arrays cannot be read from a file with arrays of these `names`.

    `wanted` has their names by the keys of a config; if `values` cannot be, nothing is known of the others.
    """
    ends = halves_of(names, wanted["values"])
    faults = {key: fault for key, name in wanted.items() if (fault := _array_fault(names, name, ends))}
    return {"values": faults["values"]} if "values" in faults else faults


def _array_fault(names: Sequence[str], name: str, ends: Sequence[str]) -> str | None:
    given = [f"{name}{end}" for end in ends]
    missing = [each for each in given if each not in names]
    if not missing:
        return None
    there = f"there are {', '.join(names) or 'none'}"
    if len(missing) < len(given):
        return f"no array {missing[0]!r} beside {', '.join(each for each in given if each in names)}; {there}"
    stems = {each.removesuffix(end) for each in names for end in ("", *ends)}
    either = f"{name!r} (or {name}_train and {name}_test)" if ends[0] and name not in names else repr(name)
    return f"no array {either}{suggest(name, stems)}; {there}"
