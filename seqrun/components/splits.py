"""What passes from a dataset to an architecture and a trainer: a description of the samples, and the samples."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Generic, Literal, cast

from typing_extensions import TypeVar  # the standard library's has no default before Python 3.13

from seqrun.components.outline import Outline
from seqrun.components.padding import PADDING
from seqrun.components.targets import Target
from seqrun.components.units import Units

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.leaks import Leak
    from seqrun.components.provenance import Source
    from seqrun.components.vocabulary import Vocabulary
    from seqrun.components.whole import WholeTexts


T = TypeVar("T", bound=Target)
T_co = TypeVar("T_co", bound=Target, covariant=True, default=Target)


@dataclass(frozen=True)
class Values:
    """What the numbers in a sample mean. A value in original units is the network's value times `scale` plus `offset`.

    If the samples are pictures, `image` says whether a step is one of their rows or columns. `padded` samples differ in
    length: the steps past a sample's end hold `PADDING` in every feature.
    """

    features: tuple[str, ...]
    offset: tuple[float, ...]  # of each feature
    scale: tuple[float, ...]  # of each feature
    image: Literal["rows", "columns"] | None = None
    padded: bool = False

    def original(self, values: np.ndarray) -> np.ndarray:
        """Return the network's values (..., features) in original units, float64."""
        return Units.of(self.offset, self.scale).original(values)


@dataclass(frozen=True)
class Spec(Generic[T_co]):
    """What an architecture must know of the data: the shape of one sample (without the batch) and the target.

    A plain Spec has a target of any kind, a `Spec[ClassTarget]` one of that kind; `of` turns the one into the other.
    """

    input_shape: tuple[int, ...]  # (time,) token ids, or (time, features) values
    target: T_co
    vocabulary: Vocabulary | None = None  # of token ids; None for values
    target_features: tuple[int, ...] = ()  # which input feature each target of a series is; empty if one is none
    values: Values | None = None  # of samples of numbers that are no windows of a series
    shortest: int = 1  # steps that the network needs; a shorter sample is padded to as many

    @property
    def output_shape(self) -> tuple[int, ...]:
        """The shape of one sample's output."""
        return self.target.shape(self.input_shape)

    def outline(self) -> Outline:
        """Return everything by which a network decides whether it can work on these samples."""
        length, features, *_ = (*self.input_shape, None, None)
        ahead = self.target.ahead
        return Outline(
            inputs="values" if self.vocabulary is None else "tokens",
            answers=self.target.answers,
            length=length,
            features=features,
            vocabulary_size=None if self.vocabulary is None else self.vocabulary.size,
            ahead=ahead,
            units=self.target.units,
            unseen_targets=() if ahead is None or self.target_features else self.target.labels,
        )

    def of(self, target: type[T]) -> Spec[T]:
        """Return the spec, typed as one with a target of this kind; raise TypeError if it has another."""
        if not isinstance(self.target, target):
            raise TypeError(f"this is for {target.__name__}, not for {type(self.target).__name__}")
        return cast("Spec[T]", self)  # checked above


@dataclass(frozen=True)
class Split:
    """The samples of one split, as arrays that fit in memory."""

    # (samples, time) int32 token ids, 0 is padding; or (samples, time, features) in the network's units: float32,
    # or float64 where that hides how they vary
    inputs: np.ndarray
    # int32: (samples,) class numbers, (samples, labels) 0 or 1, (samples, time) tag numbers, or (samples, 0): there are
    # none; float64 (samples, targets): numbers in original units
    targets: np.ndarray
    index: np.ndarray  # (samples,) int64: the row of the source that each sample came from

    def __len__(self) -> int:
        return len(self.inputs)

    def joined(self, other: Split) -> Split:
        """Return the samples of this split, then those of the other."""
        import numpy as np

        pairs = ((self.inputs, other.inputs), (self.targets, other.targets), (self.index, other.index))
        return Split(*map(np.concatenate, pairs))

    def fingerprint(self) -> str:
        """Return the SHA-256 of which samples these are and of their targets; it does not depend on the inputs."""
        return sha256(self.index.tobytes() + self.targets.tobytes()).hexdigest()

    def __str__(self) -> str:
        return f"inputs {self.inputs.shape} {self.inputs.dtype}  targets {self.targets.shape}"


@dataclass(frozen=True)
class Windows:
    """The samples of one split as windows of series, cut only when a training step needs them, so no row is stored
    twice.

    The input of sample i is the rows `starts[i] + input_rows` of `features`; its target is the rows `starts[i] +
    target_rows` of `values`. Several series stand one after another in the arrays, which all splits of a dataset share.
    Where the file lacks a value, the last one before it stands in the arrays; it is seen, but not measured.
    """

    features: np.ndarray  # (rows, features) in the network's units: float32, or float64 where that hides how they vary
    values: np.ndarray  # (rows, targets) float64, in original units
    starts: np.ndarray  # (samples,) int64: the first row of each window
    input_rows: np.ndarray  # (time,) int64, from the window's start
    target_rows: np.ndarray  # (horizon,) int64, from the window's start, or (time, horizon): at every input step
    segments: tuple[tuple[int, int], ...]  # of each series the rows of this split: the first, and the one past the last
    times: np.ndarray | None = None  # (rows,) datetime64 of each row, or its number; None: the row number
    observed: np.ndarray | None = None  # (rows, targets) booleans: the file has the value; None: it has all
    series: np.ndarray | None = None  # (rows,) numbers in the target's `series`; None: all series are scaled alike
    # The features with each value that the file lacks on a line to the next one, and the row of that one: what a window
    # sees that reaches so far. None: nothing is filled so.
    between: np.ndarray | None = None  # (rows, features)
    between_end: np.ndarray | None = None  # (rows, features) int32
    step: str | float | None = (
        None  # of `times` from row to row, as seqrun.datasets.series.steps has it; None: not known
    )

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def index(self) -> np.ndarray:
        """The row of each sample's last input, where its forecast is made: (samples,)."""
        return self.starts + self.input_rows[-1]

    @property
    def horizon_rows(self) -> np.ndarray:
        """The rows of the forecast that is measured, counted from the window's start: (horizon,)."""
        return self.target_rows if self.target_rows.ndim == 1 else self.target_rows[-1]

    @property
    def sample_series(self) -> np.ndarray | None:
        """The number of each sample's series, (samples,), where series are scaled by themselves."""
        return None if self.series is None else self.series[self.starts]

    def taken(self, samples: slice | np.ndarray) -> Windows:
        """Return only these samples, in this order."""
        return replace(self, starts=self.starts[samples])

    def inputs(self, steps: slice = slice(None)) -> np.ndarray:
        """Return the inputs of all samples at these input steps: (samples, time, features), in the network's units."""
        import numpy as np

        rows = self.starts[:, None] + self.input_rows[steps]
        inputs = self.features[rows]
        if self.between is None or self.between_end is None:
            return inputs
        return np.where(self.between_end[rows] <= self.index[:, None, None], self.between[rows], inputs)

    def actual(self) -> np.ndarray:
        """Return the values that are forecast, (samples, horizon, targets) float64 in original units.

        NaN stands for those that the file lacks.
        """
        import numpy as np

        rows = self.starts[:, None] + self.horizon_rows
        values = self.values[rows].astype(np.float64, copy=False)
        return values if self.observed is None else np.where(self.observed[rows], values, np.nan)

    def joined(self, other: Windows) -> Windows:
        """Return the windows of this split, then those of the other, which come from the same series."""
        import numpy as np

        segments = (*self.segments, *other.segments)
        return replace(self, starts=np.concatenate([self.starts, other.starts]), segments=segments)

    def fingerprint(self) -> str:
        """Return the SHA-256 of which rows are forecast, and from which."""
        rows = (self.index, self.horizon_rows)
        return sha256(b"".join(array.astype("<i8").tobytes() for array in rows)).hexdigest()

    def __str__(self) -> str:
        inputs = (len(self), len(self.input_rows), self.features.shape[1])
        targets = (len(self), len(self.horizon_rows), self.values.shape[1])
        return f"inputs {inputs} float32  targets {targets}"


S = TypeVar("S", bound=Split | Windows)
S_co = TypeVar("S_co", bound=Split | Windows, covariant=True, default=Split | Windows)


@dataclass(frozen=True)
class Splits(Generic[S_co, T_co]):
    """A loaded dataset: what the network sees, and what must be kept to use the network later.

    Plain Splits have samples and a target of any kind; a task uses `of` to get those of its own kinds.
    """

    spec: Spec[T_co]
    train: S_co
    validation: S_co
    test: S_co
    sources: tuple[Source, ...] = ()
    artifacts: Mapping[str, bytes] = field(default_factory=dict)  # file name -> content, for RUN/artifacts/
    warnings: tuple[str, ...] = ()
    series: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # of named series: split -> series -> windows
    seen: np.ndarray | None = None  # (test samples,) booleans: an equal one is in another split; None: of none
    leaks: tuple[Leak, ...] = ()  # what test and validation share with the samples learned from
    whole: Callable[[], WholeTexts] | None = None  # reads the samples' whole texts again; None: they have none

    def of(self, samples: type[S], target: type[T]) -> Splits[S, T]:
        """Return the splits, typed as having samples and a target of these kinds; raise TypeError if they have not."""
        self.spec.of(target)
        for split in (self.train, self.validation, self.test):
            if not isinstance(split, samples):
                raise TypeError(f"this is for {samples.__name__}, not for {type(split).__name__}")
        return cast("Splits[S, T]", self)  # checked above

    @property
    def unseen(self) -> np.ndarray | None:
        """The numbers of the test samples that are in no other split; None if those are all there are, or none."""
        return None if self.seen is None or self.seen.all() else (~self.seen).nonzero()[0]

    def test_fingerprint(self, *, reconstructed: bool = False) -> str:
        """Return the SHA-256 of the test split. Runs with the same one, and the same sources, are measured on equal
        data.

        Generated series have no sources, so their values are included. If samples are to be `reconstructed`, the units
        and the count of their numbers are included too.
        """
        fingerprint = self.test.fingerprint()
        if reconstructed and self.spec.values is not None and isinstance(self.test, Split):
            numbers = (self.test.inputs != PADDING).sum()
            units = " ".join(f"{one:.6g}" for one in (*self.spec.values.offset, *self.spec.values.scale))
            fingerprint = sha256(f"{fingerprint} {numbers} {units}".encode()).hexdigest()
        if self.sources or isinstance(self.test, Split):
            return fingerprint
        values = self.test.values.astype("float32")  # as earlier versions had them, whose runs are compared with these
        return sha256(fingerprint.encode() + values.tobytes()).hexdigest()
