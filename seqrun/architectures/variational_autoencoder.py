"""An autoencoder whose codes are drawn from a distribution that is held near the standard normal one."""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from seqrun.architectures.layers import autoencoder, convolutional_coder
from seqrun.architectures.layers.convolution import KernelSize
from seqrun.architectures.layers.convolutional_coder import ConvolutionalCoder
from seqrun.architectures.layers.recurrent_coder import Bidirectional, RecurrentCoder, StateNorm, Units
from seqrun.components.base import Architecture
from seqrun.components.options import Options

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class LSTMBody(Options):
    """The layers of an lstm_autoencoder."""

    name: Literal["lstm"] = "lstm"
    units: Units = 32
    bidirectional: Bidirectional = False
    batch_norm: StateNorm = False

    def coder(self) -> autoencoder.Coder:
        """Return the layers on both sides of the code."""
        return RecurrentCoder(self.units, self.bidirectional, self.batch_norm)


class ConvBody(Options):
    """The layers of a conv_autoencoder."""

    name: Literal["conv"] = "conv"
    filters: convolutional_coder.Filters = [32, 64]
    kernel_size: KernelSize = 5
    strides: convolutional_coder.Strides = 2
    activation: convolutional_coder.ConvolutionActivation = "relu"

    def coder(self) -> autoencoder.Coder:
        """Return the layers on both sides of the code."""
        return ConvolutionalCoder(self.filters, self.kernel_size, self.strides, self.activation)


def _named(body: Any) -> Any:
    """Return the body's settings with its name: a bare string is the name, and settings without one are conv's."""
    if isinstance(body, str):
        return {"name": body}
    return {"name": "conv", **body} if isinstance(body, dict) else body


_AnyBody = Annotated[LSTMBody | ConvBody, Field(discriminator="name")]
Body = Annotated[_AnyBody, BeforeValidator(_named, json_schema_input_type=_AnyBody | Literal["lstm", "conv"])]


class VariationalAutoencoder(autoencoder.Reconstructs, Architecture):
    """An autoencoder that draws its codes, so that draws from the standard normal distribution decode to new samples.

    Kingma and Welling, Auto-Encoding Variational Bayes, 2014.

    The loss is the reconstruction loss, a mean over a sample's values, plus kl_weight * KL / (time * features). KL is
    the divergence of the distribution of a sample's code from the standard normal one, in nats. With
    binary_crossentropy and kl_weight 1 the loss is the negative evidence lower bound per value; with mse it is, up to a
    factor and a constant, the bound for values with normal noise of variance kl_weight / 2. Where samples differ in
    length, `time` is that of the longest. A higher kl_weight makes codes that are better to draw from, and that keep
    less of a sample: Higgins et al., beta-VAE, 2017.
    """

    name: Literal["variational_autoencoder"] = Field(
        "variational_autoencoder", description="an autoencoder from which samples can be drawn"
    )
    body: Body = Field(default_factory=ConvBody, description="the layers on both sides of the code: lstm or conv")
    latent_dim: autoencoder.LatentDim = 16
    kl_weight: float = Field(
        1.0, ge=0, description="of the divergence from the standard normal, over time * features; 1 is the true bound"
    )
    kl_warmup: int = Field(
        0, ge=0, description="training steps over which that weight grows from 0; validation always has all of it"
    )
    input_dropout: autoencoder.InputDropout = 0.0
    code_dropout: autoencoder.CodeDropout = 0.0
    decoder_dropout: autoencoder.DecoderDropout = 0.0
    output_activation: autoencoder.OutputActivation = "linear"

    def least_weights(self, outline: Outline) -> int:
        return self.body.coder().least_weights(outline, self.latent_dim)

    def build(self, spec: Spec) -> keras.Model:
        coder, values = self.body.coder(), prod(spec.input_shape)
        return autoencoder.network(spec, self, coder, lambda summary: self._drawn(summary, values))

    def _drawn(self, summary: keras.KerasTensor, values: int) -> keras.KerasTensor:
        """Return a drawn code (batch, latent_dim) for a summary (batch, width); `values` is how many a sample has."""
        from seqrun.architectures.layers.sampling import Sampling

        mean, log_variance = (autoencoder.code_layer(self, name)(summary) for name in ("z_mean", "z_log_var"))
        return Sampling(values, self.kl_weight, self.kl_warmup, dtype="float32", name="code")([mean, log_variance])
