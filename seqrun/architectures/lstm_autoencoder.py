"""An LSTM that reads a sample into a code, and one that writes the sample again from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from seqrun.architectures.layers import autoencoder
from seqrun.architectures.layers.recurrent_coder import Bidirectional, RecurrentCoder, StateNorm, Units
from seqrun.components.base import Architecture

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class LSTMAutoencoder(autoencoder.Reconstructs, Architecture):
    """An LSTM whose last state becomes a code, and one that reads the code at every step and writes the sample again.

    Srivastava, Mansimov and Salakhutdinov, 2015; the layout: Rivas, Deep Learning for Beginners, 2020, chapter 13.
    """

    name: Literal["lstm_autoencoder"] = Field("lstm_autoencoder", description="an LSTM encoder and an LSTM decoder")
    units: Units = 32
    bidirectional: Bidirectional = False
    latent_dim: autoencoder.LatentDim = 16
    input_dropout: autoencoder.InputDropout = 0.0
    code_dropout: autoencoder.CodeDropout = 0.0
    decoder_dropout: autoencoder.DecoderDropout = 0.0
    batch_norm: StateNorm = False
    code_activation: autoencoder.CodeActivation = "linear"
    output_activation: autoencoder.OutputActivation = "linear"

    def least_weights(self, outline: Outline) -> int:
        return self._coder().least_weights(outline, self.latent_dim)

    def build(self, spec: Spec) -> keras.Model:
        code = autoencoder.code_layer(self, activation=self.code_activation)
        return autoencoder.network(spec, self, self._coder(), code)

    def _coder(self) -> RecurrentCoder:
        return RecurrentCoder(self.units, self.bidirectional, self.batch_norm)
