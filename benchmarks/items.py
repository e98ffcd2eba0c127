"""How often tests over test items find a difference between two runs that are equally good, by simulation.

    python -m benchmarks.items [--simulations 2000]

prints Markdown tables. Both runs of a pair predict the same items with errors of the same distribution; what is found
is what `seqrun compare` would say of one run against another. Beside forecasts of overlapping windows stands what a
paired t-test finds that takes windows as independent, and what R's `dm.test` finds.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import stats

from benchmarks.verdicts import markdown
from seqrun.comparing.items.diebold_mariano import diebold_mariano
from seqrun.comparing.items.outcome import ItemDifference
from seqrun.comparing.items.paired import Paired
from seqrun.comparing.items.testing import tested
from seqrun.components.splits import Spec
from seqrun.components.targets import ClassTarget, SeriesTarget, TagTarget, Target
from seqrun.inference.kept import KeptPredictions
from seqrun.registry import ITEMS, load
from seqrun.rundir.reading import RunRecord

RUN = RunRecord(Path("run"), {}, None, [], "finished")
LEVEL = 0.05
TAGS = ("O", "B-PER", "I-PER")
LASTING = (0.0, 0.8, 0.95)  # how much of a forecast's own bias is left at the next origin
Draw = Callable[[np.random.Generator], Paired]


def pair(target: Target, targets: np.ndarray, one: np.ndarray, other: np.ndarray, **arrays: np.ndarray) -> Paired:
    """Return two runs that predict the same items, as they would be read from their directories."""
    index = arrays.pop("index", np.arange(len(targets)))
    read = load(ITEMS[target.kind])
    items = [
        read(
            KeptPredictions(
                RUN, Spec((1,), target), {}, {"targets": targets, "predictions": each, "index": index, **arrays}
            )
        )
        for each in (one, other)
    ]
    return Paired(("a", "b"), (items[0], items[1]), (np.arange(len(targets)), np.arange(len(targets))))


def classifiers(n: int, better: float = 0.0) -> Draw:
    """Return what draws two classifiers of n samples; the first's scores are `better` standard deviations apart."""

    def draw(rng: np.random.Generator) -> Paired:
        targets = rng.integers(0, 2, n)
        shared = 1.2 * (targets - 0.5) + 0.7 * rng.normal(size=n)
        scores = [
            1 / (1 + np.exp(-(shared + gain * (targets - 0.5) + 0.7 * rng.normal(size=n)))) for gain in (better, 0)
        ]
        return pair(ClassTarget(("a", "b")), targets, *scores)

    return draw


def taggers(sentences: int) -> Draw:
    """Return what draws two taggers, whose mistakes come in the same, hard, sentences."""

    def draw(rng: np.random.Generator) -> Paired:
        targets = rng.choice(3, p=[0.6, 0.25, 0.15], size=(sentences, 8))
        hard = rng.beta(1, 4, size=(sentences, 1))
        guesses = [np.where(rng.random(targets.shape) < hard, rng.integers(0, 3, targets.shape), targets) for _ in "ab"]
        one, other = (np.eye(3)[guess] * 0.9 + 0.03 for guess in guesses)
        return pair(TagTarget(TAGS), targets, one, other)

    return draw


def forecasters(windows: int, horizon: int, lasting: float, series: int = 1) -> Draw:
    """Return what draws two forecasters of random walks, each with a bias of its own that lasts from one window on.

    The best forecast of each step is the last value, so that the errors of overlapping windows are those of the walk,
    and one forecast after the other has most of them in common.
    """
    target = SeriesTarget(("y",), horizon)
    rows = np.concatenate([np.arange(windows) + number * (windows + 10 * horizon) for number in range(series)])

    def draw(rng: np.random.Generator) -> Paired:
        steps = rng.normal(size=(series, windows + horizon))
        walk = np.concatenate([np.zeros((series, 1)), np.cumsum(steps, axis=1)], axis=1)
        origins, ahead = np.arange(windows)[:, None], np.arange(1, horizon + 1)
        targets = walk[:, origins + ahead] - walk[:, origins]  # (series, windows, horizon)
        targets = (targets / np.sqrt(ahead)).reshape(-1, horizon, 1)
        one, other = (bias(rng, series, windows, lasting).reshape(-1, 1, 1) * np.ones((1, horizon, 1)) for _ in "ab")
        numbers = {} if series == 1 else {"series": np.repeat(np.arange(series), windows)}
        return pair(target, targets, one, other, index=rows, **numbers)

    return draw


def bias(rng: np.random.Generator, series: int, windows: int, lasting: float) -> np.ndarray:
    """Return a bias of each window, (series, windows), of which a share lasts to the next."""
    fresh = rng.normal(size=(series, windows)) * math.sqrt(1 - lasting**2)
    found = np.empty_like(fresh)
    found[:, 0] = rng.normal(size=series)
    for number in range(1, windows):
        found[:, number] = lasting * found[:, number - 1] + fresh[:, number]
    return 0.3 * found


def share(draw: Draw, metric: str, simulations: int) -> float:
    """Return how often a difference is found."""
    rng = np.random.default_rng(18)
    return float(np.mean([found(draw(rng), metric).p < LEVEL for _ in range(simulations)]))


def found(paired: Paired, metric: str) -> ItemDifference:
    """Return what `seqrun compare` would say of the pair."""
    return tested(paired, metric)


def false_findings(simulations: int) -> Iterator[list[str]]:
    """Yield a line a metric: its test, and how often it finds a difference between runs that are equally good."""
    sizes = (100, 500)
    yield ["metric", "test", *(f"{n} items" for n in sizes)]
    metrics = ("accuracy", "auc", "f1", "balanced_accuracy", "average_precision", "log_loss", "calibration_error")
    for metric in metrics:
        name = found(classifiers(100)(np.random.default_rng(0)), metric).test
        yield [metric, name, *(percent(share(classifiers(n), metric, simulations)) for n in sizes)]
    name = found(taggers(100)(np.random.default_rng(0)), "span_f1").test
    yield ["span_f1", f"{name} of sentences", *(percent(share(taggers(n), "span_f1", simulations)) for n in sizes)]


def of_windows(simulations: int) -> Iterator[list[str]]:
    """Yield how often forecasts of one series are told apart that are equally good, by how long a bias lasts."""
    heads = [f"{name}, bias lasts {lasting:g}" for lasting in LASTING for name in ("seqrun", "dm.test", "t-test")]
    yield ["windows", "horizon", *heads]
    for windows in (60, 150, 500):
        for horizon in (1, 7, 24):
            cells = []
            for lasting in LASTING:
                cells += [
                    percent(each) for each in by_three(forecasters(windows, horizon, lasting), horizon, simulations)
                ]
            yield [str(windows), str(horizon), *cells]


def by_three(draw: Draw, horizon: int, simulations: int) -> tuple[float, float, float]:
    """Return how often seqrun, R's dm.test and a paired t-test find a difference between absolute errors."""
    rng, counts = np.random.default_rng(18), np.zeros(3)
    for _ in range(simulations):
        paired = draw(rng)
        losses = [each.losses.mean(axis=1) for each in paired.measures("mae")]
        apart = losses[0] - losses[1]
        p = (found(paired, "mae").p, diebold_mariano(apart, horizon - 1).p, stats.ttest_1samp(apart, 0).pvalue)
        counts += np.array(p) < LEVEL
    return tuple(counts / simulations)


def of_panels(simulations: int) -> Iterator[list[str]]:
    """Yield the same of files with several series, and of a metric that is no mean of losses."""
    yield ["series", "windows of each", "horizon", "mae", "r2"]
    for series, windows, horizon in ((1, 150, 7), (1, 500, 7), (5, 60, 7), (10, 60, 7), (30, 20, 7), (30, 1, 7)):
        draw = forecasters(windows, horizon, 0.8, series)
        yield [
            str(series),
            str(windows),
            str(horizon),
            *(percent(share(draw, each, simulations)) for each in ("mae", "r2")),
        ]


def power(simulations: int) -> Iterator[list[str]]:
    """Yield how often a better classifier of 500 samples is found to be better."""
    gains = (0.2, 0.4, 0.8)
    yield ["metric", *(f"{gain:g} sd farther apart" for gain in gains)]
    for metric in ("accuracy", "auc", "log_loss", "f1"):
        yield [metric, *(percent(share(classifiers(500, gain), metric, simulations)) for gain in gains)]


def percent(value: float) -> str:
    """Return a share as text."""
    return f"{100 * value:.1f}%"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=1000)
    simulations = parser.parse_args().simulations
    tables = {
        "Equal runs that are told apart": false_findings,
        "Equal forecasts of overlapping windows that are told apart, by mae": of_windows,
        "Equal forecasts of several series that are told apart (bias lasts 0.8)": of_panels,
        "Better classifiers that are found": power,
    }
    error = 196 * math.sqrt(LEVEL * (1 - LEVEL) / simulations)
    for title, made in tables.items():
        print(f"**{title}** ({simulations:,} simulations; 5% are told to ± {error:.1f})\n")
        print(f"{markdown(made(simulations))}\n", flush=True)


if __name__ == "__main__":
    main()
