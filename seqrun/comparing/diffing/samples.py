"""What test samples are, in words: read from the run's data, by their hash, else what the run keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.components.padding import PADDING
from seqrun.components.splits import Split, Splits, Windows
from seqrun.errors import SeqrunError
from seqrun.rundir.json_files import read_json
from seqrun.rundir.reading import EXAMPLES, RECORD, RunRecord
from seqrun.rundir.shapes import anything, listing, mapping

if TYPE_CHECKING:
    import numpy as np

    from seqrun.components.base import Experiment

NUMBERS = 8  # of a window, or a sample of numbers, that are shown


def read_samples(run: RunRecord, rows: Sequence[int], data_dir: Path | None, *, cached: bool) -> dict[int, str]:
    """Return the test samples of these rows in words; those that are not in the run's test split are left out.

    A text is given by its tokens as the network reads them, a window by when it ends and the last values of the targets
    in it. Plugins are not run. Raises SeqrunError, saying why, where the data cannot be had.
    """
    from seqrun.components.locations import Locations
    from seqrun.config.recorded import own_plugins, recorded_experiment
    from seqrun.datasets.files.prepared import prepared_folder
    from seqrun.running.recorded_data import recorded_sources, recorded_splits

    plugins = own_plugins(run, allowed=False)
    borrowed = run.record.get("from_environment", [])
    experiment: Experiment = recorded_experiment(run.record["config"], str(run.path / RECORD), plugins, borrowed)
    cache = prepared_folder() if cached else None
    locations = Locations(data_dir, lambda event: None, cache, recorded_sources(run.record))
    splits = recorded_splits(run, experiment, locations)
    places = {int(row): place for place, row in enumerate(splits.test.index)}
    told = _in_words(splits)
    return {row: told(places[row]) for row in rows if row in places}


def kept_texts(run: RunRecord) -> dict[int, str]:
    """Return the few texts of test samples that the run keeps, by their rows; none of a run that keeps none."""
    try:
        examples: list[dict[str, Any]] = read_json(run.path / EXAMPLES, listing(mapping(anything)), nan=True)
    except (OSError, SeqrunError):  # `seqrun show` says what is wrong with them
        return {}
    return {row: text for each in examples if isinstance(row := each.get("row"), int) and (text := _text(each))}


def _text(example: Mapping[str, Any]) -> str | None:
    text, tokens = example.get("text"), example.get("tokens")
    if isinstance(text, str):
        return text
    return " ".join(map(str, tokens)) if isinstance(tokens, list) else None


def _in_words(splits: Splits) -> Callable[[int], str]:
    """Return what gives a test sample in words, by its place in the split."""
    test, spec = splits.test, splits.spec
    if isinstance(test, Windows):
        return lambda place: _window(test, spec.target.labels, place)
    vocabulary = spec.vocabulary
    if vocabulary is not None:
        return lambda place: vocabulary.decode(test.inputs[place])
    return lambda place: _values(test, place)


def _window(windows: Windows, names: Sequence[str], place: int) -> str:
    """Return when a window ends, and the last values of each target in it, in original units."""
    rows = windows.starts[place] + windows.input_rows
    when = rows[-1] if windows.times is None else windows.times[rows[-1]]
    shown = rows[-NUMBERS:]
    series = [f"{name} {_listed(windows.values[shown, number])}" for number, name in enumerate(names)]
    return f"until {when}: ... {'; '.join(series)}"


def _values(split: Split, place: int) -> str:
    """Return a sample of numbers by its shape and the first of them that are no padding, in the network's units."""
    numbers = split.inputs[place]
    there = numbers[numbers != PADDING].ravel()
    return f"{' x '.join(map(str, numbers.shape))} numbers: {_listed(there[:NUMBERS])} ..."


def _listed(values: np.ndarray) -> str:
    return " ".join(f"{value:.4g}" for value in values)
