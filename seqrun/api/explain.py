"""Training what lies between two runs: each setting that differs changed alone, and all but each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqrun.api.trials import Trial, find_trials, named
from seqrun.comparing.explaining.changes import Change, joined, settings_between, with_settings
from seqrun.comparing.explaining.effects import Effect, Explanation, effects_of
from seqrun.comparing.repeats import experiment_config, test_data
from seqrun.comparing.seeds import Scores
from seqrun.comparing.values import chosen_metrics, declared, values
from seqrun.errors import ConfigError, UsageError
from seqrun.metrics import direction
from seqrun.readable import listed_names
from seqrun.rundir.atomic import plain

if TYPE_CHECKING:
    from seqrun.components.base import Experiment
    from seqrun.rundir.reading import RunRecord

TAG = "explain"
Made = frozenset[int]  # the changes of A that are made, by their numbers


@dataclass(frozen=True)
class Variant:
    """A config between those of A and B, or one of these: A with some of the changes made."""

    made: Made
    experiment: Experiment | None  # None: such a config cannot be
    reason: str = ""  # why


class Ends:
    """The configs of A and B, and what lies between them."""

    def __init__(self, one: RunRecord, other: RunRecord) -> None:
        """Raises UsageError for a run whose config this version of seqrun does not take."""
        self.configs = _resolved(one), _resolved(other)
        self.settings = settings_between(*self.configs)
        self._loaded: dict[Made, Experiment | str] = {}

    def config(self, made: Made) -> Experiment | str:
        """Return A with some settings of B, by their numbers, or why there is no such config.

        It is made of B where that is nearer: what changes nothing, such as a file's place, is then as in B.
        """
        if made not in self._loaded:
            back = 2 * len(made) > len(self.settings) or len(made) == len(self.settings)
            changed = [each for n, each in enumerate(self.settings) if (n in made) != back]
            self._loaded[made] = _experiment(with_settings(self.configs[back], changed, back=back))
        return self._loaded[made]

    def fault(self, made: Made) -> str:
        """Return why there is no such config; empty if there is."""
        found = self.config(made)
        return found if isinstance(found, str) else ""

    @cached_property
    def changes(self) -> list[Change]:
        """The settings as changes, those together that cannot be made one by one."""
        return joined(self.settings, self.fault)

    def variant(self, made: Made) -> Variant:
        """Return A with some of the changes made."""
        found = self.config(frozenset(number for n in made for number in self.changes[n].numbers))
        return Variant(made, None, found) if isinstance(found, str) else Variant(made, found)


@dataclass
class Plan:
    """What explaining takes: the changes, the configs between, and a trial of each with each seed."""

    changes: list[Change]
    variants: dict[Made, Variant]
    seeds: tuple[int, ...]
    names: tuple[str, str]  # of A and of B
    metric: str  # test.auc
    sign: int  # 1 if more of it is better, else -1
    trials: dict[Made, list[Trial]] = field(default_factory=dict)

    @property
    def every(self) -> list[Trial]:
        return [trial for each in self.trials.values() for trial in each]


def planned(one: RunRecord, other: RunRecord, repeats: int | None, metric: str | None, runs_dir: Path) -> Plan:
    """Return what must be trained to say which of the settings that differ matter to a metric.

    The seeds are those that both configs have finished runs of or, with `repeats`, as many from A's on. The metric is
    by default the first that a comparison of the two would show. Raises UsageError for runs that cannot be explained:
    with plugins or values of the environment, on other test data, without a difference, or without a metric of both.
    """
    for run in (one, other):
        _check(run)
    if test_data(one) != test_data(other):
        raise UsageError(f"{one.path} and {other.path} were measured on different test data: no setting explains that")
    ends = Ends(one, other)
    if not ends.settings:
        raise UsageError(f"{one.path} and {other.path} differ in no setting that matters; seqrun diff says more")
    variants = {made: ends.variant(made) for made in _made(len(ends.changes))}
    folders = (runs_dir, one.path.parent, other.path.parent)
    seeds = _seeds(one, other, folders) if repeats is None else _following(one, repeats)
    names = ends.configs[0]["name"], ends.configs[1]["name"]
    plan = Plan(ends.changes, variants, seeds, names, *_metric(one, other, metric))
    _find(plan, folders)
    return plan


def explained(plan: Plan, runs_dir: Path, one: RunRecord, other: RunRecord) -> Explanation:
    """Return the effects of the changes, by the runs that there are after the trials were carried out."""
    _find(plan, (runs_dir, one.path.parent, other.path.parent))
    runs = {made: [trial.run for trial in each if trial.run is not None] for made, each in plan.trials.items()}
    scores = {made: _scores(each, plan.metric, test_data(one)) for made, each in runs.items()}
    return replace(_explanation(plan, scores), notes=tuple(_missing(plan, scores)))


def _metric(one: RunRecord, other: RunRecord, asked: str | None) -> tuple[str, int]:
    """Return the metric that is asked for, or the first of both runs, and 1 if more of it is better, else -1."""
    ways, tables = declared([one, other]), [values(one), values(other)]
    shared = [{key: value for key, value in table.items() if all(key in each for each in tables)} for table in tables]
    names = chosen_metrics([asked] if asked else [], shared, False, [*ways])
    if not names:
        raise UsageError(f"{one.path} and {other.path} have no metric in common: there is nothing to explain")
    try:
        return names[0], 1 if direction(names[0], ways) == "max" else -1
    except KeyError as error:
        raise UsageError(f"{f'--metric {asked}' if asked else names[0]}: {error.args[0]}") from None


def _missing(plan: Plan, scores: Mapping[Made, Scores]) -> Iterator[str]:
    """Yield which trials count in no effect, and why."""
    for made, trials in plan.trials.items():
        for trial in trials:
            experiment, run = trial.experiment, trial.run
            if experiment.seed not in scores[made]:
                state = "no run has finished" if run is None else f"the run is {run.status}"
                if run is not None and run.status == "finished":
                    state = "it has no such metric, or other test data"
                yield f"{experiment.name} with seed {experiment.seed} does not count: {state}"


def _explanation(plan: Plan, scores: Mapping[Made, Scores]) -> Explanation:
    numbers, everything = range(len(plan.changes)), frozenset(range(len(plan.changes)))
    asked: dict[tuple[str, int], tuple[Made, Made]] = {("together", 0): (everything, frozenset())}
    for n in numbers:
        asked["alone", n] = (frozenset({n}), frozenset())
        asked["last", n] = (everything, everything - {n})
    there = {key: pair for key, pair in asked.items() if all(made in scores for made in pair)}
    pairs = [(scores[with_it], scores[without]) for with_it, without in there.values()]
    verdicts = dict(zip(there, effects_of(pairs, plan.metric, plan.sign), strict=True))
    effects = tuple(
        Effect(plan.changes[n], verdicts.get(("alone", n)), verdicts.get(("last", n)), tuple(_reasons(plan, n)))
        for n in numbers
    )
    return Explanation(plan.metric, effects, verdicts["together", 0], plan.seeds)


def _reasons(plan: Plan, n: int) -> Iterator[str]:
    """Yield why a config with this change alone, or with all but it, cannot be."""
    everything = frozenset(range(len(plan.changes)))
    for words, made in (("alone", frozenset({n})), ("B without it", everything - {n})):
        if reason := plan.variants[made].reason:
            yield f"{words} cannot be trained: {reason}"


def told_before(plan: Plan, one: RunRecord, other: RunRecord) -> Iterator[str]:
    """Yield what is to be known before anything is trained: what goes together, what is left out, what is new."""
    yield from (f"{change.name}: {change.reason}" for change in plan.changes if change.reason)
    for n, change in enumerate(plan.changes):
        yield from (f"skipped: {change.name}: {reason}" for reason in _reasons(plan, n))
    ends = {frozenset[int](): one, frozenset(range(len(plan.changes))): other}
    for made, run in ends.items():
        trial = next((each for each in plan.trials[made] if each.experiment.seed == run.record.get("seed")), None)
        if trial is not None and trial.run is None:
            yield (
                f"{run.path} is trained again: its data are not where they were, or another version of seqrun has "
                "trained it, with fewer settings"
            )


def _made(count: int) -> list[Made]:
    """Return which changes are made in each config: none, all, each alone, all but each; each set once."""
    everything = frozenset(range(count))
    single = [frozenset({n}) for n in range(count)]
    return list(dict.fromkeys([frozenset(), everything, *single, *(everything - each for each in single)]))


def _resolved(run: RunRecord) -> dict[str, Any]:
    """Return the run's config as this version of seqrun has it, so that those of two versions can be compared."""
    config = {key: value for key, value in run.record["config"].items() if key not in ("loggers", "sweep")}
    found = _experiment(config)
    if isinstance(found, str):
        raise UsageError(f"{run.path}: its config is none for this version of seqrun: {found}")
    resolved: dict[str, Any] = plain(found.resolved())
    return resolved


def _experiment(config: Mapping[str, Any]) -> Experiment | str:
    """Return the experiment of a resolved config, or why there is none."""
    from seqrun.config.experiment import load_experiment
    from seqrun.config.references import escape_references

    try:
        return load_experiment(escape_references({**config, "notes": config.get("notes") or ""}))
    except ConfigError as error:
        return "; ".join(f"{'.'.join(map(str, p.path))}: {p.message}" for p in error.problems)


def _find(plan: Plan, folders: Sequence[Path]) -> None:
    """Look for the runs of all trials."""
    wanted: list[tuple[Made, Experiment]] = []
    for made, variant in plan.variants.items():
        if variant.experiment is not None:
            one = named(variant.experiment, _name(plan, made), TAG)
            wanted += [(made, replace(one, seed=seed)) for seed in plan.seeds]
    plan.trials.clear()
    for (made, _), trial in zip(wanted, find_trials([each for _, each in wanted], *folders), strict=True):
        plan.trials.setdefault(made, []).append(trial)


def _name(plan: Plan, made: Made) -> str:
    """Return the name of a variant: as A or B, or by the setting that is changed in A, or that is not as in B."""
    kept = [change for n, change in enumerate(plan.changes) if n not in made]
    first, second = plan.names
    if not made or not kept:
        return second if made else first
    if len(made) == 1:
        return f"{first}_with_{plan.changes[next(iter(made))].short}"
    return f"{second}_without_{kept[0].short}"


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
