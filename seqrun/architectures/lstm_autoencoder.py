"""An LSTM that reads a sample into a code, and one that writes the sample again from it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.autoencoder import (
    CodeActivation,
    CodeDropout,
    DecoderDropout,
    InputDropout,
    LatentDim,
    OutputActivation,
    as_reconstruction,
    autoencoder,
    code_layer,
    output_problems,
)
from seqrun.architectures.layers.recurrent_coder import Bidirectional, RecurrentCoder, StateNorm, Units
from seqrun.components.base import Architecture
from seqrun.components.splits import Spec
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


class LSTMAutoencoder(Architecture):
    """An LSTM whose last state becomes a code, and one that reads the code at every step and writes the sample again.

    Srivastava, Mansimov and Salakhutdinov, 2015; the layout: Rivas, Deep Learning for Beginners, 2020, chapter 13.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"reconstruction"})

    name: Literal["lstm_autoencoder"] = Field("lstm_autoencoder", description="an LSTM encoder and an LSTM decoder")
    units: Units = 32
    bidirectional: Bidirectional = False
    latent_dim: LatentDim = 16
    input_dropout: InputDropout = 0.0
    code_dropout: CodeDropout = 0.0
    decoder_dropout: DecoderDropout = 0.0
    batch_norm: StateNorm = False
    code_activation: CodeActivation = "linear"
    output_activation: OutputActivation = "linear"

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from output_problems(self, experiment)

    def refine(self, spec: Spec) -> Spec:
        return as_reconstruction(spec)

    def build(self, spec: Spec) -> keras.Model:
        return autoencoder(spec, self, RecurrentCoder(self), code_layer(self, activation=self.code_activation))
