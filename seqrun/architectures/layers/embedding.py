"""The embedding that token models begin with: random or from a file of word vectors, trainable or fixed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Protocol

from pydantic import Field

from seqrun.architectures.layers import vectors
from seqrun.architectures.layers.padding import without_padding
from seqrun.components.options import Options
from seqrun.errors import DataError, MissingData, Problem, UsageError

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec
    from seqrun.components.vocabulary import Vocabulary

DEFAULT_DIM = 64

log = logging.getLogger("seqrun")


class EmbeddingOptions(Options):
    """Where the embedding's weights come from, and whether training changes them."""

    path: Path | None = Field(None, description="a text file of word vectors (GloVe, word2vec) to start from")
    trainable: bool = Field(True, description="let training change the embedding")


Embedding = Annotated[EmbeddingOptions, Field(description="the embedding's start and training")]
RANDOM = EmbeddingOptions()  # drawn weights, which training changes


class Embeds(Protocol):
    """The settings of an architecture with an embedding."""

    @property
    def embedding_dim(self) -> int | None: ...
    @property
    def embedding_dropout(self) -> float: ...
    @property
    def embedding(self) -> EmbeddingOptions: ...


def model_input(spec: Spec) -> keras.KerasTensor:
    """Return the model's input: (batch, time) token ids, or (batch, time, features) values."""
    import keras

    tokens = spec.vocabulary is not None
    return keras.Input(spec.input_shape, dtype="int32" if tokens else "float32", name="tokens" if tokens else "values")


def embed(
    inputs: keras.KerasTensor,
    spec: Spec,
    architecture: Embeds,
    *,
    mask: bool = False,
    default_dim: int = DEFAULT_DIM,
) -> keras.KerasTensor:
    """Return tokens as vectors, (batch, time, embedding_dim), after dropout; values unchanged, with zeros as padding.

    `mask` makes the layers that follow skip padding. Raises DataError if the file of word vectors cannot be used, and
    UsageError if the data has no words to look up in it.
    """
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    if spec.vocabulary is None:
        return without_padding(inputs, spec, mask=mask)
    options = architecture.embedding
    dim = vectors.dimension(options.path) if options.path else architecture.embedding_dim or default_dim
    layer = layers.Embedding(spec.vocabulary.size, dim, mask_zero=mask, trainable=options.trainable, name="embedding")
    x = layer(inputs)  # (batch, time, embedding_dim)
    if options.path:
        _start_from(options.path, layer, spec.vocabulary)
    if architecture.embedding_dropout:
        x = Dropout(architecture.embedding_dropout, name="embedding_dropout")(x)
    return x


def embedded(architecture: Embeds, outline: Outline, default_dim: int = DEFAULT_DIM) -> tuple[int, int]:
    """Return how many weights the embedding has, and how many numbers a step becomes, as far as both are known.

    0 weights and 1 number are what is not known, as of a file of word vectors.
    """
    if outline.inputs != "tokens":
        return 0, outline.features or 1
    dim = architecture.embedding_dim or (1 if architecture.embedding.path else default_dim)
    return (outline.vocabulary_size or 0) * dim, dim


def _start_from(path: Path, layer: keras.layers.Embedding, vocabulary: Vocabulary) -> None:
    """Set the vectors of the words that the file has, and log how many; other words keep the layer's drawn weights."""
    if not vocabulary.ids:
        raise UsageError(
            f"architecture.embedding.path: vectors are looked up by word in {path.name}, and the dataset came as bare "
            "ids, without its word index"
        )
    found = vectors.read(path, vocabulary.ids)
    if not found:
        raise DataError(f"{path}: has a vector for none of the vocabulary's {len(vocabulary.ids):,} words")
    (weights,) = layer.get_weights()  # (vocabulary, embedding_dim)
    for word, vector in found.items():
        weights[vocabulary.ids[word]] = vector
    layer.set_weights([weights])
    share = len(found) / len(vocabulary.ids)
    log.info(
        "%s: vectors for %s of %s words (%.1f%%)", path.name, f"{len(found):,}", f"{len(vocabulary.ids):,}", 100 * share
    )


def embedding_problems(architecture: Embeds, experiment: Experiment) -> Iterator[Problem]:
    """Yield what cannot work: embedding settings on numbers, an unusable file, a dimension other than the file's."""
    options, dim = architecture.embedding, architecture.embedding_dim
    if experiment.dataset.inputs != "tokens":
        given = {"embedding_dim": dim, "embedding_dropout": architecture.embedding_dropout, "embedding": options.path}
        for key in (key for key, value in given.items() if value):
            yield Problem(
                ("architecture", key),
                f"has no effect: dataset {experiment.dataset.name} has numbers, which are not embedded",
            )
    elif options.path:
        try:
            size = vectors.dimension(options.path)
        except DataError as error:
            kind = Problem if options.path.exists() else MissingData
            yield kind(("architecture", "embedding", "path"), str(error))
            return
        if dim is not None and dim != size:
            message = (
                f"is {dim}, but the vectors of {options.path.name} have {size} numbers (leave it out to take theirs)"
            )
            yield Problem(("architecture", "embedding_dim"), message)
