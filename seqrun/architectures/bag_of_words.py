"""The simplest network for text: the mean of its words' vectors."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.embedding import RANDOM, Embedding, embed, embedded, embedding_problems, model_input
from seqrun.architectures.layers.fields import Activation, EmbeddingDim, EmbeddingDropout, OutputDropout, Size
from seqrun.architectures.layers.output import answer, hidden, hidden_weights
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class BagOfWords(Architecture):
    """The mean of the tokens' embeddings, padding left out, and a classifier (Joulin et al., Bag of Tricks, 2016)."""

    inputs: ClassVar = frozenset({"tokens"})
    tasks: ClassVar = frozenset({"classification"})

    name: Literal["bag_of_words"] = Field("bag_of_words", description="mean of the embeddings")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: Embedding = RANDOM
    dense: list[Size] = Field([], description="sizes of fully connected layers before the output")
    activation: Activation = Field("relu", description="activation of the dense layers")
    output_dropout: OutputDropout = 0.0

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield nothing: the mean leaves padding out."""
        yield from ()

    def least_weights(self, outline: Outline) -> int:
        weights, width = embedded(self, outline)
        return weights + hidden_weights(width, self.dense)

    def build(self, spec: Spec) -> keras.Model:
        import keras

        tokens = model_input(spec)  # (batch, time)
        x = embed(tokens, spec, self, mask=True)  # (batch, time, embedding_dim)
        x = keras.layers.GlobalAveragePooling1D(name="average")(x)  # (batch, embedding_dim)
        x = hidden(x, self.dense, self.activation)
        return keras.Model(tokens, answer(x, spec, dropout=self.output_dropout), name=self.name)
