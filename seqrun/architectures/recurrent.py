"""Recurrent networks: SimpleRNN, LSTM and GRU."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from pydantic import Field

from seqrun.architectures.layers.cells import Cell, recurrent
from seqrun.architectures.layers.embedding import EmbeddingOptions, embed, embedding_problems, model_input
from seqrun.architectures.layers.fields import (
    Activation,
    EmbeddingDim,
    EmbeddingDropout,
    OutputDropout,
    Rate,
    Sizes,
    as_list,
)
from seqrun.architectures.layers.output import answer, as_forecast, unlike_a_forecast
from seqrun.architectures.layers.padding import padded_at_end, padded_texts, real_steps
from seqrun.architectures.layers.sequences import both_ways_problems, expected, expected_by, refuse
from seqrun.components.base import Architecture
from seqrun.components.splits import Spec
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


class Recurrent(Architecture):
    """Embedding, recurrent layers, and an output layer on the last state, or on every state to answer at every step.

    LSTM: Hochreiter and Schmidhuber, 1997; GRU: Cho et al., 2014; the layout: Rivas, Deep Learning for Beginners, 2020.
    """

    inputs: ClassVar = frozenset({"tokens", "values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Cell = Field(description="the recurrent cell")
    embedding_dim: EmbeddingDim = None
    embedding_dropout: EmbeddingDropout = 0.0
    embedding: EmbeddingOptions = Field(EmbeddingOptions(), description="the embedding's start and training")
    mask: bool = Field(
        False,
        description="skip a text's padding; slower on a GPU, where cuDNN cannot skip padding in front. "
        "Padding of numbers and of tagged tokens is always skipped",
    )
    units: Sizes = Field(32, description="size of the state; a list has one layer for each of its numbers")
    bidirectional: bool = Field(False, description="read each sequence in both directions and join the two states")
    activation: Activation = Field("tanh", description="the cell's activation; cuDNN knows only tanh")
    dropout: Rate = Field(0.0, description="share of the cell's inputs dropped in training")
    recurrent_dropout: Rate = Field(
        0.0, description="share of the cell's previous state dropped in training; not with cuDNN"
    )
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
        yield from both_ways_problems(self.bidirectional, expected_by(experiment))
        if not self.output_layer:
            yield from self._bare_problems(experiment)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        if not self.mask and padded_texts(experiment):
            yield Problem(
                ("architecture", "mask"),
                "is false, and trainer.batching bucketed would pad a text less; set it to true",
            )

    def _bare_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """What cannot work without an output layer."""
        dataset = experiment.dataset
        if "forecasting" not in dataset.tasks & experiment.trainer.tasks:
            yield Problem(("architecture", "output_layer"), "the states of a recurrent layer are no probabilities")
            return
        if self.output_dropout:
            yield Problem(("architecture", "output_dropout"), "has no effect: output_layer is false")
        horizon = 1 if getattr(dataset, "forecast", None) == "iterated" else getattr(dataset, "horizon", 1)
        states = as_list(self.units)[-1] * (2 if self.bidirectional else 1)
        if states % horizon:
            yield unlike_a_forecast(states, f"{horizon} for each target")

    def build(self, spec: Spec) -> keras.Model:
        import keras

        refuse(both_ways_problems(self.bidirectional, expected(spec)))
        sequence, each_step, masked = model_input(spec), expected(spec).each_step, self.mask or padded_at_end(spec)
        x = embed(sequence, spec, self, mask=masked)  # (batch, time, features)
        real = real_steps(sequence, spec) if masked else None  # (batch, time)
        x = recurrent(
            x,
            self.name,
            as_list(self.units),
            sequence=each_step,
            mask=real,
            bidirectional=self.bidirectional,
            padded_in_front=self.mask and not padded_at_end(spec),
            activation=self.activation,
            dropout=self.dropout,
            recurrent_dropout=self.recurrent_dropout,
        )  # (batch, units), or (batch, time, units)
        if self.batch_norm:
            x = keras.layers.BatchNormalization(name="batch_norm")(x, mask=real if each_step else None)
        outputs = answer(x, spec, dropout=self.output_dropout) if self.output_layer else as_forecast(x, spec)
        return keras.Model(sequence, outputs, name=self.name)
