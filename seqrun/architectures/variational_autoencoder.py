"""An autoencoder whose codes are drawn from a distribution that is held near the standard normal one."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field

from seqrun.architectures.layers.autoencoder import (
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
from seqrun.architectures.layers.recurrent_coder import Bidirectional, RecurrentCoder, StateNorm, Units
from seqrun.components.base import Architecture
from seqrun.components.options import Options
from seqrun.components.splits import Spec
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment


class LSTMBody(Options):
    """The layers of an lstm_autoencoder."""

    name: Literal["lstm"] = "lstm"
    units: Units = 32
    bidirectional: Bidirectional = False
    batch_norm: StateNorm = False


class ConvBody(Options):
    """The layers of a conv_autoencoder."""

    name: Literal["conv"] = "conv"
    filters: Filters = [32, 64]
    kernel_size: KernelSize = 5
    strides: Strides = 2
    activation: ConvolutionActivation = "relu"


_CODERS = {"lstm": RecurrentCoder, "conv": ConvolutionalCoder}


def _named(body: Any) -> Any:
    """A bare string is a name; settings without one are those of the default."""
    if isinstance(body, str):
        return {"name": body}
    return {"name": "conv", **body} if isinstance(body, dict) else body


_AnyBody = Annotated[LSTMBody | ConvBody, Field(discriminator="name")]
Body = Annotated[_AnyBody, BeforeValidator(_named, json_schema_input_type=_AnyBody | Literal["lstm", "conv"])]


class VariationalAutoencoder(Architecture):
    """An autoencoder that draws its codes, so that draws from the standard normal distribution decode to new samples.

    Kingma and Welling, Auto-Encoding Variational Bayes, 2014.

    The loss is that of the reconstruction, a mean over a sample's values, plus kl_weight * KL / (time * features), KL
    being the divergence of a sample's code from the standard normal distribution, in nats. With binary_crossentropy
    and kl_weight 1 that is the negative evidence lower bound by value; with mse it is, up to factor and constant, that
    of values with normal noise of variance kl_weight / 2. (Of ragged samples, `time` is the longest one's.) More weight
    makes codes that are better to draw from and tell less: Higgins et al., beta-VAE, 2017.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"reconstruction"})

    name: Literal["variational_autoencoder"] = Field(
        "variational_autoencoder", description="an autoencoder from which samples can be drawn"
    )
    body: Body = Field(default_factory=ConvBody, description="the layers on both sides of the code: lstm or conv")
    latent_dim: LatentDim = 16
    kl_weight: float = Field(
        1.0, ge=0, description="of the divergence from the standard normal, over time * features; 1 is the true bound"
    )
    kl_warmup: int = Field(
        0, ge=0, description="training steps over which that weight grows from 0; validation always has all of it"
    )
    input_dropout: InputDropout = 0.0
    code_dropout: CodeDropout = 0.0
    decoder_dropout: DecoderDropout = 0.0
    output_activation: OutputActivation = "linear"

    def problems(self, experiment: Experiment) -> Iterator[Problem]:
        yield from output_problems(self, experiment)

    def refine(self, spec: Spec) -> Spec:
        return as_reconstruction(spec)

    def build(self, spec: Spec) -> keras.Model:
        coder = _CODERS[self.body.name](self.body)
        return autoencoder(spec, self, coder, lambda summary: self._drawn(summary, values=prod(spec.input_shape)))

    def _drawn(self, summary: keras.KerasTensor, values: int) -> keras.KerasTensor:
        """The code (batch, latent_dim) of a sample of so many values, by its summary (batch, width)."""
        from seqrun.architectures.layers.sampling import Sampling

        mean, log_variance = code_layer(self, "z_mean")(summary), code_layer(self, "z_log_var")(summary)
        return Sampling(values, self.kl_weight, self.kl_warmup, dtype="float32", name="code")([mean, log_variance])
