"""The transformer's encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from seqrun.architectures.layers.embedding import RANDOM, Embedding, embed, embedded, embedding_problems, model_input
from seqrun.architectures.layers.fields import Activation, EmbeddingDropout, OutputDropout, Rate, Size
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.positions import Positions, add_positions, count_positions
from seqrun.architectures.layers.sequences import ends_time_problems
from seqrun.components.answers import Answers
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec

Pooling = Literal["average", "first", "last"]


class Transformer(Architecture):
    """Embedding with positions, blocks of self-attention and feed-forward layers, and an output on the pooled steps.

    Padding has no effect: it is masked in the attention and in the pooling, and positions are counted from the first
    real step. A network that forecasts or tags at every step has no pooling; a step that forecasts attends to no later
    step. Vaswani et al., Attention Is All You Need, 2017; `norm: pre` is Xiong et al., 2020.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Literal["transformer"] = Field("transformer", description="a transformer encoder")
    embedding_dim: int | None = Field(
        None, ge=1, description="numbers that a token becomes; by default as many as the vectors have, else the width"
    )
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: Embedding = RANDOM
    width: Size = Field(64, description="width of the model; inputs of another width are projected to it")
    layers: Size = Field(1, description="encoder blocks")
    heads: Size = Field(2, validate_default=True, description="attention heads of a block; they share the width")
    feed_forward: Size = Field(64, description="width of a block's feed-forward layer")
    activation: Activation = Field("relu", description="activation of the feed-forward layers")
    dropout: Rate = Field(0.1, description="share of each block's attention and outputs dropped in training")
    norm: Literal["pre", "post"] = Field("pre", description="normalise before each sublayer or after its sum")
    positions: Positions = Field("learned", description="how a step knows where it stands")
    pooling: Pooling | None = Field(
        None,
        description="the mean of the steps, or one alone; by default the mean, and none where each step is answered",
    )
    output_dropout: OutputDropout = 0.0

    @field_validator("heads")
    @classmethod
    def _share_the_width(cls, heads: int, info: ValidationInfo) -> int:
        width = info.data.get("width")  # None: has a mistake of its own
        if width is not None and width % heads:
            raise ValueError(f"{heads} heads cannot share a width of {width}, which they do not divide")
        return heads

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from ends_time_problems("pooling", self.pooling, outline)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield nothing: padding is masked, and positions are counted from the first real step."""
        yield from ()

    def least_weights(self, outline: Outline) -> int:
        weights, _ = embedded(self, outline, self.width)
        positions = (outline.length or 0) * self.width
        blocks = self.layers * self.width * (4 * self.width + 2 * self.feed_forward)
        return weights + positions + blocks

    def build(self, spec: Spec) -> keras.Model:
        import keras
        from keras import layers, ops

        answers = spec.target.answers
        sequence = model_input(spec)
        where = count_positions(sequence, spec)  # (batch, time)
        present = ops.greater(where, 0)
        x = embed(sequence, spec, self, default_dim=self.width)
        if x.shape[-1] != self.width:
            x = layers.Dense(self.width, name="projection")(x)  # (batch, time, width)
        x = add_positions(x, where, self.positions)
        for number in range(1, self.layers + 1):
            x = self._block(x, present, number, causal=answers is Answers.FORECASTS)
        if self.norm == "pre":
            x = layers.LayerNormalization(epsilon=1e-6, name="norm")(x)
        if not answers.each_step:
            x = _pool(x, where, self.pooling or "average")  # (batch, width)
        return keras.Model(sequence, answer(x, spec, dropout=self.output_dropout), name=self.name)

    def _block(
        self, x: keras.KerasTensor, present: keras.KerasTensor, number: int, *, causal: bool
    ) -> keras.KerasTensor:
        """Return x (batch, time, width) after an encoder block; `present` (batch, time) marks the real steps."""
        from keras import layers

        attention = layers.MultiHeadAttention(
            self.heads, self.width // self.heads, dropout=self.dropout, name=f"attention_{number}"
        )
        wide = layers.Dense(self.feed_forward, self.activation, name=f"feed_forward_{number}")
        narrow = layers.Dense(self.width, name=f"feed_forward_{number}_out")
        x = self._sublayer(
            x, lambda h: attention(h, h, value_mask=present, use_causal_mask=causal), f"attention_{number}"
        )
        return self._sublayer(x, lambda h: narrow(wide(h)), f"feed_forward_{number}")

    def _sublayer(
        self, x: keras.KerasTensor, apply: Callable[[keras.KerasTensor], keras.KerasTensor], name: str
    ) -> keras.KerasTensor:
        """Return x + dropout(apply(x)), (batch, time, width), normalised before `apply` or after the sum."""
        from keras import layers

        from seqrun.architectures.layers.fast.dropout import Dropout

        norm = layers.LayerNormalization(epsilon=1e-6, name=f"{name}_norm")
        h = apply(norm(x) if self.norm == "pre" else x)
        if self.dropout:
            h = Dropout(self.dropout, name=f"{name}_dropout")(h)
        x = layers.Add(name=f"{name}_sum")([x, h])
        return norm(x) if self.norm == "post" else x


def _pool(x: keras.KerasTensor, where: keras.KerasTensor, pooling: Pooling) -> keras.KerasTensor:
    """Return x (batch, time, width) pooled to a vector (batch, width); `where` numbers the real steps, 0 is padding."""
    from keras import layers, ops

    pooled = {
        "average": lambda: ops.greater(where, 0),
        "first": lambda: ops.equal(where, 1),
        "last": lambda: ops.logical_and(ops.equal(where, ops.max(where, axis=1, keepdims=True)), ops.greater(where, 0)),
    }[pooling]()
    return layers.GlobalAveragePooling1D(name=pooling)(x, mask=pooled)
