"""Converts samples of numbers from original units to a network's inputs, and from the network's units back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from seqrun.components.padding import PADDING, real_steps
from seqrun.components.splits import Spec, Values
from seqrun.datasets.samples.faults import Faults, unusable
from seqrun.datasets.samples.ragged import NUMBERS, RaggedValues
from seqrun.errors import DataError
from seqrun.readable import counted, listed, listed_names


def encode_values(samples: np.ndarray | Sequence[Any], spec: Spec, name: str = "input") -> np.ndarray:
    """Return samples in original units as a network's inputs: (samples, *spec.input_shape) float32, padded where
    needed.

    `samples` is an array (samples, time, features) or a sequence of samples of any length. Also allowed are one sample,
    (time, features), and with one feature (samples, time) or one sample (time,). Steps at a sample's end that are NaN
    in every feature are not part of it. Pictures are upright, whether the network reads their rows or their columns,
    with intensities from 0 to 255 if whole numbers, from 0 to 1 otherwise.

    Raises DataError, naming samples by their position in `name`, for samples that the network cannot read: with another
    number of features, too long, too short for a network that was trained on samples of one length, or with values
    missing. Nothing is cut, not even for a network that was trained on samples cut at `max_len`: cut such samples
    first.
    """

    image = values_of(spec).image
    if image:
        pictures = _pictures(_stacked(samples, name), spec, name)
        return np.ascontiguousarray(pictures.swapaxes(1, 2)) if image == "columns" else pictures
    inputs, faults = encoded_series(samples, spec, name)
    if faults:
        raise unusable(faults, lambda position: f"{name}[{position}]")
    return inputs.padded(spec.input_shape[0], PADDING)


def encoded_series(
    samples: np.ndarray | Sequence[Any] | RaggedValues, spec: Spec, name: str
) -> tuple[RaggedValues, Faults]:
    """Return samples of no pictures in the network's units, to be padded, and what is wrong with some of them.

    See `encode_values`. Raises DataError where that is so of the `samples` as a whole.
    """
    ragged, faults = (samples, {}) if isinstance(samples, RaggedValues) else _ragged(samples, spec, name)
    names = values_of(spec).features
    if ragged.values.shape[1] != len(names):
        width, known = counted(ragged.values.shape[1], "feature"), listed_names(names)
        raise DataError(f"{name}: {width}, where the network reads {len(names)}: {known}")
    inputs, too_large = scaled_values(ragged, spec)
    return inputs, {**too_large, **_length_faults(ragged, spec), **ragged.faults(), **faults}


def scaled_values(
    ragged: RaggedValues, spec: Spec, dtype: type[np.floating] = np.float32
) -> tuple[RaggedValues, Faults]:
    """Return samples in original units in those of the network, to be padded, and what is wrong with some of them.

    That is a step that equals padding, or a number that `dtype` cannot hold.
    """
    units = values_of(spec)
    offset, scale = (np.array(each, np.float64) for each in (units.offset, units.scale))
    with np.errstate(over="ignore"):  # reported below
        scaled = RaggedValues(((ragged.values - offset) / scale).astype(dtype), ragged.lengths)
    too_large = scaled.first_wrong(~np.isfinite(scaled.values).all(axis=1), "a value is too large")
    told = f"every feature is {PADDING:g}, which stands for padding"
    return scaled, {**scaled.first_wrong(~real_steps(scaled.values), told), **too_large}


def decode_values(array: np.ndarray, spec: Spec, like: np.ndarray | None = None) -> np.ndarray:
    """Return values (samples, time, features) of a network in original units: as float64, but pictures, whose units
    are the network's, upright as float32.

    Where `like`, the network's inputs, is padding, the result is NaN.
    """
    units = values_of(spec)
    decoded = units.original(array)
    if like is not None and units.padded:
        decoded[~real_steps(like)] = np.nan
    if units.image:
        decoded = decoded.astype(np.float32)
    return decoded.swapaxes(1, 2) if units.image == "columns" else decoded


def values_of(spec: Spec) -> Values:
    """Return what the numbers of a sample are; TypeError if the spec is of tokens or of a series."""
    if spec.values is None:
        raise TypeError("this spec is of no samples of numbers: it does not say what their values are")
    return spec.values


# --- pictures ---------------------------------------------------------------------------------------------------------


def picture_values(steps: Literal["rows", "columns"], height: int, width: int) -> tuple[tuple[int, int], Values]:
    """Return the input shape of pictures whose steps are their rows or columns, and the description of their values."""
    shape = (height, width) if steps == "rows" else (width, height)
    features = tuple(f"pixel_{number}" for number in range(1, shape[1] + 1))
    return shape, Values(features, (0.0,) * shape[1], (1.0,) * shape[1], image=steps)


def _stacked(samples: np.ndarray | Sequence[Any], name: str) -> np.ndarray:
    try:
        return np.asarray(samples)
    except ValueError as error:  # they differ in shape
        raise DataError(f"{name}: pictures must be of one size: {error}") from error


def _pictures(array: np.ndarray, spec: Spec, name: str) -> np.ndarray:
    """Return intensities from 0 to 1, (samples, height, width) float32."""
    height, width = spec.input_shape if values_of(spec).image == "rows" else spec.input_shape[::-1]
    given, array = array.shape, array[None] if array.ndim == 2 else array
    if array.ndim != 3 or array.shape[1:] != (height, width):
        remedy = _reshaping(given, height, width)
        raise DataError(f"{name}: its shape is {given}; pictures are (samples, {height}, {width}){remedy}")
    if array.dtype.kind not in NUMBERS:
        raise DataError(f"{name}: no numbers, but {array.dtype}")
    whole = array.dtype.kind in "iu"
    highest = 255 if whole else 1
    _check_intensities(array, highest, name)
    if whole and array.size and array.max() == 1:
        raise DataError(
            f"{name}: no intensity is above 1, and they are whole numbers ({array.dtype}); intensities are whole "
            "numbers from 0 to 255, or fractions from 0 to 1"
        )
    return np.divide(array, np.float32(highest), dtype=np.float32)


def _reshaping(given: tuple[int, ...], height: int, width: int) -> str:
    """Return how to reshape an array to pictures, for a message; "" unless only its layout differs."""
    if given[-1:] == (height * width,) and len(given) < 3:
        how = f"{height * width} is {height} x {width}: "
    elif tuple(length for length in given[1:] if length != 1) == (height, width):
        how = ""
    else:
        return ""
    return f"; {how}reshape to ({given[0] if len(given) > 1 else 1}, {height}, {width})"


def _check_intensities(array: np.ndarray, highest: int, name: str) -> None:
    """Raise DataError for pictures (samples, height, width) with intensities outside 0 to `highest`."""
    wrong = np.flatnonzero(~((array >= 0) & (array <= highest)).all(axis=(1, 2)))  # NaN compares false
    if not len(wrong):
        return
    lowest, largest = array.min(), array.max()
    if highest == 1 and lowest >= 0 and largest <= 255 and 2 * len(wrong) > len(array):  # another unit, no outliers
        raise DataError(
            f"{name}: {array.dtype} from {lowest:g} to {largest:g}, where fractions are from 0 to 1: divide them by "
            "255, or save them as whole numbers (uint8)"
        )
    lines = [f"{name}[{n}]: from {array[n].min():g} to {array[n].max():g}" for n in wrong.tolist()]
    raise DataError(
        f"{counted(len(lines), 'picture')} out of range; intensities that are {array.dtype} are from 0 to {highest}:"
        f"{listed(lines)}"
    )


# --- series -----------------------------------------------------------------------------------------------------------


def _ragged(samples: np.ndarray | Sequence[Any], spec: Spec, name: str) -> tuple[RaggedValues, Faults]:
    """Return the samples as RaggedValues, whatever form they have, and what is wrong with the shape of some."""
    names = values_of(spec).features
    features = len(names)
    try:
        array = np.asarray(samples)
    except ValueError:  # they differ in length
        return RaggedValues.of_samples(list(samples), features)
    if not array.size:
        raise DataError(f"{name} is {array.shape}: it holds no number")
    if array.dtype == object:
        return RaggedValues.of_samples(list(array), features)
    if array.dtype.kind not in NUMBERS:
        raise DataError(f"{name}: no numbers, but {array.dtype}")
    if array.ndim == 2:
        array = array[..., None] if features == 1 else array[None]
    elif array.ndim == 1 and features == 1:
        array = array[None, :, None]
    if array.ndim != 3 or array.shape[2] != features:
        known = listed_names(names)
        raise DataError(f"{name}: its shape is {np.shape(samples)}; it must be (samples, time, {features}): {known}")
    return RaggedValues.of_array(array), {}


def _length_faults(ragged: RaggedValues, spec: Spec) -> Faults:
    """Return which samples have a number of steps that the network cannot read."""
    time, padded = spec.input_shape[0], values_of(spec).padded
    wrong = ragged.lengths > time if padded else ragged.lengths != time
    reads = f"where the network reads {'up to ' if padded else ''}{time:,}"
    return {n: f"{counted(ragged.lengths[n], 'step')}, {reads}" for n in np.flatnonzero(wrong).tolist()}
