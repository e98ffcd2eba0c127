"""Reads new sentences, divided into tokens as a run's own were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from seqrun.components.reading import LabelledSamples, NewSamples, Reader
from seqrun.components.splits import Spec, Split
from seqrun.components.targets import TagTarget
from seqrun.components.vocabulary import UNKNOWN, Vocabulary
from seqrun.datasets.files.opening import ending
from seqrun.datasets.tagged.reading import COLUMNS, SETTINGS, Layout, column_count, read_sentences
from seqrun.datasets.tagged.sentences import encode_sentences, encode_tags, known_tags
from seqrun.datasets.text.new_texts import NewTexts, TextFiles
from seqrun.datasets.text.own_columns import own_columns
from seqrun.datasets.text.unknown import unread_warning
from seqrun.errors import InputError, Parameter
from seqrun.readable import counted, listed_names

CONLL = (".conll", ".conllu")
NO_LINES = (".parquet", ".jsonl", ".npy", ".npz")  # in which a token a line cannot stand


@dataclass(frozen=True)
class SentenceReader(Reader):
    """Reads sentences: texts with white space between the words, or .conll and .conllu files with one word a line."""

    endings = (*TextFiles.endings, *CONLL)

    vocabulary: Vocabulary  # of given tokens
    length: int  # what the network reads of a sentence
    layout: Layout | None = None  # of the run's own CoNLL files; None: it had none
    files: TextFiles = field(default_factory=TextFiles)
    merge: Mapping[str, str] = field(default_factory=dict)  # tag -> the one that it is counted as

    def reads(self, path: Path) -> bool:
        """Return whether this reader reads files with the path's ending; they can be packed (.txt.gz)."""
        return ending(path, CONLL) is not None or self.files.reads(path)

    def written(self, settings: Mapping[str, Any], path: Path) -> Self:
        if ending(path, CONLL) is not None:
            return replace(self, layout=(self.layout or Layout(0, None)).written(settings, path))
        shared = {name: value for name, value in settings.items() if name in SETTINGS}
        layout = None if self.layout is None else self.layout.written(shared, path)  # of a .txt file in CoNLL form
        columns = layout is not None and ending(path, (".txt",)) is not None
        plain = {name: value for name, value in settings.items() if not (columns and name in COLUMNS)}
        return replace(self, files=self.files.written(plain, path), layout=layout)

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the sentences of a file.

        A .conll or .conllu file has one word a line, in the column where the run's own data had them. A .txt file that
        looks like that is read so too, with a warning, if the run's own data were CoNLL. In all other files each line,
        or each row of a table, is a sentence.
        """
        layout = Layout(0, None) if self.layout is None else replace(self.layout, tag=None)
        is_conll = ending(path, CONLL) is not None
        warnings: tuple[str, ...] = ()
        if ending(path, (".txt",)) and self.layout and (columns := column_count(path, layout)):
            is_conll = True
            warnings = (
                f"{path} is read as CoNLL, a token a line: each line has {columns} columns, and blank lines stand "
                "between sentences; the standard input (-) is read as a sentence a line",
            )
        if not is_conll or column is not None:
            return self._split(self.files.read(path, column))
        read = read_sentences(path, layout, whole=True)
        left_out = (f"{path}: left out: {read.left_out}",) if read.left_out.lines else ()
        sentences = [sentence.tokens for sentence in read.sentences]
        own, doubts = _own_columns([row for sentence in read.sentences for row in sentence.rows], layout.token)
        samples = self._encoded(sentences, range(len(sentences)), (*warnings, *left_out, *read.doubts, *doubts))
        return replace(samples, own_of_steps=own)

    def labelled(self, path: Path, spec: Spec, column: str | None = None, label: str | None = None) -> LabelledSamples:
        """Return the tagged sentences of a CoNLL file, with any ending."""
        for name, given in (("column", column), ("label", label)):
            if given is not None:
                raise InputError(Parameter(name, given), ": the run's token_column and tag_column say what is read")
        if self.layout is None or self.layout.tag is None:
            raise InputError(Parameter("input", path), ": the run's own data say not in which column tags are")
        if path.suffix.lower() in NO_LINES:
            why = ": tags are read from a file in CoNLL form, a token a line with its tag"
            raise InputError(Parameter("input", path), why)
        read = known_tags(read_sentences(path, self.layout, whole=True), spec.of(TagTarget).target.tags, self.merge)
        tokens = [sentence.tokens for sentence in read.sentences]
        own, doubts = _own_columns([row for each in read.sentences for row in each.rows], self.layout.token)
        left_out = (f"{path}: left out: {read.left_out}",) if read.left_out.lines else ()
        samples = self._encoded(tokens, range(len(tokens)), (*left_out, *read.doubts, *doubts))
        targets = encode_tags(spec.target.labels, (each.tags for each in read.sentences), self.length)
        split = Split(samples.inputs, targets, samples.index)
        return LabelledSamples(split, replace(samples, own_of_steps=own), samples.warnings)

    def texts(self, texts: Sequence[str]) -> NewSamples:
        """Return each text as a sentence; its words are divided by white space."""
        return self._split(NewTexts(texts, range(len(texts))))

    def lines(self, lines: Iterable[str], name: str) -> NewSamples:
        """Return each line as a sentence."""
        return self._split(self.files.lines(lines, name))

    def _split(self, given: NewTexts) -> NewSamples:
        own = {name: cells for name, cells in given.own.items() if name != given.column}  # words have rows themselves
        return replace(self._encoded([text.split() for text in given.texts], given.index, given.warnings), own=own)

    def _encoded(
        self, sentences: Sequence[Sequence[str]], index: Sequence[int], warnings: tuple[str, ...]
    ) -> NewSamples:
        inputs = encode_sentences(self.vocabulary, sentences, self.length)
        known = [any(id != UNKNOWN for id in self.vocabulary.encode_tokens(words)) for words in sentences]
        unread = unread_warning(known, index, "sentence")
        warnings = (*warnings, *self._cut(sentences, index), *([] if unread is None else [unread]))
        return NewSamples(inputs, np.array(index, np.int64), tokens=sentences, warnings=warnings)

    def _cut(self, sentences: Sequence[Sequence[str]], index: Sequence[int]) -> tuple[str, ...]:
        """Return a warning about words that the network does not read, if there are any."""
        long = [str(number) for number, words in zip(index, sentences, strict=True) if len(words) > self.length]
        if not long:
            return ()
        lost = sum(max(len(words) - self.length, 0) for words in sentences)
        return (
            f"{counted(lost, 'token')} without a tag: the network reads {self.length} of a sentence (dataset.max_len), "
            f"and there are more in sentence {listed_names(long)}",
        )


def _own_columns(rows: Sequence[Sequence[str]], token: int) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the columns of tokens' rows, column_0 and so on, and what is to be said of them.

    That of the tokens is left out, if all rows have it in one place.
    """
    widths = {len(row) for row in rows}
    known = token % widths.pop() if len(widths) == 1 else None
    return own_columns([{f"column_{n}": cell for n, cell in enumerate(row) if n != known} for row in rows])
