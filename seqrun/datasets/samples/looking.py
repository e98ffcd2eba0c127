"""What a file of samples holds against the settings of the dataset `sequences`: arrays or columns that it lacks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator

from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.samples.arrays import array_faults, array_names
from seqrun.datasets.samples.problems import NPZ, kind_of
from seqrun.datasets.samples.settings import SampleSettings
from seqrun.datasets.shared.grouping import group_of
from seqrun.datasets.shared.layout import Layout
from seqrun.datasets.shared.looking import look
from seqrun.datasets.shared.merging import names_of, names_path
from seqrun.errors import ConfigPath, MissingData, Problem
from seqrun.machine.opener import open_file


def look_at_samples(dataset: SampleSettings) -> Iterator[Problem]:
    """Yield what is wrong with the file of `dataset.path`, of which the names of its arrays or columns are read."""
    kind = kind_of(dataset.path)
    if dataset.path.exists() and (kind is None or dataset.path.is_dir()):
        return  # which the dataset's problems say already
    if kind not in (NPZ, None):
        yield from look(dataset.path, Layout.of(dataset), _columns(dataset))[1]
    else:
        yield from [*path_problems(dataset.path)] or _array_problems(dataset)


def _columns(dataset: SampleSettings) -> dict[ConfigPath, str]:
    """Return the columns that the config names, by where it does."""
    found: dict[ConfigPath, str] = {}
    if (group := group_of(dataset.splits)) is not None:
        found["dataset", "splits", "keep_together"] = group
    for key in ("sample", "time", "features", "labels", "targets"):
        named = getattr(dataset, key)
        place = names_path(named) if key == "labels" else ("dataset", key)
        names = names_of(named)
        if isinstance(names, str):
            found[place] = names
        found |= {(*place, number): name for number, name in enumerate(names if isinstance(names, list) else ())}
    return found


def _array_problems(dataset: SampleSettings) -> Iterator[Problem]:
    try:
        with open_file(dataset.path) as file, zipfile.ZipFile(file) as archive:
            names = array_names(archive)
    except Exception as error:  # there is no end to what a broken zip can raise
        yield MissingData(("dataset", "path"), f"{dataset.path} cannot be read as npz: {error}")
        return
    given = {key: names_of(getattr(dataset, key)) for key in ("values", "lengths", "labels", "targets")}
    wanted = {key: name if isinstance(name, str) else name[0] for key, name in given.items() if name}
    if (group := group_of(dataset.splits)) is not None:
        wanted["splits"] = group
    for key, fault in array_faults(names, wanted).items():
        place = ("dataset", "splits", "keep_together") if key == "splits" else ("dataset", key)
        yield Problem(place, f"{dataset.path.name}: {fault}")
