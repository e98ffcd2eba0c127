"""New samples whose steps are to be tagged: the words of sentences, or the steps of series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np

from seqrun.components.padding import real_steps
from seqrun.components.vocabulary import GIVEN
from seqrun.datasets.samples.ragged import RaggedValues
from seqrun.datasets.tagged.conll import Conll
from seqrun.datasets.tagged.reading import Layout, column_count, read_sentences
from seqrun.datasets.tagged.sentences import encode_sentences
from seqrun.inference import arrays
from seqrun.inference.keys import Key
from seqrun.inference.reading import texts
from seqrun.inference.reading.samples import read_samples, reads_no_texts
from seqrun.inference.reading.texts import STDIN, NewTexts, read_texts
from seqrun.inference.request import check_ending
from seqrun.inference.saved import SavedRun
from seqrun.readable import counted

CONLL = (".conll", ".conllu")
ENDINGS = (*texts.ENDINGS, *CONLL, *arrays.ENDINGS)
SHOWN = 10  # sentences in a message; the rest is counted


@dataclass(frozen=True)
class NewSteps:
    """Samples, and what each of their steps is called; a sample may have more than the network reads."""

    inputs: np.ndarray  # (samples, *spec.input_shape)
    index: np.ndarray  # (samples,) each one's row in its source, from 0
    samples: Sequence  # what each one is called: by its file, else its row
    steps: Sequence[Sequence]  # of each sample: its words, or its steps' times in the file, else their numbers, from 0
    names: tuple[str, str]  # what a sample and a step are
    warnings: tuple[str, ...] = ()
    keys: Mapping[str, np.ndarray] = field(default_factory=dict)  # what the file calls samples and steps, as arrays


def read_steps(saved: SavedRun, path: Path, column: str | None = None) -> NewSteps:
    """The samples in a file: sentences, values in original units, or token ids.

    A sentence is a text with white space between its words, a line of a .txt file. A .conll or .conllu file has a word
    a line, in the column where the run's own data had them, and so has, with a warning, a .txt file that looks like it
    where the run's data were such. Raises UsageError for a file of another kind, and DataError for what cannot be read.
    """
    ending = path.suffix.lower()
    if saved.spec.vocabulary is None or ending in arrays.ENDINGS:
        return _numbered(saved, path, column)
    if path != STDIN:
        check_ending(path, ENDINGS)
    dataset = saved.experiment.dataset
    layout = replace(dataset.layout, tag=None) if isinstance(dataset, Conll) else Layout(0, None)
    is_conll, warnings = ending in CONLL, ()
    if ending == ".txt" and isinstance(dataset, Conll) and (columns := column_count(path, layout)):
        is_conll = True
        warnings = (
            f"{path} is read as CoNLL, a token a line: each line has {columns} columns, and blank lines stand between "
            "sentences; with --input - the standard input is read, a sentence a line",
        )
    if is_conll and column is None:
        sentences = [sentence.tokens for sentence in read_sentences(path, layout)]
        return _words(saved, sentences, range(len(sentences)), warnings)
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
    return NewSteps(inputs, np.array(index, np.int64), index, sentences, ("sentence", "token"), warnings)


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
    """Samples of numbers, padded at their ends; their steps are numbered where their file has no times."""
    given = read_samples(saved, path, column)
    real = real_steps(given.inputs)  # (samples, time)
    lengths = real.sum(axis=1)
    [(sample, called)] = given.keys.items()
    keys = {} if given.ids is None else {given.ids.name: given.ids.values}
    if given.times is None:
        step, steps = "step", [range(length) for length in lengths.tolist()]
    else:
        step, cells = given.times.name, iter(given.times.cells)
        steps = [[*islice(cells, length)] for length in lengths.tolist()]
        keys[step] = _padded(given.times, lengths, real.shape[1])
    return NewSteps(given.inputs, given.index, called, steps, (sample, step), given.warnings, keys)


def _padded(times: Key, lengths: np.ndarray, time: int) -> np.ndarray:
    """(samples, time) times of steps; past a sample's end NaT, NaN or, of whole numbers, 0."""
    fill = {"M": np.datetime64("NaT"), "f": np.nan, "U": ""}.get(times.values.dtype.kind, 0)
    return RaggedValues(times.values[:, None], lengths).padded(time, fill)[..., 0]
