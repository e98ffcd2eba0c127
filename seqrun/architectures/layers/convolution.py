"""A stack of one-dimensional convolutions, each followed by pooling, and the arithmetic of its lengths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Annotated, Literal, Protocol

from pydantic import AfterValidator, ValidationInfo

from seqrun.architectures.layers.fields import Sizes, as_list
from seqrun.architectures.layers.padding import fill, padded_at_end, padded_texts, real_steps
from seqrun.architectures.layers.sequences import Answers, ends_early_problems
from seqrun.errors import Problem

if TYPE_CHECKING:
    import keras

    from seqrun.components.base import Experiment
    from seqrun.components.splits import Spec

Padding = Literal["valid", "same", "causal"]


def _one_for_each_convolution(sizes: int | list[int], info: ValidationInfo) -> int | list[int]:
    filters = info.data.get("filters")  # None: has a mistake of its own
    if isinstance(sizes, list) and filters is not None and len(sizes) != len(as_list(filters)):
        raise ValueError(
            f"there must be one number, or one for each of the filters: {len(as_list(filters))}, not {len(sizes)}"
        )
    return sizes


PerConvolution = Annotated[Sizes, AfterValidator(_one_for_each_convolution)]  # of a field that comes after `filters`


class Convolves(Protocol):
    """An architecture with a stack of convolutions."""

    filters: Sizes
    kernel_size: PerConvolution
    strides: PerConvolution
    pool_size: PerConvolution


@dataclass(frozen=True)
class Convolution:
    """One convolution and what follows it; pool_size 1 is no pooling."""

    filters: int
    kernel_size: int
    strides: int
    pool_size: int


def stack_of(architecture: Convolves, *, pool_last: bool) -> list[Convolution]:
    """The stack; a single number holds for each convolution, but a pool_size not for the last unless `pool_last`."""
    count = len(as_list(architecture.filters))
    columns = [
        [value] * count if isinstance(value, int) else value
        for value in (architecture.kernel_size, architecture.strides, architecture.pool_size)
    ]
    if isinstance(architecture.pool_size, int) and not pool_last:
        columns[2] = [*columns[2][:-1], 1]
    return [Convolution(*row) for row in zip(as_list(architecture.filters), *columns, strict=True)]


def convolve(
    x: keras.KerasTensor,
    real: keras.KerasTensor | None,
    stack: list[Convolution],
    *,
    padding: Padding,
    activation: str,
    dropout: float,
) -> tuple[keras.KerasTensor, keras.KerasTensor | None]:
    """The stack applied, (batch, time, features) -> (batch, fewer steps, filters), and which of its steps are real.

    `real` (batch, time) tells it of x, None if all are. Each convolution sees zeros past a sample's end. Where a "same"
    one with strides begins depends on the length with padding, in Keras.
    """
    from keras import layers

    from seqrun.architectures.layers.fast.dropout import Dropout

    for number, convolution in enumerate(stack, start=1):
        x = fill(x, real)
        x = layers.Conv1D(
            convolution.filters,
            convolution.kernel_size,
            strides=convolution.strides,
            padding=padding,
            activation=activation,
            name=f"conv1d_{number}",
        )(x)
        if convolution.pool_size > 1:
            x = layers.MaxPooling1D(convolution.pool_size, name=f"max_pooling_{number}")(x)
        if dropout:
            x = Dropout(dropout, name=f"dropout_{number}")(x)
        real = _still_real(real, convolution, padding)
    return x, real


def steps_to_convolve(inputs: keras.KerasTensor, spec: Spec) -> keras.KerasTensor | None:
    """Which steps of the model's input are real, (batch, time); None where padding is read like any other step."""
    return real_steps(inputs, spec) if padded_at_end(spec) else None


def _still_real(real: keras.KerasTensor | None, convolution: Convolution, padding: Padding) -> keras.KerasTensor | None:
    """Of the steps after a convolution those that have seen no padding; the first is one even of too short a sample."""
    from keras import ops

    if real is None:
        return None
    seen = standing([convolution], padding, real.shape[1])
    return ops.concatenate([real[:, :1], real[:, seen.start : seen.stop : seen.step][:, 1:]], axis=1)


# --- the steps that are left ------------------------------------------------------------------------------------------


def standing(stack: list[Convolution], padding: Padding, length: int) -> range:
    """Of each step that is left of `length` the last one that it has seen; with "same" padding it has seen more."""
    steps = range(length)
    for convolution in stack:
        steps = _pooled(_convolved(steps, convolution, padding), convolution)
    return steps


def fewest_steps(stack: list[Convolution], padding: Padding) -> int:
    """How many there must be so that one is left."""
    return next(length for length in count(1) if standing(stack, padding, length))


def _convolved(steps: range, convolution: Convolution, padding: Padding) -> range:
    """The steps after a convolution; "same" and "causal" pad so that only strides shorten."""
    return steps[convolution.kernel_size - 1 if padding == "valid" else 0 :: convolution.strides]


def _pooled(steps: range, convolution: Convolution) -> range:
    return steps[convolution.pool_size - 1 :: convolution.pool_size]


# --- what cannot work -------------------------------------------------------------------------------------------------


def sample_length(experiment: Experiment) -> int | None:
    """The time steps of a sample, as far as the config alone tells them."""
    shape = experiment.dataset.sample_shape()
    return shape[0] if shape else None


def stack_problems(
    stack: list[Convolution], padding: Padding, length: int | None, answers: Answers, rows: int = 1
) -> Iterator[Problem]:
    """What cannot work on samples of that many steps, each `rows` rows of the data."""
    if answers is Answers.TAGS:
        yield from _lost_step_problems(stack, padding)
    if answers is Answers.FORECASTS and padding == "same":
        yield Problem(
            ("architecture", "padding"),
            "same lets a step see what follows it, which it is to forecast; causal and valid do not",
        )
    if length is None:
        return
    lost = list(_length_problems(stack, padding, length))
    yield from lost
    if answers is Answers.FORECASTS and not lost:
        yield from ends_early_problems(lambda other: standing(stack, padding, other), length, rows)


def read_padding_problems(stack: list[Convolution], padding: Padding, experiment: Experiment) -> Iterator[Problem]:
    """What would make the steps depend on how far a sample is padded."""
    if padded_texts(experiment):
        message = "bucketed would pad a text less, and convolutions read its padding as tokens; take shuffled"
        yield Problem(("trainer", "batching"), message)
    elif padding == "same" and any(each.strides > 1 for each in stack):
        yield Problem(
            ("architecture", "padding"),
            "same with strides begins where the length with padding says, which trainer.batching bucketed changes; "
            "take causal or valid",
        )


def _lost_step_problems(stack: list[Convolution], padding: Padding) -> Iterator[Problem]:
    """The settings that leave fewer steps than there are tags."""
    settings = {
        "padding": ("same or causal", padding == "valid" and any(each.kernel_size > 1 for each in stack)),
        "strides": (1, any(each.strides > 1 for each in stack)),
        "pool_size": (1, any(each.pool_size > 1 for each in stack)),
    }
    for key, (fitting, loses_steps) in settings.items():
        if loses_steps:
            yield Problem(("architecture", key), f"leaves fewer steps than there are tags; take {fitting}")


def _length_problems(stack: list[Convolution], padding: Padding, length: int) -> Iterator[Problem]:
    """The layer at which no time step is left, if there is one; the path of the steps until there is told."""
    steps, lengths = range(length), [length]
    for number, convolution in enumerate(stack, start=1):
        convolved = _convolved(steps, convolution, padding)
        pooled = _pooled(convolved, convolution)
        for key, size, after in (
            ("kernel_size", convolution.kernel_size, convolved),
            ("pool_size", convolution.pool_size, pooled),
        ):
            if not after:
                path = " -> ".join(map(str, lengths))
                message = f"{size} is more than the {len(steps)} time steps that reach it in convolution {number}"
                yield Problem(("architecture", key), f"{message} (steps: {path})")
                return
            if len(after) != lengths[-1]:
                lengths.append(len(after))
            steps = after
