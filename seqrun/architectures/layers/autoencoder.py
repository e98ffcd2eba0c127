"""What autoencoders share: an encoder from samples to codes, a decoder from codes to samples, the two in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Protocol

from pydantic import Field

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.fields import Activation, Rate, Size
from seqrun.architectures.layers.padding import fill, real_steps
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec

LatentDim = Annotated[Size, Field(description="numbers in a code")]
InputDropout = Annotated[Rate, Field(description="share of a sample's values dropped in training")]
CodeDropout = Annotated[Rate, Field(description="share of the code layer's inputs dropped in training")]
DecoderDropout = Annotated[Rate, Field(description="share of the code dropped in training before the decoder reads it")]
CodeActivation = Annotated[Activation, Field(description="activation of the code; sigmoid puts it in 0..1")]
OutputActivation = Annotated[
    Literal["linear", "sigmoid"], Field(description="of the values that come out; sigmoid: they lie in 0..1")
]


class Autoencodes(Protocol):
    """The settings of an architecture with an encoder and a decoder."""

    @property
    def name(self) -> str: ...
    @property
    def latent_dim(self) -> int: ...
    @property
    def input_dropout(self) -> float: ...
    @property
    def code_dropout(self) -> float: ...
    @property
    def decoder_dropout(self) -> float: ...
    @property
    def output_activation(self) -> str: ...


class Coder(Protocol):
    """The layers on both sides of a code."""

    def summary(self, values: keras.KerasTensor, real: keras.KerasTensor | None) -> keras.KerasTensor:
        """Return one vector (batch, width) for values (batch, time, features).

        `real` (batch, time) marks the steps that are read; None: all are.
        """

    def unfolded(self, code: keras.KerasTensor, time: int) -> keras.KerasTensor:
        """Return steps (batch, time, width) for a code (batch, latent_dim)."""

    def least_weights(self, outline: Outline, latent_dim: int) -> int:
        """Return a number that the weights on both sides and of the dense layer to one code are not fewer than."""


class Reconstructs:
    """What all autoencoders share, mixed into an architecture: the input is the target."""

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"reconstruction"})

    def outline_problems(self: Autoencodes, outline: Outline) -> Iterator[Problem]:
        """Yield a problem if the output is a sigmoid and the values are standardised: about half are below 0."""
        if self.output_activation == "sigmoid" and outline.scaler == "standard":
            yield Problem(
                ("architecture", "output_activation"),
                "sigmoid gives values in 0..1, but dataset.scaler standard puts about half of them below 0; take "
                "linear here, or dataset.scaler: minmax",
            )

    def refine(self, spec: Spec) -> Spec:
        """Return the spec with the input as its target; the classes of labelled samples are kept."""
        from seqrun.components.targets import ClassTarget, Reconstruction

        target = spec.target
        classes = target.classes if isinstance(target, ClassTarget | Reconstruction) else ()
        return replace(spec, target=Reconstruction(classes))


def network(
    spec: Spec, architecture: Autoencodes, coder: Coder, code: Callable[[keras.KerasTensor], keras.KerasTensor]
) -> keras.Model:
    """Return the network that is the models `encoder` and `decoder` in a row; inputs and outputs have one shape.

    `code` makes the code (batch, latent_dim) from the coder's summary (batch, width). The outputs (batch, time,
    features) are float32.
    """
    import keras

    values = model_input(spec)
    encoder, decoder = _encoder(spec, architecture, coder, code), _decoder(spec, architecture, coder)
    return keras.Model(values, decoder(encoder(values)), name=architecture.name)


def code_layer(architecture: Autoencodes, name: str = "code", activation: str = "linear") -> keras.layers.Layer:
    """Return a dense layer from (batch, width) to (batch, latent_dim).

    It computes in 32 bits even under mixed precision, as a code is a result.
    """
    from keras import layers

    return layers.Dense(architecture.latent_dim, activation=activation, dtype="float32", name=name)


def _encoder(
    spec: Spec, architecture: Autoencodes, coder: Coder, code: Callable[[keras.KerasTensor], keras.KerasTensor]
) -> keras.Model:
    """Return the model from values (batch, time, features) to codes (batch, latent_dim)."""
    import keras

    values = model_input(spec)
    real = real_steps(values, spec)  # (batch, time)
    x = _dropped(fill(values, real), architecture.input_dropout, "input_dropout")
    x = _dropped(coder.summary(x, real), architecture.code_dropout, "code_dropout")  # (batch, width)
    return keras.Model(values, code(x), name="encoder")


def _decoder(spec: Spec, architecture: Autoencodes, coder: Coder) -> keras.Model:
    """Return the model from codes (batch, latent_dim) to values (batch, time, features)."""
    import keras

    time, features = spec.input_shape
    code = keras.Input((architecture.latent_dim,), name="code")
    x = coder.unfolded(_dropped(code, architecture.decoder_dropout, "decoder_dropout"), time)  # (batch, time, width)
    activation = architecture.output_activation
    output = keras.layers.Dense(features, activation=activation, dtype="float32", name="output")  # on each step alone
    return keras.Model(code, output(x), name="decoder")


def _dropped(x: keras.KerasTensor, rate: float, name: str) -> keras.KerasTensor:
    from seqrun.architectures.layers.fast.dropout import Dropout

    return Dropout(rate, name=name)(x) if rate else x
