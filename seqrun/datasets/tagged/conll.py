"""Anyone's own tagged sentences: CoNLL-style text files."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.components.vocabulary import SPECIALS, Vocabulary
from seqrun.datasets.files.prepared import prepared
from seqrun.datasets.files.sources import Found, find_at
from seqrun.datasets.shared.fields import Fractions
from seqrun.datasets.shared.grouping import Grouped, fractions_of, group_of
from seqrun.datasets.shared.layout import BadRows, Delimiter, Encoding, SkipRows, layout_problems
from seqrun.datasets.shared.layout import Layout as TextLayout
from seqrun.datasets.shared.merging import Merging, merge_of, names_of
from seqrun.datasets.tagged.fields import Comments, Separator
from seqrun.errors import Problem

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.components.splits import Spec, Splits
    from seqrun.datasets.tagged.reader import SentenceReader
    from seqrun.datasets.tagged.reading import Layout

FRACTIONS = [0.8, 0.1, 0.1]  # for train, validation, test
DOCUMENT = "document"  # what can be kept together


class Conll(Dataset):
    """Your own tagged sentences: a token a line with its tag in a column, a blank line after each sentence.

    Reads the files of the CoNLL shared tasks and CoNLL-U. `-DOCSTART-` lines are left out; so are multiword ranges
    (id 1-2) and empty nodes (1.1) of a file whose first column counts 1, 2, 3 ... in every sentence, as CoNLL-U's does:
    in others such rows are tokens. What is left out is told, with its lines. Tokens are taken as they are given, and
    padded after a sentence's end. Vocabulary and tags' frequencies come from the training split alone; the list of tags
    is the whole corpus', so that a tag which training lacks counts as a mistake (a warning names it). All that encoding
    new sentences takes is in the run's Spec.
    """

    tasks: ClassVar[frozenset[str]] = frozenset({"tagging"})
    inputs: ClassVar[str] = "tokens"

    name: Literal["conll"] = Field("conll", description="the dataset's name")
    path: Path = Field(
        description="a file, or a folder with one file a split (train.txt, eng.testa, x-dev.conllu), kept as such"
    )
    token_column: int = Field(0, description="the column of the tokens, counted from 0; -1 is the last")
    tag_column: int = Field(-1, description="the column of the tags, counted in the same way")
    labels: Merging | None = Field(
        None, description="{merge: {b-loc: B-LOC}} counts some tags as others; by default each is one as it is written"
    )
    separator: Separator = Field(
        "auto", description="auto: tabs where a line has one, so that tokens may hold blanks, else white space"
    )
    comments: Comments = Field(
        "auto",
        description='lines before a sentence that begin with "# " are comments; auto: where they can be no row of the '
        "token #, by their columns or by what they say (sent_id = 7); true: all; false: none",
    )
    lowercase: bool = Field(False, description="make upper and lower case one")
    num_words: int | None = Field(
        None, gt=len(SPECIALS), description="ids in the vocabulary, the three special ones included; null: all"
    )
    min_count: int = Field(
        2,
        ge=1,
        description="tokens rarer than that in training are unknown ones, so that such are learned from",
    )
    max_len: int | None = Field(
        None, ge=1, description="tokens of each sentence: longer ones are cut; null: of the longest one in training"
    )
    splits: Fractions | Grouped = Field(
        FRACTIONS,
        description="fractions of the sentences for train, validation, test; only for those without a file; or "
        "{keep_together: document}: documents, which begin with -DOCSTART- or # newdoc, stand in one split",
    )
    delimiter: Annotated[
        Delimiter, Field(description=r"what separates columns, such as ';' or '\t'; null: as separator says")
    ] = None
    encoding: Encoding = "utf-8"
    skip_rows: SkipRows = 0
    bad_rows: Annotated[
        BadRows,
        Field(description="lines that cannot be used: stop, or leave their sentences out with a warning"),
    ] = "error"

    @property
    def layout(self) -> Layout:
        """Return how its files are read."""
        from seqrun.datasets.tagged.reading import Layout

        return Layout(
            self.token_column,
            self.tag_column,
            self.delimiter or self.separator,
            self.comments,
            self.encoding,
            self.skip_rows if isinstance(self.skip_rows, int) else tuple(self.skip_rows),
            self.bad_rows,
        )

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        if self.token_column == self.tag_column:
            yield Problem(("dataset", "tag_column"), f"column {self.tag_column} holds the tokens already")
        if names_of(self.labels) is not None:
            yield Problem(("dataset", "labels", "names"), "is not for CoNLL files; tag_column says where the tags are")
        if (group := group_of(self.splits)) not in (None, DOCUMENT):
            why = f"{group!r}: of CoNLL files it can be {DOCUMENT}: what begins with -DOCSTART- or # newdoc"
            yield Problem(("dataset", "splits", "keep_together"), why)
        yield from layout_problems(TextLayout.of(self), self.path)

    def look(self) -> Iterator[Problem]:
        from seqrun.datasets.tagged.looking import look_at_sentences

        if not [*layout_problems(TextLayout.of(self), self.path)]:
            yield from look_at_sentences(self.path, self.layout)

    def sample_shape(self) -> tuple[int | None, ...]:
        return (self.max_len,)

    def reader(self, spec: Spec, artifacts: Mapping[str, bytes]) -> SentenceReader | None:
        from seqrun.datasets.tagged.reader import SentenceReader
        from seqrun.datasets.text.new_texts import TextFiles

        if spec.vocabulary is None:
            return None
        files = TextFiles(layout=TextLayout(encoding=self.encoding))
        return SentenceReader(spec.vocabulary, spec.input_shape[0], self.layout, files, merge_of(self.labels))

    def load(self, locations: Locations) -> Splits:
        """Return the splits of the files' sentences, encoded; raise DataError if files are missing or cannot be
        used.
        """
        found = find_at("conll", self.path, locations)
        return prepared(self, locations, [found], lambda locations: self._prepare(found, locations))

    def _prepare(self, found: Found, locations: Locations) -> Splits:
        import numpy as np

        from seqrun.datasets.tagged.files import split_files
        from seqrun.datasets.tagged.reading import read_sentences
        from seqrun.datasets.tagged.sentences import TaggedSentences
        from seqrun.datasets.text.unknown import unknown_doubts
        from seqrun.events.events import Message

        folder = found.path.is_dir()
        files = split_files(found.path, locations.emit) if folder else {"train": found.path}
        read = {split: read_sentences(file, self.layout) for split, file in files.items()}
        for file in read.values():
            locations.emit(Message(file.summary))
        sentences = {split: file.sentences for split, file in read.items()}
        corpus = TaggedSentences.of(found.path, sentences, merge_of(self.labels))
        together, fractions = group_of(self.splits) is not None, fractions_of(self.splits, FRACTIONS)
        divided = corpus.of_documents if together else corpus.partition
        parts = divided(fractions, self.split_seed, self.limit)
        parts = parts.trained_on(self.train_fraction, np.zeros(len(corpus.sentences)), self.split_seed)
        whole = len(files) == 1 and self.limit is None and self.train_fraction == 1
        wanted = fractions if whole else None
        apart = corpus.document_doubts(parts, wanted) if together else ()
        training = [sentence.tokens for sentence in corpus.of_part(parts.train)]
        vocabulary = Vocabulary.of_tokens(
            chain.from_iterable(training), self.num_words, lowercase=self.lowercase, min_count=self.min_count
        )
        max_len = self.max_len or max(map(len, training))
        splits = corpus.splits(parts, vocabulary, max_len, found.source(list(files.values()) if folder else None))
        doubts = chain.from_iterable(file.doubts for file in read.values())
        setting = f"dataset.num_words: {self.num_words or 'null'}; min_count: {self.min_count}"
        known = (f"{found.path}: {doubt}" for doubt in unknown_doubts(splits, (), setting))
        return replace(splits, warnings=(*doubts, *apart, *splits.warnings, *known))
