"""Tagged sentences as arrays: which belong to which split, and the ids of their tokens and tags."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

import numpy as np

from seqrun.components.padding import NO_TAG
from seqrun.components.provenance import Source
from seqrun.components.splits import Spec, Split, Splits
from seqrun.components.targets import TagTarget
from seqrun.components.vocabulary import Vocabulary, normalize
from seqrun.datasets.shared.grouped import compact, group_doubts, grouped_parts
from seqrun.datasets.shared.known_labels import meant
from seqrun.datasets.shared.label_forms import named
from seqrun.datasets.shared.overlap import Equals, with_overlap
from seqrun.datasets.shared.partition import Partition, draw
from seqrun.datasets.tagged.reading import Sentence, TaggedFile
from seqrun.datasets.text.encoding import Ragged
from seqrun.errors import DataError
from seqrun.readable import counted, listed_names

OUTSIDE = "O"  # the tag of a token that is part of nothing, in all schemes that mark spans


def encode_sentences(vocabulary: Vocabulary, sentences: Iterable[Sequence[str]], length: int) -> np.ndarray:
    """Return the token ids, (sentences, length) int32; longer sentences are cut, shorter ones padded with 0 at the end.

    For a run, `vocabulary` is `spec.vocabulary`, and `length` is `spec.input_shape[0]`.
    """
    return Ragged.of([vocabulary.encode_tokens(tokens) for tokens in sentences]).pad(length, "post", "post")


def encode_tags(tags: Sequence[str], sentences: Iterable[Sequence[str]], length: int) -> np.ndarray:
    """Return the tag numbers, (sentences, length) int32, with NO_TAG past a sentence's end."""
    number = {tag: i - NO_TAG for i, tag in enumerate(tags)}  # padding with 0 becomes NO_TAG
    return Ragged.of([[number[tag] for tag in each] for each in sentences]).pad(length, "post", "post") + NO_TAG


def known_tags(file: TaggedFile, tags: Sequence[str], merge: Mapping[str, str]) -> TaggedFile:
    """Return new sentences with the tags that a run knows, as its own were read.

    Raises DataError for sentences with another tag, or leaves them out with a warning, where `bad_rows` is skip.
    """
    sentences = [replace(each, tags=[meant(tag, merge) for tag in each.tags]) for each in file.sentences]
    strange = Counter(tag for each in sentences for tag in each.tags if tag not in tags)
    if not strange:
        return replace(file, sentences=sentences)
    found = listed_names([f"{tag} ({count:,})" for tag, count in sorted(strange.items())])
    told = f"{file.path}: {counted(strange.total(), 'token')} with tags that the run never saw: {found}"
    kept = [each for each in sentences if not strange.keys() & {*each.tags}]
    if file.bad_rows == "error" or not kept:
        help = "mend them, or leave out their sentences with bad_rows: skip"
        raise DataError(f"{told}; it knows {listed_names(tags)}\n{help}")
    left_out = f"{told}; {counted(len(sentences) - len(kept), 'sentence')} left out (bad_rows: skip)"
    return replace(file, sentences=kept, warnings=(*file.warnings, left_out))


@dataclass(frozen=True)
class TaggedSentences:
    """The sentences of all files of a corpus, and which of them come from which file."""

    path: Path
    sentences: Sequence[Sentence]
    files: Mapping[str, np.ndarray]  # split, as the files name it -> positions of its sentences
    doubts: tuple[str, ...] = ()  # about how the tags are written, a warning each

    @classmethod
    def of(
        cls, path: Path, read: Mapping[str, Sequence[Sentence]], merge: Mapping[str, str] | None = None
    ) -> TaggedSentences:
        """Return the sentences of all files, given for each file; tags in `merge` become the others that it gives."""
        tags = Counter(tag for sentences in read.values() for sentence in sentences for tag in sentence.tags)
        found = named(path, tags, merge or {})
        sentences = [
            replace(sentence, tags=[found.names[tag] for tag in sentence.tags])
            for sentence in chain.from_iterable(read.values())
        ]
        ends = np.cumsum([len(each) for each in read.values()])
        files = {split: np.arange(end - len(read[split]), end) for split, end in zip(read, ends, strict=True)}
        return cls(path, sentences, files, found.doubts)

    def partition(self, fractions: Sequence[float], seed: int, limit: int | None) -> Partition:
        """Return the partition of the sentences.

        A split that has a file consists of its sentences; any other is drawn from the training file, by its fraction.
        """
        rest = self.files["train"]
        drawn: dict[str, np.ndarray] = {}
        share = dict(zip(("train", "validation", "test"), fractions, strict=True))
        whole = len(rest) / sum(share[split] for split in share if split == "train" or split not in self.files)
        for stage, split in enumerate(("test", "validation")):
            if split in self.files:
                drawn[split] = self.files[split]
            else:
                count = max(round(whole * share[split]), 1)
                drawn[split] = rest[draw(np.zeros(len(rest)), count, seed, stage)]
                rest = np.setdiff1d(rest, drawn[split], assume_unique=True)
        if not len(rest):
            few = counted(len(self.files["train"]), "sentence")
            raise DataError(f"{self.path}: {few}, too few for these splits; blank lines end sentences")
        return Partition(rest, **drawn).limited(limit, np.zeros(len(self.sentences)), seed)

    def of_documents(self, fractions: Sequence[float], seed: int, limit: int | None) -> Partition:
        """Return the same partition, but that no document stands in two splits.

        Raises DataError if the training file has no documents, or fewer than the splits that are drawn from it.
        """
        rest = self.files["train"]
        documents = self._documents()[rest]
        if not documents.any():
            raise DataError(
                f"{self.path}: dataset.splits.keep_together: no line begins a document, neither -DOCSTART- nor a "
                "comment # newdoc"
            )
        share = dict(zip(("train", "validation", "test"), fractions, strict=True))
        drawn = [split for split in share if split == "train" or split not in self.files]
        alike = np.zeros(len(rest), np.int64)
        parts = grouped_parts(self.path, alike, compact(documents), [share[split] for split in drawn], seed)
        found = {split: rest[part] for split, part in zip(drawn, parts, strict=True)}
        return Partition(**{**self.files, **found}).limited(limit, np.zeros(len(self.sentences)), seed)

    def document_doubts(self, parts: Partition, fractions: Sequence[float] | None) -> Iterator[str]:
        """Yield warnings of splits that are far from their fractions; None: files or a limit say how large they are."""
        every = np.zeros(len(self.sentences), np.int64)
        yield from (f"{self.path}: {doubt}" for doubt in group_doubts(self._documents(), parts, fractions, every, ()))

    def _documents(self) -> np.ndarray:
        """Return the number of each sentence's document, those of other files being others."""
        numbers = np.array([sentence.document for sentence in self.sentences], np.int64)
        for split, positions in self.files.items():
            if split != "train" and len(positions):
                numbers[positions] += numbers.max() + 1
        return numbers

    def tags(self) -> tuple[str, ...]:
        """Return all tags: O first, then alphabetically; raise DataError if there is only one."""
        found = set(chain.from_iterable(sentence.tags for sentence in self.sentences))
        if len(found) < 2:
            raise DataError(
                f"{self.path}: every token has the tag {found.pop()!r}; does dataset.tag_column name the right column?"
            )
        return tuple(sorted(found, key=lambda tag: (tag != OUTSIDE, tag)))

    def splits(self, parts: Partition, vocabulary: Vocabulary, max_len: int, source: Source) -> Splits:
        """Return the splits, encoded, with warnings about cut sentences and tags that cannot be learned."""
        tags = self.tags()
        number_in_file = np.concatenate([np.arange(len(positions)) for positions in self.files.values()])

        def split(part: np.ndarray) -> Split:
            chosen = self.of_part(part)
            inputs = encode_sentences(vocabulary, (sentence.tokens for sentence in chosen), max_len)
            targets = encode_tags(tags, (sentence.tags for sentence in chosen), max_len)
            return Split(inputs, targets, number_in_file[part])

        spec = Spec((max_len,), TagTarget(tags), vocabulary)
        train, validation, test = split(parts.train), split(parts.validation), split(parts.test)
        warnings = (*self.doubts, *self._cut(parts, max_len), *self._never_learned(parts))
        splits = Splits(spec, train, validation, test, (source,), warnings=warnings)
        return with_overlap(splits, self._equals(), parts, number_in_file, self._place)

    def _place(self, position: int) -> str:
        """Return what a message calls the sentence at a position: its number, from 0, in the file of its split."""
        for split, positions in self.files.items():
            if positions[0] <= position <= positions[-1]:
                of = f" of {split}" if len(self.files) > 1 else ""
                return f"sentence {position - positions[0]}{of}"
        raise IndexError(position)

    def _equals(self) -> Equals:
        """Return which sentences are equal apart from case and Unicode form."""
        keys = (tuple(normalize(token, lowercase=True) for token in each.tokens) for each in self.sentences)
        return Equals.by(keys, "sentence", "case")

    def of_part(self, part: np.ndarray) -> list[Sentence]:
        """Return the sentences at these positions."""
        return [self.sentences[position] for position in part]

    def _cut(self, parts: Partition, max_len: int) -> Iterator[str]:
        """Yield a warning for each split that loses tokens."""
        for split in ("train", "validation", "test"):
            lengths = np.array([len(sentence.tokens) for sentence in self.of_part(getattr(parts, split))])
            if lost := int(np.maximum(lengths - max_len, 0).sum()):
                cut, tokens = (lengths > max_len).sum(), lengths.sum()
                yield (
                    f"{self.path}: {split}: sentences longer than max_len ({max_len}) are cut, {cut:,} of "
                    f"{len(lengths):,}; tokens that are neither read nor counted in any metric: {lost:,} of {tokens:,}"
                )

    def _never_learned(self, parts: Partition) -> Iterator[str]:
        """Yield a warning about tags of validation or test that training lacks, as each counts as a mistake."""
        known = set(self._tag_counts(parts.train))
        for split in ("validation", "test"):
            counts = self._tag_counts(getattr(parts, split))
            if unknown := [f"{tag} ({count:,})" for tag, count in sorted(counts.items()) if tag not in known]:
                yield (
                    f"{self.path}: the training split lacks tags of {split}, which cannot be learned and count as "
                    f"mistakes: {listed_names(unknown)}"
                )

    def _tag_counts(self, part: np.ndarray) -> Counter[str]:
        return Counter(chain.from_iterable(sentence.tags for sentence in self.of_part(part)))
