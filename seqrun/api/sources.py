"""What Python code gives in place of a file, as what a request reads: texts, or a file that holds the same."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from seqrun.errors import InputError, Parameter
from seqrun.machine.scratch import into_scratch

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from seqrun.inference.saved import SavedRun

Data = Union[str, Sequence[str], os.PathLike[str], "np.ndarray", "pd.DataFrame", "pd.Series[Any]"]
DATA = "data"  # the parameter of `Run.predict`, which stands for the command's --text and --input
KINDS = "texts, a DataFrame, an array, or the Path of a file"
Labels = Union[Sequence[Any], "np.ndarray", "pd.Series[Any]"]
_TEXTS, _SAMPLES, _LABELS = "text", "samples", "labels"  # what columns and arrays of our own are called


@dataclass(frozen=True)
class Source:
    """What a request reads: texts, or a file, which the user calls `name`."""

    texts: tuple[str, ...] = ()
    path: Path | None = None
    name: str | None = None
    column: str | None = None  # of the file's samples, and that of their labels; None: as the run's own
    label: str | None = None


def source_of(saved: SavedRun, data: Any, folder: Path) -> Source:
    """Return where the data are read from: a file in the folder holds what is no text and no file yet."""
    if data is None:
        return Source()
    if hasattr(data, "to_pandas"):  # polars, pyarrow
        data = data.to_pandas()
    if isinstance(data, os.PathLike):
        return Source(path=_existing(Path(data)))
    if isinstance(data, str):
        return _text(data)
    if is_pandas(data) and data.ndim == 2:
        return _table(saved, data, folder)
    if (texts := _texts(data)) is not None:
        return Source(texts=texts)
    if is_pandas(data):
        return _table(saved, data.to_frame(_name_of(saved, data)), folder)
    return _array(data, folder)


def _existing(path: Path) -> Path:
    if not path.is_file():
        raise InputError(Parameter(DATA, str(path)), ": there is no such file")
    return path


def _text(text: str) -> Source:
    """Return a text; InputError for one that is a file's name, for which it was surely meant."""
    if os.path.isfile(text):  # noqa: PTH113 (of a name that no file can have, Path.is_file raises an error)
        shown = repr(text)
        raise InputError(Parameter(DATA, text), f" is a file: Path({shown}) reads it, and [{shown}] is the text")
    return Source(texts=(text,))


def _texts(data: Any) -> tuple[str, ...] | None:
    """Return the texts that a sequence consists of; None if none of its items is one. InputError if some are not."""
    if isinstance(data, Mapping) or not hasattr(data, "__len__"):
        return None
    if len(data) == 0:
        raise InputError(f"{DATA}: is empty; give {KINDS}")
    if getattr(getattr(data, "dtype", None), "kind", "O") in "biufc":
        return None
    items = [*data]
    if not any(isinstance(item, str) for item in items):
        return None
    for number, item in enumerate(items, start=1):
        if not isinstance(item, str):
            raise InputError(f"{DATA}: number {number} is {item!r}, and no text")
    return tuple(map(str, items))


def _name_of(saved: SavedRun, series: pd.Series[Any]) -> str:
    """Return what a table's only column is called: as the Series is, else as the only feature of the run."""
    features: Sequence[str] = getattr(getattr(saved.reader, "encoder", None), "features", ())
    if series.name is not None:
        return str(series.name)
    if len(features) == 1:
        return str(features[0])
    raise InputError(f"{DATA}: a Series without a name; give a DataFrame with the columns of the run")


def _table(saved: SavedRun, frame: pd.DataFrame, folder: Path) -> Source:
    """Return a Parquet file of the table: there numbers, times, text and missing cells stay what they are."""
    from seqrun.api.tables import write_table

    time = getattr(getattr(getattr(saved.reader, "encoder", None), "reading", None), "time", None)
    path = folder / "DataFrame.parquet"
    with into_scratch():
        write_table(frame, path, time)
    return Source(path=path, name="the DataFrame")


def _array(data: Any, folder: Path) -> Source:
    import numpy as np

    array = _numbers(data)
    path = folder / "array.npy"
    with into_scratch():
        np.save(path, array, allow_pickle=False)
    return Source(path=path, name="the array")


def _numbers(data: Any) -> np.ndarray:
    """Return data as an array of numbers; InputError for what is none."""
    import numpy as np

    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        data = np.ma.filled(data.astype(np.float64), np.nan)
    try:
        array = np.asarray(data)
    except ValueError:
        mend = "end shorter samples with NaN, and write a text as one string"
        raise InputError(f"{DATA}: lists of unequal lengths are no array: {mend}; give {KINDS}") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{DATA}: a {type(data).__name__} of {array.dtype}; give {KINDS}")
    return array


def labelled_source(saved: SavedRun, data: Any, labels: Any, folder: Path) -> Source:
    """Return where samples are read from with what is true of them: that stands in the data, or in `labels` beside."""
    if isinstance(data, os.PathLike) and labels is None and Path(data).is_dir():  # a sub-folder a class
        return Source(path=Path(data))
    if labels is None:
        source = source_of(saved, data, folder)
        if source.texts:
            raise InputError(f"give {_LABELS}, one for each text; or a DataFrame, or a file, with a column of them")
        return source
    if hasattr(data, "to_pandas"):
        data = data.to_pandas()
    if data is None or isinstance(data, os.PathLike) or (is_pandas(data) and data.ndim == 2):
        raise InputError(f"{_LABELS}: are for texts and arrays; of a table or a file, label names the column of them")
    samples = _texts([data] if isinstance(data, str) else data)
    if len(labels) != len(data if samples is None else samples):
        raise InputError(f"{_LABELS}: there are {len(labels):,}, and {len(data):,} samples")
    if samples is None:
        return _labelled_array(data, labels, folder)
    return _labelled_texts(saved, samples, labels, folder)


def _labelled_texts(saved: SavedRun, texts: Sequence[str], labels: Any, folder: Path) -> Source:
    import pandas as pd

    from seqrun.components.targets import TagTarget

    if isinstance(saved.spec.target, TagTarget):
        raise InputError(f"{_LABELS}: of words to tag the tags stand beside them in a file: give its Path")
    found = _table(saved, pd.DataFrame({_TEXTS: [*texts], _LABELS: [*labels]}), folder)
    return replace(found, name="the texts", column=_TEXTS, label=_LABELS)


def _labelled_array(data: Any, labels: Any, folder: Path) -> Source:
    import numpy as np

    path, samples = folder / "array.npz", _numbers(data)
    try:
        beside = np.asarray([*labels])
    except ValueError as error:
        raise InputError(f"{_LABELS}: are no array: {error}") from None
    if beside.dtype == object:
        raise InputError(f"{_LABELS}: are not all of one type")
    arrays: dict[str, Any] = {_SAMPLES: samples, _LABELS: beside}
    with into_scratch():
        np.savez(path, **arrays)
    return Source(path=path, name="the array", column=_SAMPLES, label=_LABELS)


def is_pandas(data: Any) -> bool:
    """Return whether the data are a DataFrame or a Series."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, (pandas.DataFrame, pandas.Series))
