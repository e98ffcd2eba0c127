"""What a request asks, whatever form it has: the parameters of a prediction, and the input that comes with it."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.errors import InputError, Parameter
from seqrun.inference.questions import Question, read_question
from seqrun.inference.reading.streams import called
from seqrun.inference.request import Request
from seqrun.inference.results import Results
from seqrun.inference.saved import SavedRun
from seqrun.machine.opener import held

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

NOWHERE = Path("/dev/null/request")  # a folder that there cannot be: what is held there was never on a disk
THE_RUN = Path("the run")  # what messages call it here, where its path is nobody's business
ANY_OUTPUT = Path("arrays.npz")  # the output that a request names: it can hold whatever is predicted; it is not written


@dataclass(frozen=True)
class Asked:
    """A request to a run; `content` is its input, in the format of the ending, which messages call `name`."""

    options: Mapping[str, Any] = field(default_factory=dict)  # parameters of `Request.of`, but for the path
    content: bytes | None = None
    ending: str = ""
    name: str = "input"

    @property
    def path(self) -> Path:
        """Where readers find the content."""
        return NOWHERE / f"input{self.ending}"

    def read(self, saved: SavedRun) -> Question:
        """Return the question, its input read as the run's own data were; raises as `read_question` does."""
        with self._there(), called(saved.run.path, THE_RUN):
            found = read_question(saved, self._request())
        return Question(lambda: self._answer(saved, found.answer), tuple(map(self._told, found.warnings)))

    def _answer(self, saved: SavedRun, answer: Callable[[], Results]) -> Results:
        with self._there(), called(saved.run.path, THE_RUN):
            results = answer()
        if results.summary is None:
            return results
        return replace(results, summary=self._told(results.summary).replace(str(saved.run.path), str(THE_RUN)))

    def _request(self) -> Request:
        switches = dict.fromkeys(("encode", "decode", "reconstruct"), False)
        path = None if self.content is None else self.path
        return Request.of(**{**switches, **self.options}, path=path, output=ANY_OUTPUT)

    @contextmanager
    def _there(self) -> Iterator[None]:
        """Let readers find the content, and let errors of the block call it by its name."""
        if self.content is None:
            yield
            return
        with held(self.path, self.content), called(self.path, Path(self.name)):
            yield

    def _told(self, text: str) -> str:
        return text.replace(str(self.path), self.name)


def asked_of_table(columns: Mapping[str, Sequence[Any]], options: Mapping[str, Any], name: str) -> Asked:
    """Return the request whose input is a table; InputError, naming the column, for cells of several kinds.

    The table goes to the readers as Parquet: there numbers, text and missing cells stay what they are.
    """
    import pyarrow
    import pyarrow.parquet

    lengths = {column: len(cells) for column, cells in columns.items()}
    if len({*lengths.values()}) > 1:
        listed = ", ".join(f"{column} {length}" for column, length in lengths.items())
        raise InputError(Parameter(name), f": columns of different lengths: {listed}")
    arrays = {}
    for column, cells in columns.items():
        try:
            arrays[column] = pyarrow.array(cells)
        except (pyarrow.ArrowException, OverflowError, ValueError, RecursionError) as error:
            kinds = sorted({type(cell).__name__ for cell in cells if cell is not None})
            told = f"its cells are not of one type ({', '.join(kinds)})" if len(kinds) > 1 else str(error)
            raise InputError(Parameter(name), f": {column}: {told}") from error
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays), stream)
    return Asked(options, stream.getvalue(), ".parquet", name)


def asked_of_array(array: np.ndarray, options: Mapping[str, Any], name: str) -> Asked:
    """Return the request whose input is an array."""
    import numpy as np

    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=False)
    return Asked(options, stream.getvalue(), ".npy", name)
