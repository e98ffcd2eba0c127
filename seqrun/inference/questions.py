"""What a finished run can be asked, as its task says it, and a request read as such a question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from seqrun.components.reading import NewSamples
from seqrun.errors import InputError, Parameter
from seqrun.inference.request import SOURCES, Request
from seqrun.inference.results import Results
from seqrun.inference.saved import SavedRun
from seqrun.registry import PREDICTIONS, load

if TYPE_CHECKING:
    from seqrun.inference.evaluation import Evaluation


@dataclass(frozen=True)
class Question:
    """A request whose input has been read; the network is loaded when it is answered."""

    answer: Callable[[], Results]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Prediction:
    """What the runs of a task predict. The task's folder offers one in `predict.py`, which the registry names."""

    do: str  # what such runs do, as in "runs that classify"
    does: str  # what one of them does, as in "RUN classifies"
    parameters: frozenset[str]  # those of a request that such runs know
    read: Callable[[SavedRun, Request], Question]
    evaluated: Callable[[SavedRun, Evaluation], Results]  # the samples of an evaluation, with labels and predictions
    of_samples: Callable[[SavedRun, NewSamples], Results]  # what is predicted if a request says no more


def read_question(saved: SavedRun, request: Request) -> Question:
    """Return the request, checked against the run, with its input read.

    Raises InputError for parameters that the run does not know or that exclude each other, DataError for input that it
    cannot read.
    """
    prediction: Prediction = load(PREDICTIONS[saved.spec.target.kind])
    request.check_counts()
    for name in request.given():
        if name not in prediction.parameters and name not in request.reading:
            others: list[Prediction] = [load(entry) for entry in PREDICTIONS.values()]
            who = " or ".join(other.do for other in others if name in other.parameters)
            raise InputError(Parameter(name), f" is for runs that {who}, and {saved.run.path} {prediction.does}")
    request.check_source(prediction.parameters)
    if request.reading and request.path is None:
        raise InputError(Parameter(next(iter(request.reading))), " says how to read ", SOURCES["input"])
    if request.reading and request.path is not None:
        saved = saved.reading(request.reading, request.path)
    return prediction.read(saved, request)
