"""A stack of one-dimensional convolutions, each followed by pooling, and the arithmetic of its lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, ValidationInfo

from seqrun.architectures.layers.fields import Rate, Sizes, as_list
from seqrun.architectures.layers.padding import fill, padded_at_end, padded_texts, real_steps
from seqrun.architectures.layers.sequences import ends_early_problems, narrowed
from seqrun.components.answers import Answers
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.outline import Outline
    from seqrun.components.splits import Spec

Padding = Literal["valid", "same", "causal"]
Filters = Annotated[Sizes, Field(description="filters of each convolution")]
ConvolutionPadding = Annotated[
    Padding, Field(description="of each convolution: valid shortens, same and causal do not")
]
ConvolutionDropout = Annotated[Rate, Field(description="share dropped in training after each convolution")]


def _one_for_each_convolution(sizes: int | list[int], info: ValidationInfo) -> int | list[int]:
    filters = info.data.get("filters")  # None: has a mistake of its own
    if isinstance(sizes, list) and filters is not None and len(sizes) != len(as_list(filters)):
        raise ValueError(
            f"there must be one number, or one for each of the filters: {len(as_list(filters))}, not {len(sizes)}"
        )
    return sizes


PerConvolution = Annotated[Sizes, AfterValidator(_one_for_each_convolution)]  # of a field that comes after `filters`
KernelSize = Annotated[
    PerConvolution, Field(description="steps that a filter sees; a list has one for each convolution")
]
Strides = Annotated[PerConvolution, Field(description="steps that a filter moves; a list has one for each convolution")]


class Convolves(Protocol):
    """The settings of an architecture with a stack of convolutions."""

    @property
    def filters(self) -> int | list[int]: ...
    @property
    def kernel_size(self) -> int | list[int]: ...
    @property
    def strides(self) -> int | list[int]: ...
    @property
    def padding(self) -> Padding: ...
    @property
    def pool_size(self) -> int | list[int]: ...


@dataclass(frozen=True)
class Convolution:
    """One convolution and what follows it; pool_size 1 is no pooling."""

    filters: int
    kernel_size: int
    strides: int
    pool_size: int = 1


def convolutions(filters: int | list[int], *columns: int | list[int]) -> list[Convolution]:
    """Return convolutions with these filters; `columns` are their kernel sizes, strides and, if given, pool sizes.

    A single number in a column holds for each convolution.
    """
    filters = as_list(filters)
    lists = [[column] * len(filters) if isinstance(column, int) else column for column in columns]
    return [Convolution(*row) for row in zip(filters, *lists, strict=True)]


@dataclass(frozen=True)
class Stack:
    """Convolutions one after the other, all with the same padding."""

    convolutions: list[Convolution]
    padding: Padding

    @classmethod
    def of(cls, architecture: Convolves, *, pool_last: bool = True) -> Stack:
        """Return the architecture's stack; without `pool_last`, a single pool_size leaves the last convolution out."""
        columns = (architecture.kernel_size, architecture.strides, architecture.pool_size)
        made = convolutions(architecture.filters, *columns)
        if isinstance(architecture.pool_size, int) and not pool_last:
            made[-1] = replace(made[-1], pool_size=1)
        return cls(made, architecture.padding)

    def convolve(
        self, x: keras.KerasTensor, real: keras.KerasTensor | None, *, activation: str, dropout: float = 0.0
    ) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
        """Return x (batch, time, features) convolved, (batch, steps, filters), and which of its steps are real.

        `real` (batch, time) marks the real steps of x; None, also as a result: all are. Each convolution reads zeros
        past a sample's end. With strides and "same" padding, the step at which Keras begins depends on the padded
        length.
        """
        from keras import layers

        from seqrun.architectures.layers.fast.dropout import Dropout

        for number, convolution in enumerate(self.convolutions, start=1):
            x = fill(x, real)
            x = layers.Conv1D(
                convolution.filters,
                convolution.kernel_size,
                strides=convolution.strides,
                padding=self.padding,
                activation=activation,
                name=f"conv1d_{number}",
            )(x)
            if convolution.pool_size > 1:
                x = layers.MaxPooling1D(convolution.pool_size, name=f"max_pooling_{number}")(x)
            if dropout:
                x = Dropout(dropout, name=f"dropout_{number}")(x)
            real = _still_real(real, Stack([convolution], self.padding))
        return x, real

    def weights(self, features: int) -> int:
        """Return how many weights the convolutions have on x (batch, time, features), without the biases."""
        filters = [convolution.filters for convolution in self.convolutions]
        inputs = [features, *filters]
        return sum(
            convolution.kernel_size * before * convolution.filters
            for before, convolution in zip(inputs, self.convolutions, strict=False)
        )

    def standing(self, length: int) -> range:
        """Return, for each step left of `length` input steps, the last input step that it has seen.

        With "same" padding it is the input step in whose place it stands; it has seen later ones too.
        """
        steps = range(length)
        for convolution in self.convolutions:
            steps = _pooled(_convolved(steps, convolution, self.padding), convolution)
        return steps

    def refined(self, spec: Spec) -> Spec:
        """Return the spec with the fewest steps that this stack can read, and the steps that its forecasts stand at."""
        fewest = next(length for length in count(1) if self.standing(length))
        return narrowed(replace(spec, shortest=fewest), self.standing(spec.input_shape[0]))

    # --- what cannot work ---------------------------------------------------------------------------------------------

    def problems(self, outline: Outline) -> Iterator[Problem]:
        """Yield what cannot work on such samples."""
        if outline.answers is Answers.TAGS:
            yield from self._lost_step_problems()
        if outline.answers is Answers.FORECASTS and self.padding == "same":
            yield Problem(
                ("architecture", "padding"),
                "same lets a step see what follows it, which it is to forecast; causal and valid do not",
            )
        yield from self._length_problems(outline.length) or ends_early_problems(self.standing, outline)

    def padding_problems(self, experiment: Experiment) -> Iterator[Problem]:
        """Yield what makes the outputs depend on how far a sample is padded."""
        if padded_texts(experiment):
            message = "bucketed would pad a text less, and convolutions read its padding as tokens; take shuffled"
            yield Problem(("trainer", "batching"), message)
        elif self.padding == "same" and any(each.strides > 1 for each in self.convolutions):
            yield Problem(
                ("architecture", "padding"),
                "same with strides begins where the length with padding says, which trainer.batching bucketed "
                "changes; take causal or valid",
            )

    def _lost_step_problems(self) -> Iterator[Problem]:
        """Yield the settings that leave fewer steps than there are tags."""
        wide = any(each.kernel_size > 1 for each in self.convolutions)
        settings = {
            "padding": ("same or causal", self.padding == "valid" and wide),
            "strides": (1, any(each.strides > 1 for each in self.convolutions)),
            "pool_size": (1, any(each.pool_size > 1 for each in self.convolutions)),
        }
        for key, (fitting, loses_steps) in settings.items():
            if loses_steps:
                yield Problem(("architecture", key), f"leaves fewer steps than there are tags; take {fitting}")

    def _length_problems(self, length: int | None) -> list[Problem]:
        """Return the setting that leaves no time step, if there is one, with the numbers of steps up to there."""
        if length is None:
            return []
        steps, lengths = range(length), [length]
        for number, convolution in enumerate(self.convolutions, start=1):
            convolved = _convolved(steps, convolution, self.padding)
            pooled = _pooled(convolved, convolution)
            for key, size, after in (
                ("kernel_size", convolution.kernel_size, convolved),
                ("pool_size", convolution.pool_size, pooled),
            ):
                if not after:
                    path = " -> ".join(map(str, lengths))
                    message = f"{size} is more than the {len(steps)} time steps that reach it in convolution {number}"
                    return [Problem(("architecture", key), f"{message} (steps: {path})")]
                if len(after) != lengths[-1]:
                    lengths.append(len(after))
                steps = after
        return []


def steps_to_convolve(inputs: keras.KerasTensor, spec: Spec) -> keras.KerasTensor | None:
    """Return which steps of the model's input are real, (batch, time); None where padding is read like tokens."""
    return real_steps(inputs, spec) if padded_at_end(spec) else None


def _still_real(real: keras.KerasTensor | None, convolution: Stack) -> keras.KerasTensor | None:
    """Return which steps after a convolution have seen no padding; the first counts even if a sample is too short."""
    from keras import ops

    if real is None:
        return None
    seen = convolution.standing(real.shape[1])
    return ops.concatenate([real[:, :1], real[:, seen.start : seen.stop : seen.step][:, 1:]], axis=1)


def _convolved(steps: range, convolution: Convolution, padding: Padding) -> range:
    """Return the steps that a convolution leaves; with "same" and "causal" padding only strides leave fewer."""
    return steps[convolution.kernel_size - 1 if padding == "valid" else 0 :: convolution.strides]


def _pooled(steps: range, convolution: Convolution) -> range:
    """Return the steps that the pooling after a convolution leaves."""
    return steps[convolution.pool_size - 1 :: convolution.pool_size]
