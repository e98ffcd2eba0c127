"""Recurrent networks: SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from seqrun.architectures.layers.cells import Bidirectional, Cell, InputsDropout, RecurrentDropout, Units, recurrent
from seqrun.architectures.layers.embedding import RANDOM, Embedding, embed, embedded, embedding_problems, model_input
from seqrun.architectures.layers.fields import Activation, EmbeddingDim, EmbeddingDropout, OutputDropout, as_list
from seqrun.architectures.layers.output import answer, as_forecast
from seqrun.architectures.layers.padding import padded_at_end, padded_texts, real_steps
from seqrun.architectures.layers.sequences import both_ways_problems
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class Recurrent(Architecture):
    """Embedding, recurrent layers, and an output layer on the last state, or on every state to answer at every step.

    LSTM: Hochreiter and Schmidhuber, 1997; GRU: Cho et al., 2014; the layout: Rivas, Deep Learning for Beginners, 2020.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Cell = Field(description="the recurrent cell")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: Embedding = RANDOM
    mask: bool = Field(
        False,
        description="skip a text's padding; padding of numbers and of tagged tokens is always skipped",
    )
    units: Units = 32
    bidirectional: Bidirectional = False
    activation: Activation = Field("tanh", description="the cell's activation; cuDNN knows only tanh")
    dropout: InputsDropout = 0.0
    recurrent_dropout: RecurrentDropout = 0.0
    batch_norm: bool = Field(False, description="normalise the last state over the batch")
    output_dropout: OutputDropout = 0.0

    output_layer: bool = Field(True, description="false: the last layer's states are the forecast, one unit a number")

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from embedding_problems(self, experiment)
        if self.mask and experiment.dataset.inputs != "tokens":
            yield Problem(
                ("architecture", "mask"),
                f"has no effect: dataset {experiment.dataset.name} has numbers, whose padding is always skipped",
            )

    def outline_problems(self, outline: Outline) -> Iterator[Problem]:
        yield from both_ways_problems(self.bidirectional, outline)
        if not self.output_layer:
            yield from self._bare_problems(outline)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        if not self.mask and padded_texts(experiment):
            yield Problem(
                ("architecture", "mask"),
                "is false, and trainer.batching bucketed would pad a text less; set it to true",
            )

    def _bare_problems(self, outline: Outline) -> Iterator[Problem]:
        """Yield what cannot work without an output layer."""
        if outline.ahead is None:
            yield Problem(("architecture", "output_layer"), "the states of a recurrent layer are no probabilities")
            return
        if self.output_dropout:
            yield Problem(("architecture", "output_dropout"), "has no effect: output_layer is false")
        states = as_list(self.units)[-1] * (2 if self.bidirectional else 1)
        if states % outline.ahead or (outline.units or states) != states:
            wanted = outline.units or f"{outline.ahead} for each target"
            yield Problem(
                ("architecture", "units"),
                f"without an output layer the last layer's states are the forecast, {wanted}, and there are {states}",
            )

    def least_weights(self, outline: Outline) -> int:
        weights, _ = embedded(self, outline)
        return weights + sum(units**2 for units in as_list(self.units))  # from state to state

    def build(self, spec: Spec) -> keras.Model:
        import keras

        sequence, each_step = model_input(spec), spec.target.answers.each_step
        masked = self.mask or padded_at_end(spec)
        x = embed(sequence, spec, self, mask=masked)  # (batch, time, features)
        real = real_steps(sequence, spec) if masked else None  # (batch, time)
        x = recurrent(
            x,
            self.name,
            as_list(self.units),
            sequence=each_step,
            mask=real,
            bidirectional=self.bidirectional,
            activation=self.activation,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
        )  # (batch, units), or (batch, time, units)
        if self.batch_norm:
            x = keras.layers.BatchNormalization(name="batch_norm")(x, mask=real if each_step else None)
        outputs = answer(x, spec, dropout=self.output_dropout) if self.output_layer else as_forecast(x, spec)
        return keras.Model(sequence, outputs, name=self.name)
