"""How often verdicts over seeds are false, and how often they find what is there, by simulation.

    python -m benchmarks.verdicts [--simulations 20000]

prints Markdown tables. The verdicts are those of seqrun; what they should be is said by scipy and statsmodels. The
numbers of two experiments are drawn from one distribution (false verdicts) or from two that are a standard deviation
apart (power), in pairs with the same seeds or not, and judged as `seqrun compare` does.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from scipy import stats
from statsmodels.stats.power import TTestIndPower, TTestPower

from seqrun.comparing.judging import Judge, judged
from seqrun.comparing.table import Aggregate, TableRow
from seqrun.comparing.verdict import Word
from seqrun.rundir.reading import RunRecord

METRIC = "test.auc"
RUNS = (2, 3, 5, 10, 20)
UNEQUAL = ((2, 20), (3, 10), (5, 20))
ROWS = (2, 5, 10, 30)  # of one table
Draw = Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]
NOISE: dict[str, Draw] = {  # a mean of 0 and a standard deviation of 1 but for the steps
    "normal": lambda rng, shape: rng.normal(size=shape),
    "skewed (exponential)": lambda rng, shape: rng.exponential(size=shape) - 1,
    "heavy tails (t, 3)": lambda rng, shape: rng.standard_t(3, size=shape) / math.sqrt(3),
    "steps (accuracy of 100)": lambda rng, shape: rng.binomial(100, 0.85, size=shape) / 100,
}


def rows_of(values: list[np.ndarray], seeds: list[list[int]]) -> tuple[list[TableRow], Judge]:
    """Return rows as a comparison has them, of experiments with these values, and who judges them."""
    rows, scores = [], {}
    for number, (found, own) in enumerate(zip(values, seeds, strict=True)):
        runs = tuple(RunRecord(Path(f"{number}-{seed}"), {"seed": seed}, None, [], "finished") for seed in own)
        scores |= {run.path: {METRIC: float(value)} for run, value in zip(runs, found, strict=True)}
        figure = Aggregate(tuple(map(float, found)))
        rows.append(TableRow(f"{number}", runs, "finished", False, 1, {}, {METRIC: figure}, None, None, None, None))
    return rows, Judge(scores, [METRIC], {})


def words(values: list[np.ndarray], paired: bool) -> list[Word]:
    """Return the verdicts on all rows but the best."""
    starts = [0 if paired else 1000 * number for number in range(len(values))]
    rows, judge = rows_of(values, [[start + n for n in range(len(v))] for start, v in zip(starts, values, strict=True)])
    return [row.verdict.word for row in judged(rows, judge) if row.verdict and row.verdict.word != "best"]


def share(found: list[Word], *wanted: Word) -> float:
    """Return how many of the verdicts are one of those wanted."""
    return sum(word in wanted for word in found) / len(found)


def of_two(draw: Draw, sizes: tuple[int, int], paired: bool, simulations: int, shift: float = 0.0) -> list[Word]:
    """Return the verdicts on pairs of experiments, which differ by `shift`; of paired ones the seeds share noise."""
    rng = np.random.default_rng(18)
    first, second = (draw(rng, (simulations, size)) for size in sizes)
    if paired:
        shared = rng.normal(size=first.shape)
        first, second = first + shared, second + shared
    found = [words([one, other + shift], paired) for one, other in zip(first, second, strict=True)]
    return [word for one in found for word in one]


def false_verdicts(simulations: int) -> Iterator[list[str]]:
    """Yield a line a kind of noise and pairing: how often one experiment was better or worse than itself, by n."""
    yield ["noise", "seeds", *(f"n = {n}" for n in RUNS), *(f"{one} and {other} runs" for one, other in UNEQUAL)]
    for noise, draw in NOISE.items():
        for paired in (True, False):
            sizes = [(n, n) for n in RUNS] + ([] if paired else [*UNEQUAL])
            found = [share(of_two(draw, each, paired, simulations), "better", "worse") for each in sizes]
            cells = [f"{100 * each:.1f}%" for each in found]
            yield [noise, "the same" if paired else "others", *cells, *[""] * (len(RUNS + UNEQUAL) - len(cells))]


def ties(simulations: int) -> Iterator[list[str]]:
    """Yield how often one experiment and itself are a tie, and how often two that are a standard deviation apart."""
    yield ["difference", *(f"n = {n}" for n in (5, 10, 20, 30, 50))]
    for shift in (0.0, 0.5, 1.0, 1.5):
        found = [share(of_two(NOISE["normal"], (n, n), False, simulations, shift), "tie") for n in (5, 10, 20, 30, 50)]
        yield [f"{shift:g} sd", *(f"{100 * each:.0f}%" for each in found)]


def whole_tables(simulations: int) -> Iterator[list[str]]:
    """Yield how many tables of one experiment under several names have any false verdict, against the best."""
    yield ["rows", "by seqrun", "by Holm over the rows alone", "without Holm"]
    for rows in ROWS:
        rng, by_seqrun, by_rows, without = np.random.default_rng(18), 0, 0, 0
        for _ in range(simulations):
            values = [*rng.normal(size=(rows, 5))]
            by_seqrun += "worse" in words(values, paired=False)
            table = np.stack(values)
            best = np.argmax(table.mean(1))
            p = stats.ttest_ind(np.delete(table, best, 0), table[best], axis=1, equal_var=False).pvalue.min()
            by_rows += p < 0.05 / (rows - 1)
            without += p < 0.05
        yield [str(rows), *(f"{100 * each / simulations:.1f}%" for each in (by_seqrun, by_rows, without))]


def power(simulations: int) -> Iterator[list[str]]:
    """Yield how often a difference is found, beside what statsmodels' formula promises."""
    yield ["difference", "seeds", "n", "found", "by the formula"]
    for shift in (1.0, 2.0):
        for paired in (True, False):
            for n in (5, 10, 20):
                found = share(of_two(NOISE["normal"], (n, n), paired, simulations, shift), "better", "worse")
                effect = shift / math.sqrt(2) if paired else shift  # of paired differences: two runs' own noise
                promised = TTestPower().power(effect, n, 0.05) if paired else TTestIndPower().power(effect, n, 0.05)
                seeds = "the same" if paired else "others"
                yield [f"{shift:g} sd", seeds, str(n), f"{100 * found:.1f}%", f"{100 * promised:.1f}%"]


def markdown(lines: Iterator[list[str]]) -> str:
    """Return lines as a table, the first as its head."""
    head, *body = lines
    return "\n".join(f"| {' | '.join(line)} |" for line in (head, ["---"] * len(head), *body))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--simulations", type=int, default=2000)
    simulations = parser.parse_args().simulations
    tables = {
        "False verdicts: an experiment against itself": false_verdicts,
        "Tables of one experiment, 5 runs a row, with any false verdict": whole_tables,
        "Ties, of normal noise and other seeds": ties,
        "Differences that are found, of normal noise": power,
    }
    error = 196 * math.sqrt(0.05 * 0.95 / simulations)
    for title, made in tables.items():
        print(f"**{title}** ({simulations:,} simulations; 5% are told to ± {error:.1f})\n")
        print(f"{markdown(made(simulations))}\n", flush=True)


if __name__ == "__main__":
    main()
