"""Which runs are repeats of one experiment: the same config apart from seed and labels, on the same data."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seqrun.machine.opener import MOST_PLUGIN, read_bytes
from seqrun.rundir.reading import REPRODUCES, RunRecord

WERE = {"train_fraction": 1.0}  # settings of a dataset that earlier runs do not record, and what was true of these
LABELS = ("seed", "name", "tags", "notes", "loggers")  # keys of a config that don't change the experiment
PLUGINS = "plugins"
BESIDE = ("baselines", "checkpoint")  # keys of a trainer that do not change what its network comes to


@dataclass(frozen=True)
class Repeats:
    """The runs of one experiment, one for each seed."""

    runs: tuple[RunRecord, ...]  # oldest first
    config: dict[str, Any]  # without the labels
    passed_over: tuple[RunRecord, ...] = ()  # runs whose seed another run represents

    @property
    def counted(self) -> tuple[RunRecord, ...]:
        """The runs whose metrics are averaged: the finished ones, or all if none has finished."""
        return tuple(run for run in self.runs if run.status == "finished") or self.runs

    @property
    def test_data(self) -> str | None:
        """The test set that all runs share; None if no run got as far as loading it."""
        return next((found for run in self.runs if (found := test_data(run)) is not None), None)

    @property
    def so_far(self) -> bool:
        """Whether the metrics are from runs that have not finished."""
        return self.counted[0].status != "finished"

    @property
    def status(self) -> str:
        """The status that all runs share, or how many runs have each status."""
        counts = Counter(run.status for run in self.runs)
        if len(counts) == 1:
            return self.runs[0].status
        return ", ".join(f"{count} {status}" for status, count in counts.most_common())


def group(runs: Iterable[RunRecord]) -> list[Repeats]:
    """Return the runs by experiment; each seed is represented by its newest finished run, or else its newest.

    A run that trained another again (`seqrun reproduce`) represents a seed only where no other run has finished.
    """
    groups: dict[tuple[Hashable, str | None], list[RunRecord]] = {}
    texts = _Texts()
    for run in sorted(runs, key=started):
        groups.setdefault((texts.of_experiment(run), texts.of_data(run)), []).append(run)
    for key in [key for key in groups if key[1] is None]:  # runs that ended without data join those with data
        home = next((other for other in groups if other[0] == key[0] and other[1] is not None), None)
        if home is not None:
            groups[home] = sorted(groups[home] + groups.pop(key), key=started)
    return [_repeats(members) for members in groups.values()]


class _Texts:
    """Texts that tell experiments and test sets apart, each made once of what many runs share."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, int], str | None] = {}  # by a name and the id of what lives as long as the runs

    def of_experiment(self, run: RunRecord) -> Hashable:
        """Return what is equal for runs whose `experiment_config` is."""
        config = run.record.get("config", {})
        return tuple((key, self._of_section(key, config[key])) for key in sorted(config.keys() - {*LABELS}))

    def of_data(self, run: RunRecord) -> str | None:
        data = run.record.get("data")
        if not data or "test_sha256" not in data:
            return test_data(run)
        return self._once("data", data, lambda: test_data(run))

    def _of_section(self, key: str, value: Any) -> str | None:
        if key == PLUGINS or not isinstance(value, Mapping):
            return _canonical(_told(key, value))
        return self._once(key, value, lambda: _canonical(_told(key, value)))

    def _once(self, name: str, value: Any, make: Callable[[], str | None]) -> str | None:
        place = name, id(value)
        if place not in self._made:
            self._made[place] = make()
        return self._made[place]


def each(runs: Iterable[RunRecord]) -> list[Repeats]:
    """Return every run as a group of its own."""
    return [Repeats((run,), experiment_config(run)) for run in sorted(runs, key=started)]


def started(run: RunRecord) -> tuple[str, str]:
    """Return a sort key that orders runs by their start."""
    return run.record.get("started") or "", run.path.name


def experiment_config(run: RunRecord) -> dict[str, Any]:
    """Return the resolved config without its labels.

    Plugins are given by file name and content, because each run has its own copy of them.
    """
    return experiment_of(run.record.get("config", {}))


def experiment_of(resolved: Mapping[str, Any]) -> dict[str, Any]:
    """Return a resolved config as `experiment_config` returns that of a run."""
    return {key: _told(key, value) for key, value in resolved.items() if key not in LABELS}


def _told(key: str, value: Any) -> Any:
    """Return what stands in a config under a key as far as it makes the experiment."""
    if key == "dataset" and isinstance(value, Mapping):
        return {**WERE, **value}
    if key == "trainer" and isinstance(value, Mapping):
        return {name: setting for name, setting in value.items() if name not in BESIDE}
    if key == PLUGINS and value:
        return [_identified(Path(plugin)) for plugin in value]
    return value


def test_data(run: RunRecord) -> str | None:
    """Return a text that is equal for runs measured on equal test data; None while the run has no data.

    If a run did not record the hash of its test set, the settings that can change the test set are used instead.
    """
    data = run.record.get("data")
    if not data:
        return None
    hashes = sorted(source["sha256"] for source in data.get("sources", ()))
    if "test_sha256" in data:
        return _canonical([hashes, data["test_sha256"]])
    settings = run.record.get("config", {}).get("dataset", {})
    drawn = {key: settings.get(key) for key in ("name", "split_seed", "limit", "splits", "path")}
    if hashes:
        drawn.pop("path")  # the same file may lie anywhere
    return _canonical([hashes, data.get("rows"), drawn])


def _repeats(members: Sequence[RunRecord]) -> Repeats:
    chosen = _one_a_seed(members)
    return Repeats(chosen, experiment_config(members[0]), tuple(run for run in members if run not in chosen))


def _one_a_seed(runs: Sequence[RunRecord]) -> tuple[RunRecord, ...]:
    chosen: dict[Any, RunRecord] = {}
    # A later run replaces an earlier one, a finished one only if it has finished.
    for run in sorted(runs, key=lambda run: REPRODUCES not in run.record):  # else oldest first, as they come
        seed = run.record.get("seed", run.path)
        if seed not in chosen or run.status == "finished" or chosen[seed].status != "finished":
            chosen[seed] = run
    return tuple(sorted(chosen.values(), key=started))


def _identified(plugin: Path) -> str:
    """Return the name of a plugin's file and the start of its hash; the name alone of one that cannot be read."""
    try:
        content = read_bytes(plugin, MOST_PLUGIN)
    except OSError:
        return plugin.name
    return f"{plugin.name} {hashlib.sha256(content).hexdigest()[:8]}"


def _canonical(value: Any) -> str:
    return json.dumps(value, sort_keys=True)
