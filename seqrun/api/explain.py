"""Training what lies between two runs: each setting that differs changed alone, and all but each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.api.trials import Trial, find_trials, named
from seqrun.comparing.explaining.changes import Change, changes_between, with_changes
from seqrun.comparing.explaining.effects import Effect, Explanation, effects_of
from seqrun.comparing.repeats import experiment_config, test_data
from seqrun.comparing.seeds import Scores
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.errors import ConfigError, UsageError
from seqrun.metrics import direction
from seqrun.readable import listed_names

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.rundir.reading import RunRecord

TAG = "explain"


@dataclass(frozen=True)
class Variant:
    """A config between those of A and B, or one of these: A with some of the changes made."""

    made: frozenset[int]  # numbers of the changes
    experiment: Experiment | None  # None: such a config cannot be
    reason: str = ""  # why


@dataclass
class Plan:
    """What explaining takes: the changes, the configs between, and a trial of each with each seed."""

    changes: list[Change]
    variants: dict[frozenset[int], Variant]
    seeds: tuple[int, ...]
    names: tuple[str, str]  # of A and of B
    trials: dict[frozenset[int], list[Trial]] = field(default_factory=dict)

    @property
    def every(self) -> list[Trial]:
        return [trial for each in self.trials.values() for trial in each]


def planned(one: RunRecord, other: RunRecord, repeats: int | None, runs_dir: Path) -> Plan:
    """Return what must be trained to say which of the settings that differ matter.

    The seeds are those that both configs have finished runs of or, with `repeats`, as many from A's on. Raises
    UsageError for runs that cannot be explained: with plugins or values of the environment, on other test data, or
    without any difference.
    """
    for run in (one, other):
        _check(run)
    if test_data(one) != test_data(other):
        raise UsageError(f"{one.path} and {other.path} were measured on different test data: no setting explains that")
    configs = [run.record["config"] for run in (one, other)]
    changes = changes_between(*configs)
    if not changes:
        raise UsageError(f"{one.path} and {other.path} differ in no setting that matters; seqrun diff says more")
    variants = {made: _variant(configs[0], changes, made) for made in _made(len(changes))}
    folders = (runs_dir, one.path.parent, other.path.parent)
    seeds = _seeds(one, other, folders) if repeats is None else _following(one, repeats)
    plan = Plan(changes, variants, seeds, (configs[0]["name"], configs[1]["name"]))
    _find(plan, folders)
    return plan


def explained(plan: Plan, metric: str | None, runs_dir: Path, one: RunRecord, other: RunRecord) -> Explanation:
    """Return the effects of the changes, by the runs that there are after the trials were carried out."""
    _find(plan, (runs_dir, one.path.parent, other.path.parent))
    runs = {made: [trial.run for trial in each if trial.run is not None] for made, each in plan.trials.items()}
    every = [run for each in runs.values() for run in each if run.status == "finished"]
    if not every:
        raise UsageError("no run has finished: there is nothing to explain")
    ways = declared(every)
    name, *_ = chosen_metrics([metric] if metric else [], [values(run) for run in every], False, [*ways])
    try:
        sign = 1 if direction(name, ways) == "max" else -1
    except KeyError as error:
        raise UsageError(f"--metric {name}: {error.args[0]}") from None
    scores = {made: _scores(each, name, test_data(one)) for made, each in runs.items()}
    return _explanation(plan, scores, name, sign)


def _explanation(plan: Plan, scores: Mapping[frozenset[int], Scores], metric: str, sign: int) -> Explanation:
    numbers, everything = range(len(plan.changes)), frozenset(range(len(plan.changes)))
    asked: dict[tuple[str, int], tuple[frozenset[int], frozenset[int]]] = {("together", 0): (everything, frozenset())}
    for n in numbers:
        asked["alone", n] = (frozenset({n}), frozenset())
        asked["last", n] = (everything, everything - {n})
    there = {key: pair for key, pair in asked.items() if all(made in scores for made in pair)}
    pairs = [(scores[with_it], scores[without]) for with_it, without in there.values()]
    verdicts = dict(zip(there, effects_of(pairs, metric, sign), strict=True))
    effects = tuple(
        Effect(plan.changes[n], verdicts.get(("alone", n)), verdicts.get(("last", n)), tuple(_reasons(plan, n)))
        for n in numbers
    )
    return Explanation(metric, effects, verdicts["together", 0], plan.seeds)


def _reasons(plan: Plan, n: int) -> Iterator[str]:
    """Yield why a config with this change alone, or with all but it, cannot be."""
    everything = frozenset(range(len(plan.changes)))
    for words, made in (("alone", frozenset({n})), ("B without it", everything - {n})):
        if reason := plan.variants[made].reason:
            yield f"{words} cannot be trained: {reason}"


def invalid(plan: Plan) -> list[str]:
    """Return what is skipped because such a config cannot be, a line each."""
    return [f"{change.name}: {reason}" for n, change in enumerate(plan.changes) for reason in _reasons(plan, n)]


def _made(count: int) -> list[frozenset[int]]:
    """Return which changes are made in each config: none, all, each alone, all but each; each set once."""
    everything = frozenset(range(count))
    single = [frozenset({n}) for n in range(count)]
    return list(dict.fromkeys([frozenset(), everything, *single, *(everything - each for each in single)]))


def _variant(config: Mapping[str, Any], changes: Sequence[Change], made: frozenset[int]) -> Variant:
    from seqrun.config.experiment import load_experiment
    from seqrun.config.references import escape_references

    values = {key: value for key, value in config.items() if key not in ("loggers", "sweep")}
    values = with_changes(values, [changes[n] for n in sorted(made)])
    try:
        experiment = load_experiment(escape_references({**values, "notes": values.get("notes") or ""}))
    except ConfigError as error:
        return Variant(made, None, "; ".join(f"{'.'.join(map(str, p.path))}: {p.message}" for p in error.problems))
    return Variant(made, experiment)


def _find(plan: Plan, folders: Sequence[Path]) -> None:
    """Look for the runs of all trials."""
    wanted: list[tuple[frozenset[int], Experiment]] = []
    for made, variant in plan.variants.items():
        if variant.experiment is not None:
            one = named(variant.experiment, _name(plan, made), TAG)
            wanted += [(made, replace(one, seed=seed)) for seed in plan.seeds]
    plan.trials.clear()
    for (made, _), trial in zip(wanted, find_trials([each for _, each in wanted], *folders), strict=True):
        plan.trials.setdefault(made, []).append(trial)


def _name(plan: Plan, made: frozenset[int]) -> str:
    """Return the name of a variant: as A or B, or by the setting that is changed in A, or that is not as in B."""
    kept = [change for n, change in enumerate(plan.changes) if n not in made]
    first, second = plan.names
    if not made or not kept:
        return second if made else first
    if len(made) == 1:
        return f"{first}_with_{plan.changes[next(iter(made))].path[-1]}"
    return f"{second}_without_{kept[0].path[-1]}"


def _scores(runs: Sequence[RunRecord], metric: str, data: str | None) -> Scores:
    """Return the metric of each finished run by its seed; a run on other test data is none."""
    finished = [run for run in runs if run.status == "finished" and test_data(run) == data]
    found = {run.record["seed"]: values(run).get(metric) for run in finished}
    return {seed: value for seed, value in found.items() if value is not None}


def _check(run: RunRecord) -> None:
    config = run.record.get("config") or {}
    if run.status != "finished":
        raise UsageError(f"{run.path}: {run.status}, not finished: there are no results to be explained")
    if config.get("plugins"):
        raise UsageError(f"{run.path} was trained with plugins, which explain does not run")
    if run.record.get("from_environment"):
        raise UsageError(f"{run.path} was trained with values of environment variables, which explain does not have")


def _seeds(one: RunRecord, other: RunRecord, folders: Sequence[Path]) -> tuple[int, ...]:
    """Return the seeds of which both configs have finished runs, in order."""
    from seqrun.api.trials import runs_of

    seeds = [
        {
            run.record.get("seed")
            for run in [each, *runs_of(folders)]
            if run.status == "finished" and experiment_config(run) == experiment_config(each)
        }
        for each in (one, other)
    ]
    shared = tuple(sorted(seed for seed in seeds[0] & seeds[1] if isinstance(seed, int)))
    if not shared:
        told = " and ".join(listed_names(sorted(map(str, each))) for each in seeds)
        raise UsageError(f"the two configs have no seed in common ({told}); --repeats 3 trains both with three seeds")
    return shared


def _following(one: RunRecord, repeats: int) -> tuple[int, ...]:
    return tuple(range(one.record["seed"], one.record["seed"] + repeats))
