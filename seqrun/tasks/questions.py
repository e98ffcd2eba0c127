"""The kinds of runs, by what they predict: which options each knows, and who reads its input and answers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from seqrun.components.targets import ClassTarget, Reconstruction, SeriesTarget, TagTarget
from seqrun.errors import UsageError
from seqrun.inference.reading.samples import encode_texts, read_samples
from seqrun.inference.reading.series import read_series
from seqrun.inference.reading.steps import read_steps, split_words
from seqrun.inference.reading.texts import given_texts
from seqrun.inference.request import MODES, Request
from seqrun.inference.results import ARRAYS, Results
from seqrun.inference.saved import SavedRun
from seqrun.tasks.classification.predict import classify, read_threshold
from seqrun.tasks.forecasting.predict import forecast
from seqrun.tasks.reconstruction.codes import read_codes
from seqrun.tasks.reconstruction.predict import decode, encode, reconstruct, sample
from seqrun.tasks.tagging.predict import tag

DEFAULT_MODE = "--reconstruct"


@dataclass(frozen=True)
class Question:
    """A request whose input has been read; answering it takes the network, which is loaded no sooner."""

    answer: Callable[[], Results]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Kind:
    """Runs of one kind of target."""

    do: str  # "classify": what such runs do
    does: str
    options: frozenset[str]  # that they know
    read: Callable[[SavedRun, Request], Question]


def read_question(saved: SavedRun, request: Request) -> Question:
    """Checks the request against the run and reads its input.

    Raises UsageError for options that the run does not know or that exclude each other, DataError for input that it
    cannot read.
    """
    kind = KINDS[type(saved.spec.target)]
    for option in request.options():
        if option not in kind.options:
            who = " or ".join(other.do for other in KINDS.values() if option in other.options)
            raise UsageError(f"{option} is for runs that {who}, and {saved.run.path} {kind.does}")
    request.check_source(kind.options)
    return kind.read(saved, request)


def _classes(saved: SavedRun, request: Request) -> Question:
    threshold = read_threshold(saved, request.threshold)
    if request.path is None:
        samples = encode_texts(saved, given_texts(request.texts))
    else:
        samples = read_samples(saved, request.path, request.column)
    return Question(lambda: classify(saved, samples, threshold), samples.warnings)


def _forecast(saved: SavedRun, request: Request) -> Question:
    series = read_series(saved, request.path)
    return Question(lambda: forecast(saved, series), series.warnings)


def _tags(saved: SavedRun, request: Request) -> Question:
    if request.path is None:
        samples = split_words(saved, given_texts(request.texts))
    else:
        samples = read_steps(saved, request.path, request.column)
    return Question(lambda: tag(saved, samples), samples.warnings)


def _coding(saved: SavedRun, request: Request) -> Question:
    """Of an autoencoder, by the mode."""
    modes = [option for option in request.options() if option in (*MODES, "--sample")]
    if len(modes) > 1:
        raise UsageError(f"{' and '.join(modes)} exclude each other: give one of {', '.join((*MODES, '--sample'))}")
    mode = modes[0] if modes else DEFAULT_MODE
    if request.seed is not None and mode != "--sample":
        raise UsageError(f"--seed {request.seed}: is what --sample draws from; {mode} draws nothing")
    if mode in ("--decode", "--sample"):
        _check_array_output(mode, request.output)
    if mode == "--sample":
        return _drawn(saved, request)
    if mode == "--decode":
        codes = read_codes(request.path, request.column)
        return Question(lambda: decode(saved, codes, str(request.path)))
    samples = read_samples(saved, request.path, request.column)
    answer = encode if mode == "--encode" else reconstruct
    return Question(lambda: answer(saved, samples), samples.warnings)


def _drawn(saved: SavedRun, request: Request) -> Question:
    if request.column is not None:
        raise UsageError(f"--column {request.column}: is for --input, and --sample reads nothing")
    return Question(lambda: sample(saved, request.sample, request.seed or 0))


def _check_array_output(mode: str, output: Path | None) -> None:
    """Samples of numbers make no table."""
    if output is None or output.suffix.lower() not in ARRAYS:
        given = "" if output is None else f" {output}"
        raise UsageError(f"{mode} gives samples, which no table shows: -o{given} must be a {' or '.join(ARRAYS)} file")


KINDS = {
    ClassTarget: Kind("classify", "classifies", frozenset({"--text", "--input", "--column", "--threshold"}), _classes),
    SeriesTarget: Kind("forecast", "forecasts", frozenset({"--input"}), _forecast),
    TagTarget: Kind("tag", "tags", frozenset({"--text", "--input", "--column"}), _tags),
    Reconstruction: Kind(
        "reconstruct", "reconstructs", frozenset({"--input", "--column", *MODES, "--sample", "--seed"}), _coding
    ),
}
