"""WaveNet: convolutions that see twice as far from layer to layer, and never ahead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from seqrun.architectures.layers.convolution import ConvolutionDropout
from seqrun.architectures.layers.embedding import model_input
from seqrun.architectures.layers.fields import Activation, OutputDropout, Size, Sizes, as_list
from seqrun.architectures.layers.output import answer
from seqrun.architectures.layers.padding import last_step, real_steps, without_padding
from seqrun.components.base import Architecture
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec


class WaveNet(Architecture):
    """Blocks of causal convolutions whose dilation grows, and a convolution of kernel 1 that answers at every step.

    A network that answers once does so at the last real step, which sees blocks * (kernel_size - 1) * sum(dilations)
    steps back. The plain stack is Géron's, Hands-On Machine Learning, 2022, 15; `gated` adds the rest of van den Oord
    et al., WaveNet, 2016: gates (equation 2), residual and skip connections (2.4), and a convolution in front.
    """

    inputs: ClassVar = frozenset({"values"})
    tasks: ClassVar = frozenset({"classification", "forecasting", "tagging"})

    name: Literal["wavenet"] = Field("wavenet", description="blocks of causal dilated convolutions")
    filters: Size = Field(32, description="filters of each convolution")
    kernel_size: Size = Field(2, description="steps that a filter sees")
    dilations: Sizes = Field([1, 2, 4, 8], description="distance between those steps in each convolution of a block")
    blocks: Size = Field(2, description="how often the dilations are gone through")
    activation: Activation = Field("relu", description="activation of the convolutions; gated, of the skipped sum")
    gated: bool = Field(False, description="gates, residual and skip connections, as in the paper")
    dropout: ConvolutionDropout = 0.0
    output_dropout: OutputDropout = 0.0

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield nothing: no step sees later ones, so padding at the end has no effect."""
        yield from ()

    def least_weights(self, outline: Outline) -> int:
        first = self.kernel_size * (outline.features or 1) * self.filters
        count, square = len(self._numbered_dilations()), self.filters**2
        if not self.gated:
            return first + (count - 1) * self.kernel_size * square
        return first + 2 * count * (self.kernel_size + 1) * square  # filter and gate; skipped and residual, or output

    def build(self, spec: Spec) -> keras.Model:
        import keras

        window = model_input(spec)  # (batch, time, features)
        x = without_padding(window, spec)
        x = self._gated(x) if self.gated else self._plain(x)  # (batch, time, filters)
        if not spec.target.answers.each_step:
            x = last_step(x, real_steps(window, spec))
        return keras.Model(window, answer(x, spec, dropout=self.output_dropout), name=self.name)

    def _numbered_dilations(self) -> list[tuple[int, int]]:
        """Return (number, dilation) of each convolution, numbered from 1."""
        return list(enumerate(as_list(self.dilations) * self.blocks, start=1))

    def _plain(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Return x (batch, time, features) after the convolutions, (batch, time, filters)."""
        for number, dilation in self._numbered_dilations():
            x = self._dropped(self._convolution(dilation, self.activation, f"conv1d_{number}")(x), number)
        return x

    def _gated(self, x: keras.KerasTensor) -> keras.KerasTensor:
        """Return x (batch, time, features) after the gated convolutions, (batch, time, filters)."""
        from keras import layers

        x = self._convolution(1, None, "conv1d_input")(x)
        skipped = []
        for number, dilation in self._numbered_dilations():
            filtered = self._convolution(dilation, "tanh", f"filter_{number}")(x)
            gate = self._convolution(dilation, "sigmoid", f"gate_{number}")(x)
            z = self._dropped(layers.Multiply(name=f"gated_{number}")([filtered, gate]), number)
            skipped.append(layers.Conv1D(self.filters, 1, name=f"skip_{number}")(z))
            if number < len(as_list(self.dilations)) * self.blocks:  # nothing would read the last sum
                residual = layers.Conv1D(self.filters, 1, name=f"residual_{number}")(z)
                x = layers.Add(name=f"sum_{number}")([x, residual])
        x = layers.Add(name="skip_sum")(skipped) if len(skipped) > 1 else skipped[0]
        x = layers.Activation(self.activation, name="skip_activation")(x)
        return layers.Conv1D(self.filters, 1, activation=self.activation, name="conv1d_output")(x)

    def _convolution(self, dilation: int, activation: str | None, name: str) -> keras.layers.Layer:
        from seqrun.architectures.layers.fast import causal

        return causal.Conv1D(
            self.filters,
            self.kernel_size,
            padding="causal",
            dilation_rate=dilation,
            activation=activation,
            name=name,
        )

    def _dropped(self, x: keras.KerasTensor, number: int) -> keras.KerasTensor:
        from seqrun.architectures.layers.fast.dropout import Dropout

        return Dropout(self.dropout, name=f"dropout_{number}")(x) if self.dropout else x
