"""The arrays of an npz file of samples, by their names: one array of all samples, or one for each split."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping, Sequence

from seqrun.spelling import suggest

_VALIDATION = ("_validation", "_valid", "_val")  # what an array of validation samples may be called


def array_names(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of an npz file's arrays."""
    return [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]


def halves_of(names: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the suffixes of the arrays called `name`: "" if there is one for all samples, else _train, ..., _test."""
    if name in names:
        return ("",)
    validation = [end for end in _VALIDATION if f"{name}{end}" in names]
    return ("_train", *validation[:1], "_test")


def array_faults(names: Sequence[str], wanted: Mapping[str, str]) -> dict[str, str]:
    """Return why arrays cannot be read from a file with arrays of these `names`, by the config's keys.

    `wanted` gives their names by those keys. If `values` is at fault, the others cannot be judged and are left out.
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
