"""Reads new texts and encodes them as a run's own were."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

import numpy as np

from seqrun.components.reading import LabelledSamples, NewSamples, Reader
from seqrun.components.splits import Spec, Split
from seqrun.datasets.shared.known_labels import KnownLabels
from seqrun.datasets.shared.labelling import Labelling
from seqrun.datasets.text.encoding import ENCODING_FILE, TextEncoder
from seqrun.datasets.text.new_texts import NewTexts, TextFiles
from seqrun.datasets.text.unknown import unread_warning
from seqrun.errors import InputError, Parameter


@dataclass(frozen=True)
class TextReader(Reader):
    """Reads texts; each is a sample."""

    endings = TextFiles.endings

    encoder: TextEncoder
    files: TextFiles = field(default_factory=TextFiles)
    labelling: Labelling | None = None  # of the run's own texts; None: not known

    @classmethod
    def from_artifacts(
        cls, artifacts: Mapping[str, bytes], files: TextFiles | None = None, labelling: Labelling | None = None
    ) -> Self | None:
        """Return the reader of a run with these artifacts; None if they do not describe how texts are encoded."""
        if ENCODING_FILE not in artifacts:
            return None
        return cls(TextEncoder.from_artifacts(artifacts), files or TextFiles(), labelling)

    def reads(self, path: Path) -> bool:
        """Return whether this reader reads files with the path's ending; they can be packed (.csv.gz)."""
        return self.files.reads(path)

    def written(self, settings: Mapping[str, Any], path: Path) -> Self:
        return replace(self, files=self.files.written(settings, path))

    def read(self, path: Path, column: str | None = None) -> NewSamples:
        """Return the texts of a file: each line, or each row of a table, is one."""
        return self._encoded(self.files.read(path, column))

    def labelled(self, path: Path, spec: Spec, column: str | None = None, label: str | None = None) -> LabelledSamples:
        """Return the labelled texts of a table, or of a folder with a sub-folder a class."""
        if path.is_dir() and label is not None:
            raise InputError(Parameter("label", label), f": {path} is a folder, whose sub-folders are the classes")
        known = KnownLabels.of(self.labelling, spec, label)
        texts, labels = self.files.labelled(path, known, column)
        samples = self._encoded(texts)
        split = Split(samples.inputs, known.targets(labels), samples.index)
        return LabelledSamples(split, samples, samples.warnings)

    def texts(self, texts: Sequence[str]) -> NewSamples:
        """Return these texts as samples."""
        return self._encoded(NewTexts(texts, range(len(texts))))

    def lines(self, lines: Iterable[str], name: str) -> NewSamples:
        """Return each line as a sample."""
        return self._encoded(self.files.lines(lines, name))

    def _encoded(self, given: NewTexts) -> NewSamples:
        index = np.array(given.index, np.int64)
        vocabulary = self.encoder.vocabulary
        known = [any(token in vocabulary.ids for token in vocabulary.tokens(text)) for text in given.texts]
        unread = unread_warning(known, given.index, "text")
        warnings = given.warnings if unread is None else (*given.warnings, unread)
        return NewSamples(self.encoder.encode(given.texts), index, given.texts, warnings=warnings, own=given.own)
