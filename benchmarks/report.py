"""The results as they are shown: tables in Markdown, and plots beside them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import BEST_PYTORCH, CASES, FIT, PYTORCH
from benchmarks.figure import LABELS, figure
from benchmarks.kept import Kept, Result, Setting
from benchmarks.measuring import DEFAULT

Steps = dict[str, Any]  # `ms`: side -> of each round; `mb`: side -> peak; `missed`: side -> why
FULL = ("fit", "pytorch", "pytorch fused", "pytorch compiled")  # 32 bits, of others
SIXTEEN = ("pytorch bfloat16", "pytorch float16", "seqrun bfloat16", "seqrun float16")
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def spread(values: Sequence[float], digits: int = 1) -> str:
    """Return the median, and the quartiles behind it."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def ratios(slow: Sequence[float], fast: Sequence[float]) -> np.ndarray:
    """Return how many times as long the first takes in each round; a side that was cut short has fewer."""
    rounds = min(len(slow), len(fast))
    return np.divide(slow[:rounds], fast[:rounds])


def ratio(slow: Sequence[float], fast: Sequence[float], target: float | None = None) -> str:
    """Return how many times as long the first takes: median and quartiles; with a mark if that is under a target."""
    found = ratios(slow, fast)
    mark = f" **< {target:g}**" if target is not None and np.median(found) < target else ""
    return f"{spread(found, 2)}x{mark}"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table's lines, and an empty one."""
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)] + [""]


def title(result: Result) -> str:
    """Return what a case is called, and whether its data were made for the purpose."""
    generated = " (generated data)" if "generated" in result.data.values() else ""
    return CASES[result.part].title + generated


def rival(steps: Steps, against: str) -> str | None:
    """Return the side that stands for what seqrun is compared with; None if it was not measured."""
    ms = steps["ms"]
    if against != BEST_PYTORCH:
        return against if against in ms else None
    return min((side for side in FULL[1:] if side in ms), key=lambda side: np.median(ms[side]), default=None)


def steps_table(results: Sequence[Result], device: str) -> list[str]:
    """Return the table of steps: milliseconds, and how many times as long the others take."""
    measured = {side for result in results for side in result.taken["ms"]}
    others = [side for side in FULL if side in measured]
    floor = ["products"] if "products" in measured else []
    compared = (FIT, PYTORCH, BEST_PYTORCH)
    rows = []
    for result in results:
        ms, targets = result.taken["ms"], CASES[result.part].target(device)
        ours = [side for side in ("seqrun", "bucketed") if side in ms] or ["seqrun"]  # missed: the row stays
        for side in ours:
            gained = "" if side == "seqrun" else f", {side}: {ratio(ms['seqrun'], ms[side])} as fast as not"
            shown = [spread(ms[each], 2) if each in ms else "" for each in (*others, side, *floor)]
            against = []
            for what in compared:
                other = rival(result.taken, what)
                known = other is not None and side in ms
                against.append(ratio(ms[other], ms[side], targets.get(what)) if known else "")
            rows.append([title(result) + gained, result.date, *shown, *against])
    header = ["ms a step", "measured", *(LABELS[side] for side in (*others, "seqrun", *floor))]
    header += [f"{LABELS.get(what, what)} / seqrun" for what in compared]
    return ["### A training step", "", *table(header, rows), *_under(results, device), *_missed(results)]


def _under(results: Iterable[Result], device: str) -> list[str]:
    """Return a line on how many cases are under their targets."""
    lines = []
    for what in (FIT, PYTORCH, BEST_PYTORCH):
        found = {}
        for result in results:
            target, other = CASES[result.part].target(device).get(what), rival(result.taken, what)
            ms = result.taken["ms"]
            if target is not None and other is not None and "seqrun" in ms:
                found[result.part] = np.median(ratios(ms[other], ms["seqrun"])) < target
        under = [part for part, is_under in found.items() if is_under]
        if found:
            names = f": {', '.join(under)}" if under else ""
            lines.append(
                f"Under the target against {LABELS.get(what, what)}: {len(under)} of {len(found)} cases{names}."
            )
    return [" ".join(lines), ""] if lines else []


def _missed(results: Iterable[Result]) -> list[str]:
    """Return what was not measured, or not whole, and why."""
    told = [
        f"- {result.part}, {LABELS.get(side, side)}: {why}"
        for result in results
        for side, why in result.taken.get("missed", {}).items()
    ]
    return ["Not measured, or cut short:", "", *told, ""] if told else []


def precision_table(results: Sequence[Result]) -> list[str]:
    """Return the table of steps in 16 bits, beside 32."""
    sides = ("pytorch fused", *SIXTEEN[:2], "seqrun", *SIXTEEN[2:])
    rows = [
        [title(result), *(spread(ms[side], 2) if side in ms else "" for side in sides)]
        for result in results
        if any(side in (ms := result.taken["ms"]) for side in SIXTEEN)
    ]
    return ["### 16 bits, ms a step", "", *table(["", *(LABELS[side] for side in sides)], rows)] if rows else []


def peaks_table(results: Sequence[Result], device: str) -> list[str]:
    """Return the table of the peaks of memory of each side."""
    sides = [side for side in LABELS if any(side in result.taken["mb"] for result in results) and side != "products"]
    rows = [
        [title(result), *(f"{mb[side]:,.0f}" if side in mb else "" for side in sides)]
        for result in results
        if (mb := result.taken["mb"])
    ]
    where = "of the process" if device == "cpu" else "of the GPU, what tensors held"
    heading = f"### Peak memory {where}, while steps are timed, in MB"
    return [heading, "", *table(["", *(LABELS[side] for side in sides)], rows)] if rows else []


def growth_table(growth: dict[str, Any]) -> list[str]:
    """Return a table for each thing that grows, and what was missed."""
    lines = ["### The LSTM as batch, length or units grow, in samples a second", ""]
    for what, points in ((what, points) for what, points in growth.items() if what != "missed" and points):
        sides = [side for side in LABELS if any(side in speeds for speeds in points.values())]
        others = [side for side in sides if side != "seqrun"]
        rows = [
            [size, *(f"{np.median(speeds[side]):,.0f}" if side in speeds else "" for side in sides),
             *(ratio(speeds["seqrun"], speeds[side]) if {side, "seqrun"} <= {*speeds} else "" for side in others)]
            for size, speeds in points.items()
        ]  # fmt: skip
        header = [what, *(LABELS[side] for side in sides), *(f"seqrun / {LABELS[side]}" for side in others)]
        lines += table(header, rows)
    missed = [f"- {point}: {why}" for point, why in growth.get("missed", {}).items()]
    return lines + (["Not measured, or cut short:", "", *missed, ""] if missed else [])


def job_table(job: dict[str, Any]) -> list[str]:
    """Return the table of the whole job."""
    plain, ours = job["plain"], job["seqrun"]
    kinds = (("seconds", "wall time, s", 1), ("mb", "peak memory, MB", 0))
    rows = [
        [name, spread(plain[kind], digits), spread(ours[kind], digits), ratio(plain[kind], ours[kind])]
        for kind, name, digits in kinds
        if plain[kind]  # memory was not always measured rightly
    ]
    heading = f"### The whole `imdb_lstm` job, {job['epochs']} epochs, from the shell to the finished folder"
    return [heading, "", *table(["", "plain script", "seqrun", "plain / seqrun"], rows)]


def memory_table(memory: dict[str, list[float]]) -> list[str]:
    """Return the table of a run's commands, each beside its training's peak."""
    training = next(iter(memory.values()))
    rows = [[f"`{name}`", spread(mb, 0), f"{np.median(mb) / np.median(training):.2f}"] for name, mb in memory.items()]
    heading = "### Peak memory of the commands of a run, `imdb_lstm`'s network on a file of texts"
    return [heading, "", *table(["command", "MB", "of training's"], rows)]


def startup_table(startup: dict[str, list[float]]) -> list[str]:
    """Return the table of commands' seconds."""
    rows = [[f"`{name}`", spread(seconds, 2)] for name, seconds in startup.items()]
    return ["### From the shell to the end of a command, in seconds", "", *table(["command", "s"], rows)]


WHOLE = {"growth": growth_table, "job": job_table, "memory": memory_table, "startup": startup_table}


def device_of(setting: Setting) -> str:
    """Return `cpu` or `gpu`."""
    return "cpu" if setting.machine["device"] == "CPU" else "gpu"


def tables(setting: Setting) -> list[str]:
    """Return all tables of a setting, below lines on the machine, on when it was measured and on what was not."""
    device, machine = device_of(setting), setting.machine
    dates = sorted({result.date for result in setting.results})
    facts = "; ".join(f"{name} {value}" for name, value in machine.items() if name != "device")
    when = dates[0] if len(dates) == 1 else f"{dates[0]} to {dates[-1]}"
    lines = [f"Measured {when}: {facts}. Medians, and quartiles in brackets, of interleaved rounds.", ""]
    if lacking := setting.lacks(DEFAULT[device]):
        lines += [f"Not measured under these conditions: {', '.join(lacking)}.", ""]
    if results := [result for part in CASES for result in setting.of(part)]:
        lines += steps_table(results, device) + precision_table(results) + peaks_table(results, device)
    for part, made in WHOLE.items():
        for result in setting.of(part):
            lines += made(result.taken)
    return lines


def markdown(kept: Kept, plots: bool = False) -> str:
    """Return all tables: of each device the newest conditions under which most cases were measured, then the others."""
    settings = kept.ordered(CASES)
    first = [next((each for each in settings if device_of(each) == device), None) for device in ("cpu", "gpu")]
    lines = []
    for setting in filter(None, first):
        lines += [f"## Results: {setting.machine['device']}", ""]
        lines += [f"![]({plot_of(setting)})", ""] if plots else []
        lines += tables(setting)
    others = [setting for setting in settings if not any(setting is each for each in first)]
    lines += ["## Results under other conditions", ""] if others else []
    for setting in others:
        lines += [f"**{setting.machine['device']}, {setting.newest}**", "", *tables(setting)]
    return "\n".join(lines).rstrip() + "\n"


def plot_of(setting: Setting) -> str:
    """Return the name of a setting's plot."""
    return {"cpu": "results.png", "gpu": "results_gpu.png"}[device_of(setting)]


def write(kept: Kept, folder: Path) -> None:
    """Write a plot for each device, and the tables between the markers of README.md, which is made if there is none."""
    shown: set[str] = set()
    for setting in kept.ordered(CASES):
        if (name := plot_of(setting)) not in shown:
            shown.add(name)
            figure(setting).savefig(folder / name)
    readme = folder / "README.md"
    text = readme.read_text("utf-8") if readme.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n\n{markdown(kept, plots=True)}\n{END}{after}", "utf-8")
