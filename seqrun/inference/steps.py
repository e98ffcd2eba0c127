"""New samples whose steps are to be tagged: the words of sentences, or the steps of series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from seqrun.datasets.conll_reading import Layout, read_sentences
from seqrun.datasets.tables import counted
from seqrun.datasets.tagged_sentences import encode_sentences
from seqrun.datasets.values_encoding import past_end
from seqrun.datasets.vocabulary import GIVEN, PAD
from seqrun.errors import UsageError
from seqrun.inference import arrays, texts
from seqrun.inference.samples import read_samples, reads_no_texts
from seqrun.inference.saved import SavedRun
from seqrun.inference.texts import STDIN, NewTexts, read_texts

CONLL = (".conll", ".conllu")
ENDINGS = (*texts.ENDINGS, *CONLL, *arrays.ENDINGS)
SHOWN = 10  # sentences in a message; the rest is counted


@dataclass(frozen=True)
class NewSteps:
    """Samples, and what each of their steps is called; a sample may have more than the network reads."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    steps: Sequence[Sequence[str | int]]  # of each sample: its words, or the numbers of its steps, from 0
    names: tuple[str, str]  # what a sample and a step are
    warnings: tuple[str, ...] = ()


def read_steps(saved: SavedRun, path: Path, column: str | None = None) -> NewSteps:
    """The samples in a file: sentences, values in original units, or token ids.

    A sentence is a text with white space between its words, a line of a .txt file; a .conll or .conllu file has a word
    a line, in the column where the run's own data had them. Raises UsageError for a file of another kind, and DataError
    for what cannot be read.
    """
    ending = path.suffix.lower()
    if saved.spec.vocabulary is None or ending in arrays.ENDINGS:
        return _numbered(saved, path, column)
    if path != STDIN and ending not in ENDINGS:
        raise UsageError(f"--input {path}: the ending is none of {', '.join(ENDINGS)}")
    if ending in CONLL and column is None:
        layout = getattr(saved.experiment.dataset, "layout", Layout(0, None))
        sentences = [sentence.tokens for sentence in read_sentences(path, replace(layout, tag=None))]
        return _words(saved, sentences, range(len(sentences)))
    return split_words(saved, read_texts(saved, path, column))


def split_words(saved: SavedRun, given: NewTexts) -> NewSteps:
    """The words of texts, which is what stands between white space; UsageError for a run that reads none."""
    return _words(saved, [text.split() for text in given.texts], given.index, given.warnings)


def _words(
    saved: SavedRun, sentences: Sequence[Sequence[str]], index: Sequence[int], warnings: tuple[str, ...] = ()
) -> NewSteps:
    vocabulary, length = saved.spec.vocabulary, saved.spec.input_shape[0]
    if vocabulary is None or vocabulary.kind != GIVEN:
        raise reads_no_texts(saved)
    inputs = encode_sentences(vocabulary, sentences, length)
    warnings = (*warnings, *_cut(sentences, index, length))
    return NewSteps(inputs, np.array(index, np.int64), sentences, ("sentence", "token"), warnings)


def _cut(sentences: Sequence[Sequence[str]], index: Sequence[int], length: int) -> tuple[str, ...]:
    """A warning of the words that the network does not read."""
    long = [number for number, words in zip(index, sentences, strict=True) if len(words) > length]
    if not long:
        return ()
    lost = sum(max(len(words) - length, 0) for words in sentences)
    named = ", ".join(map(str, long[:SHOWN])) + (f" and {len(long) - SHOWN:,} more" if len(long) > SHOWN else "")
    return (
        f"{counted(lost, 'token')} without a tag: the network reads {length} of a sentence (dataset.max_len), and "
        f"there are more in sentence {named}",
    )


def _numbered(saved: SavedRun, path: Path, column: str | None) -> NewSteps:
    """Samples of an array, whose steps have numbers for names; padding is at their ends."""
    samples = read_samples(saved, path, column)
    past = past_end(samples.inputs) if saved.spec.vocabulary is None else samples.inputs == PAD  # (samples, time)
    lengths = (~past).sum(axis=1).tolist()
    return NewSteps(samples.inputs, samples.index, [range(length) for length in lengths], ("row", "step"))
