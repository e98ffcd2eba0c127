"""New input as Python code gives it: texts, tables and arrays, read by the run's own reader as their files would be."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.api.sources import DATA, KINDS, Data, Source, is_pandas, source_of
from seqrun.api.telling import warn
from seqrun.errors import DataError, InputError, Parameter
from seqrun.machine.scratch import scratch_folder
from seqrun.spelling import suggest

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from seqrun.inference.request import Request
    from seqrun.inference.results import Results
    from seqrun.inference.saved import SavedRun

_ARRAYS = Path("arrays.npz")  # the output that a request names: anything can be written into such a file


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
        named = [(number, name) for number, name in enumerate(labels.names) if name in frame]
        twice = [name for number, name in named if [*frame[name]] == [*labels.get_level_values(number)]]
        return frame.set_index(labels).drop(columns=twice)


def answered(
    saved: SavedRun, data: Data | None, options: Mapping[str, Any], select_device: Callable[[], object]
) -> Answer:
    """Return what the run predicts of the data; `options` are the other parameters of a Request.

    Warns of what is to be known of the input.
    """
    from seqrun.inference.request import Request

    if data is None and options.get("sample") is None:
        raise InputError(f"give data: {KINDS}")
    with scratch_folder() as folder:
        source = source_of(saved, data, folder)
        with as_python(source), called(source):
            request = Request.of(**options, texts=source.texts, path=source.path, output=_ARRAYS)
            results = answer(saved, request, lambda text: warn(renamed(text, source)), select_device)
    return Answer(results, _labels(saved, data))


def answer(
    saved: SavedRun, request: Request, tell: Callable[[str], None], select_device: Callable[[], object]
) -> Results:
    """Return what the run predicts of a request's input; what is to be known of run and input is told.

    The device is selected when the input has been read: what cannot be read is an error at once.
    """
    from seqrun.inference.questions import read_question

    if (told := saved.unfinished()) is not None:
        tell(told)
    question = read_question(saved, request)
    for text in question.warnings:
        tell(text)
    select_device()
    return question.answer()


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


# --- messages ---------------------------------------------------------------------------------------------------------


@contextmanager
def called(source: Source) -> Iterator[None]:
    """Call a file that was written for the data what the user calls them, in errors of the block."""
    from seqrun.inference.reading.streams import called as called_so

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
