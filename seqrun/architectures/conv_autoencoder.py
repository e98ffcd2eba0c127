"""Convolutions that shorten a sample to a code, and transposed ones that write the sample again from it."""

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
from seqrun.architectures.layers.convolutional_coder import (
    ConvolutionActivation,
    ConvolutionalCoder,
    Filters,
    KernelSize,
    Strides,
)
from seqrun.components.base import Architecture
from seqrun.components.splits import Spec
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


class ConvAutoencoder(Architecture):
    """Strided convolutions over time to a dense code, and their mirror image back, for samples of any length.

    Masci, Meier, Ciresan and Schmidhuber, Stacked Convolutional Auto-Encoders, 2011; strides in place of pooling.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"reconstruction"})

    name: Literal["conv_autoencoder"] = Field("conv_autoencoder", description="convolutions, and transposed ones back")
    filters: Filters = [32, 64]
    kernel_size: KernelSize = 5
    strides: Strides = 2
    activation: ConvolutionActivation = "relu"
    latent_dim: LatentDim = 16
    input_dropout: InputDropout = 0.0
    code_dropout: CodeDropout = 0.0
    decoder_dropout: DecoderDropout = 0.0
    code_activation: CodeActivation = "linear"
    output_activation: OutputActivation = "linear"

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from output_problems(self, experiment)

    def refine(self, spec: Spec) -> Spec:
        return as_reconstruction(spec)

    def build(self, spec: Spec) -> keras.Model:
        return autoencoder(spec, self, ConvolutionalCoder(self), code_layer(self, activation=self.code_activation))
