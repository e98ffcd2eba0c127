"""What autoencoders share: an encoder from samples to codes, a decoder from codes to samples, the two in a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, Protocol

from pydantic import Field

from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.fields import Activation, Rate, Size
from seqrun.architectures.layers.padding import fill, real_steps
from seqrun.components.targets import ClassTarget, Reconstruction
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
        """One vector (batch, width) of values (batch, time, features), of the steps that are real (None: all are)."""

    def unfolded(self, code: keras.KerasTensor, time: int) -> keras.KerasTensor:
        """Steps (batch, time, width) of a code (batch, latent_dim)."""


class Reconstructs:
    """What all autoencoders do alike, mixed into an architecture: the target is the input, and what spoils that."""

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"reconstruction"})

    def outline_problems(self: Autoencodes, outline: Outline) -> Iterator[Problem]:
        """A sigmoid cannot reach standardised values, half of which are below 0."""
        if self.output_activation == "sigmoid" and outline.scaler == "standard":
            yield Problem(
                ("architecture", "output_activation"),
                "sigmoid gives values in 0..1, but dataset.scaler standard puts about half of them below 0; take "
                "linear here, or dataset.scaler: minmax",
            )

    def refine(self, spec: Spec) -> Spec:
        """The target is the input; the classes of labelled samples are kept."""
        target = spec.target
        classes = target.classes if isinstance(target, ClassTarget | Reconstruction) else ()
        return replace(spec, target=Reconstruction(classes))


def network(
    spec: Spec, architecture: Autoencodes, coder: Coder, code: Callable[[keras.KerasTensor], keras.KerasTensor]
) -> keras.Model:
    """The network of models `encoder` and `decoder`: values (batch, time, features) -> the same, float32.

    `code` makes the code (batch, latent_dim) of the coder's summary (batch, width).
    """
    import keras

    values = model_input(spec)
    encoder, decoder = _encoder(spec, architecture, coder, code), _decoder(spec, architecture, coder)
    return keras.Model(values, decoder(encoder(values)), name=architecture.name)


def code_layer(architecture: Autoencodes, name: str = "code", activation: str = "linear") -> keras.layers.Layer:
    """(batch, width) -> (batch, latent_dim), in 32 bits even under mixed precision: a code is a result."""
    from keras import layers

    return layers.Dense(architecture.latent_dim, activation=activation, dtype="float32", name=name)


def _encoder(
    spec: Spec, architecture: Autoencodes, coder: Coder, code: Callable[[keras.KerasTensor], keras.KerasTensor]
) -> keras.Model:
    import keras

    values = model_input(spec)
    real = real_steps(values, spec)  # (batch, time)
    x = _dropped(fill(values, real), architecture.input_dropout, "input_dropout")
    x = _dropped(coder.summary(x, real), architecture.code_dropout, "code_dropout")  # (batch, width)
    return keras.Model(values, code(x), name="encoder")


def _decoder(spec: Spec, architecture: Autoencodes, coder: Coder) -> keras.Model:
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
