"""Convolutions that shorten a sample to a code, and transposed ones that write the sample again from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from seqrun.architectures.layers import autoencoder, convolutional_coder
from seqrun.architectures.layers.convolution import KernelSize
from seqrun.architectures.layers.convolutional_coder import ConvolutionalCoder
from seqrun.components.base import Architecture

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class ConvAutoencoder(autoencoder.Reconstructs, Architecture):
    """Strided convolutions over time to a dense code, and their mirror image back, for samples of any length.

    Masci, Meier, Ciresan and Schmidhuber, Stacked Convolutional Auto-Encoders, 2011; strides in place of pooling.
    """

    name: Literal["conv_autoencoder"] = Field("conv_autoencoder", description="convolutions, and transposed ones back")
    filters: convolutional_coder.Filters = [32, 64]
    kernel_size: KernelSize = 5
    strides: convolutional_coder.Strides = 2
    activation: convolutional_coder.ConvolutionActivation = "relu"
    latent_dim: autoencoder.LatentDim = 16
    input_dropout: autoencoder.InputDropout = 0.0
    code_dropout: autoencoder.CodeDropout = 0.0
    decoder_dropout: autoencoder.DecoderDropout = 0.0
    code_activation: autoencoder.CodeActivation = "linear"
    output_activation: autoencoder.OutputActivation = "linear"

    def least_weights(self, outline: Outline) -> int:
        return self._coder().least_weights(outline, self.latent_dim)

    def build(self, spec: Spec) -> keras.Model:
        code = autoencoder.code_layer(self, activation=self.code_activation)
        return autoencoder.network(spec, self, self._coder(), code)

    def _coder(self) -> ConvolutionalCoder:
        return ConvolutionalCoder(self.filters, self.kernel_size, self.strides, self.activation)
