"""The results as they are shown: tables in Markdown, and a plot."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cases import CASES
from seqrun.training.figures import BLUE, INK, QUIET, VERMILLION, legend, new_figure, note, style

OTHERS, OURS = ("fit", "pytorch", "pytorch fused"), ("seqrun", "bucketed")
LABELS = {
    "fit": "Keras fit",
    "pytorch": "PyTorch",
    "pytorch fused": "PyTorch, fused Adam",
    "seqrun": "seqrun",
}
COLOURS = {"fit": QUIET, "pytorch": VERMILLION, "pytorch fused": "#E8A87C", "seqrun": BLUE}
BEGIN, END = "<!-- results -->", "<!-- end of results -->"


def spread(values: Sequence[float], digits: int = 1) -> str:
    """The median, and the quartiles behind it."""
    low, middle, high = np.percentile(values, [25, 50, 75])
    return f"{middle:.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def ratio(slow: Sequence[float], fast: Sequence[float]) -> str:
    """How many times as long the first takes: of each round, the median and the quartiles."""
    return f"{spread(np.divide(slow, fast), 2)}x"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    return ["| " + " | ".join(row) + " |" for row in (header, ["---"] * len(header), *rows)] + [""]


def steps_table(steps: dict[str, dict[str, list[float]]]) -> list[str]:
    rows = []
    for name in (name for name in CASES if name in steps):
        ms = steps[name]
        for side in (side for side in OURS if side in ms):
            shown = [spread(ms[each]) if each in ms else "" for each in (*OTHERS, side, "products")]
            against = [ratio(ms[other], ms[side]) if other in ms else "" for other in OTHERS]
            gained = "" if side == "seqrun" else f", {side}: {ratio(ms['seqrun'], ms[side])} as fast as not"
            rows.append([CASES[name].title + gained, *shown, *against])
    others = [LABELS[other] for other in OTHERS]
    header = ["ms a step", *others, "seqrun", "products alone", *(f"{other} / seqrun" for other in others)]
    return ["### A training step", "", *table(header, rows)]


def growth_table(growth: dict[str, dict[str, dict[str, list[float]]]]) -> list[str]:
    lines = ["### The LSTM as batch and length grow, in samples a second", ""]
    for what, points in growth.items():
        rows = [
            [size, *(f"{np.median(speeds[side]):,.0f}" for side in ("fit", "pytorch", "seqrun")),
             *(ratio(speeds["seqrun"], speeds[side]) for side in ("fit", "pytorch"))]
            for size, speeds in points.items()
        ]  # fmt: skip
        lines += table([what, "Keras `fit`", "PyTorch", "seqrun", "seqrun / `fit`", "seqrun / PyTorch"], rows)
    return lines


def job_table(job: dict[str, Any]) -> list[str]:
    plain, ours = job["plain"], job["seqrun"]
    rows = [
        ["wall time, s", spread(plain["seconds"]), spread(ours["seconds"]), ratio(plain["seconds"], ours["seconds"])],
        ["peak memory, MB", spread(plain["mb"], 0), spread(ours["mb"], 0), ratio(plain["mb"], ours["mb"])],
    ]
    title = f"### The whole `imdb_lstm` job, {job['epochs']} epochs, from the shell to the finished folder"
    return [title, "", *table(["", "plain script", "seqrun", "plain / seqrun"], rows)]


def startup_table(startup: dict[str, list[float]]) -> list[str]:
    rows = [[f"`{name}`", spread(seconds, 2)] for name, seconds in startup.items()]
    return ["### From the shell to the end of a command, in seconds", "", *table(["command", "s"], rows)]


PARTS = {"steps": steps_table, "growth": growth_table, "job": job_table, "startup": startup_table}


def markdown(results: dict[str, Any]) -> str:
    """All tables, below a line on the machine."""
    facts = "; ".join(f"{name} {value}" for name, value in results["machine"].items())
    lines = [f"Measured {results['date']}: {facts}. Medians, and quartiles in brackets, of interleaved rounds.", ""]
    for part, tables in PARTS.items():
        if part in results:
            lines += tables(results[part])
    return "\n".join(lines).rstrip() + "\n"


def figure(results: dict[str, Any]):
    """Bars of the steps, and curves of the growth."""
    drawn = new_figure(10.5, 6.4)
    axes = drawn.subplot_mosaic([["steps"] * 2, ["batch", "length"]], height_ratios=(1.25, 1))
    _bars(axes["steps"], results.get("steps", {}))
    for what in ("batch", "length"):
        _curves(axes[what], what, results.get("growth", {}).get(what, {}))
    return drawn


def _bars(axes, steps: dict[str, dict[str, list[float]]]) -> None:
    names = [name for name in CASES if "fit" in steps.get(name, ())]
    for number, name in enumerate(names):
        medians = {side: np.median(ms) for side, ms in steps[name].items()}
        sides = [side for side in COLOURS if side in medians]
        for place, side in enumerate(sides):
            x = number + (place - (len(sides) - 1) / 2) * 0.18
            height = medians["fit"] / medians[side]
            axes.bar(x, height, 0.17, color=COLOURS[side], label=LABELS[side] if name == names[-1] else None)
            label = f"{medians[side]:.3g}"
            axes.annotate(label, (x, height), (0, 2), textcoords="offset points", ha="center", fontsize=6.5, color=INK)
    axes.axhline(1, color=QUIET, linewidth=0.8)
    axes.set_ylim(0, 1.2 * axes.get_ylim()[1])  # room for the legend
    axes.set_xticks(range(len(names)), [name.replace("_", "\n") for name in names])
    style(axes, title="A training step: speed against Keras' fit (figures: ms a step)", y="times as fast as fit")
    axes.grid(visible=False, axis="x")
    if names:
        legend(axes, loc="upper left", ncols=5)


def _curves(axes, what: str, points: dict[str, dict[str, list[float]]]) -> None:
    unit = "samples" if what == "batch" else "steps"
    style(axes, title=f"The LSTM as its {what} grows", x=f"{what} ({unit})", y="samples a second")
    if not points:
        note(axes, "not measured")
        return
    sizes = [int(size) for size in points]
    for side in ("fit", "pytorch", "seqrun"):
        low, middle, high = np.array([np.percentile(speeds[side], [25, 50, 75]) for speeds in points.values()]).T
        axes.plot(sizes, middle, "o-", color=COLOURS[side], markersize=3.5, linewidth=1.4, label=LABELS[side])
        axes.fill_between(sizes, low, high, color=COLOURS[side], alpha=0.2, linewidth=0)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    axes.set_xticks(sizes, map(str, sizes))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.yaxis.set_minor_formatter("")
    legend(axes)


def write(results: dict[str, Any], folder: Path) -> None:
    """The plot `results.png`, and the tables between the markers of README.md, which is made if there is none."""
    figure(results).savefig(folder / "results.png")
    readme = folder / "README.md"
    text = readme.read_text("utf-8") if readme.exists() else f"# Benchmarks\n\n{BEGIN}\n{END}\n"
    before, _, rest = text.partition(BEGIN)
    after = rest.partition(END)[2]
    readme.write_text(f"{before}{BEGIN}\n\n![](results.png)\n\n{markdown(results)}\n{END}{after}", "utf-8")
