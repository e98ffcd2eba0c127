"""New input as Python code gives it: texts, tables and arrays, read by the run's own reader as their files would be."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

from seqrun.errors import DataError, InputError, Parameter
from seqrun.machine.scratch import into_scratch, scratch_folder
from seqrun.spelling import suggest

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from seqrun.inference.request import Request
    from seqrun.inference.results import Results
    from seqrun.inference.saved import SavedRun

Data = Union[str, Sequence[str], os.PathLike[str], "np.ndarray", "pd.DataFrame", "pd.Series[Any]"]
DATA = "data"  # the parameter of `Run.predict`, which stands for the command's --text and --input
KINDS = "texts, a DataFrame, an array, or the Path of a file"
_ARRAYS = Path("arrays.npz")  # the output that a request names: anything can be written into such a file


@dataclass(frozen=True)
class Source:
    """What a request reads: texts, or a file, which the user calls `name`."""

    texts: tuple[str, ...] = ()
    path: Path | None = None
    name: str | None = None


@dataclass(frozen=True)
class Answer:
    """The results of a request, and the labels of the input's rows, if it has such."""

    results: Results
    labels: pd.Index[Any] | None

    def table(self) -> pd.DataFrame | np.ndarray:
        """Return the results as a table, with the labels of the input's rows; an array of what no table shows."""
        import pandas as pd

        from seqrun.components.reading import ROW

        results = self.results
        if not results.columns:
            return results.arrays[results.main]
        frame = pd.DataFrame(dict(results.columns))
        if self.labels is None or ROW not in frame or not frame[ROW].is_unique:
            return frame
        labels = self.labels[frame[ROW].to_numpy()]
        named = [name for name in labels.names if name in frame]
        twice = [name for name in named if [*frame[name]] == [*labels.get_level_values(name)]]
        return frame.set_index(labels).drop(columns=twice)


def answered(
    saved: SavedRun, data: Data | None, options: Mapping[str, Any], select_device: Callable[[], None]
) -> Answer:
    """Return what the run predicts of the data; `options` are the other parameters of a Request.

    Warns of what is to be known of the input.
    """
    from seqrun.inference.questions import read_question

    with scratch_folder() as folder:
        source = _source(saved, data, folder, options)
        with as_python(source), called(source):
            question = read_question(saved, _request(source, options))
    for text in question.warnings:
        warnings.warn(renamed(text, source), stacklevel=3)
    select_device()
    with as_python(source):
        results = question.answer()
    return Answer(results, _labels(saved, data))


def _labels(saved: SavedRun, data: Any) -> pd.Index[Any] | None:
    """Return the labels of a table's rows, each of them a sample; None where it has none, or has other rows.

    Those of a series are no samples: its forecasts are of rows that come after them.
    """
    from seqrun.components.targets import SeriesTarget

    if not is_pandas(data) or isinstance(saved.spec.target, SeriesTarget):
        return None
    return data.index


def check_reading(call: Callable[..., Any], reading: Mapping[str, Any]) -> None:
    """Raise TypeError for a setting that no file is written by: what the call has no parameter for."""
    from inspect import signature

    from seqrun.inference.reading.written import Written

    known = [name for name in signature(call).parameters if name not in ("data", "reading")] + [*Written.model_fields]
    for name in reading:
        if name not in Written.model_fields:
            raise TypeError(f"there is no parameter {name!r}{suggest(name, known)}; there are {', '.join(known)}")


def _request(source: Source, options: Mapping[str, Any]) -> Request:
    from seqrun.inference.request import Request

    return Request.of(**options, texts=source.texts, path=source.path, output=_ARRAYS)


def _source(saved: SavedRun, data: Any, folder: Path, options: Mapping[str, Any]) -> Source:
    """Return where the data are read from: a file in the folder holds what is no text and no file yet."""
    if data is None:
        if options.get("sample") is None:
            raise InputError(f"give data: {KINDS}")
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

    if isinstance(data, np.ma.MaskedArray) and np.ma.is_masked(data):
        data = data.astype(np.float64).filled(np.nan)
    try:
        array = np.asarray(data)
    except ValueError:
        mend = "end shorter samples with NaN, and write a text as one string"
        raise InputError(f"{DATA}: lists of unequal lengths are no array: {mend}; give {KINDS}") from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{DATA}: a {type(data).__name__} of {array.dtype}; give {KINDS}")
    path = folder / "array.npy"
    with into_scratch():
        np.save(path, array, allow_pickle=False)
    return Source(path=path, name="the array")


def table_source(saved: SavedRun, data: Any, folder: Path) -> Source:
    """Return where a table, or a file, is read from; nothing of None."""
    if data is None:
        return Source()
    return _table(saved, data, folder) if is_pandas(data) else Source(path=_existing(Path(data)))


def is_pandas(data: Any) -> bool:
    """Return whether the data are a DataFrame or a Series."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(data, (pandas.DataFrame, pandas.Series))


# --- messages ---------------------------------------------------------------------------------------------------------


@contextmanager
def called(source: Source) -> Iterator[None]:
    """Call a file that was written for the data what the user calls them, in errors of the block."""
    from seqrun.inference.reading.samples import called as called_so

    if source.path is None or source.name is None:
        yield
        return
    with called_so(source.path, Path(source.name)):
        yield


def renamed(text: str, source: Source) -> str:
    """Return a message as a user of the call reads it.

    A file that was written for the data is called what they are, and a setting that would help is a parameter.
    """
    from seqrun.inference.reading.told import reworded
    from seqrun.inference.reading.written import Written

    if source.path is not None and source.name is not None:
        text = text.replace(str(source.path), source.name).replace(source.path.name, source.name)
    return reworded(text, Written.model_fields, _parameter)


def _parameter(name: str, value: str) -> str:
    """Return a setting with its value as Python writes it; numbers, lists and what is quoted are written so already."""
    written = value.isdecimal() or value.startswith(("[", "'", '"'))
    return f"{name}={value if written else repr(value)}"


@contextmanager
def as_python(source: Source) -> Iterator[None]:
    """Reword an error of the block: what the request calls `text` and `input` is the parameter `data`."""

    def worded(parameter: Parameter) -> str:
        if parameter.name == "text":
            return f"text {parameter.form}" if parameter.form.startswith("number") else f"text as {DATA}"
        if parameter.name != "input":
            return str(parameter)
        if source.name is not None and parameter.given in (source.path, source.name, Path(source.name)):
            return source.name
        return DATA if parameter.given is None else f"{DATA} {str(parameter.given)!r}"

    try:
        yield
    except InputError as error:
        raise InputError(renamed(error.worded(worded), source)) from error.__cause__
    except DataError as error:
        raise DataError(renamed(str(error), source)) from error.__cause__
